import { describe, expect, it } from "vitest";
import type { MoverRow, Stand } from "@/lib/generated/api";
import { direction, signed, strongest } from "./movers";

const stand = (number: number, passed: number): Stand => ({
  stage: number === 0 ? null : `s${number}`,
  title: `Stage ${number}`,
  number,
  scope: "in",
  blocked: false,
  passed,
  counted: 40,
});
const mover = (name: string, from: [number, number] | null, to: [number, number]): MoverRow => ({
  service: { id: name, name },
  from: from ? stand(...from) : null,
  to: stand(...to),
  passed_difference: to[1] - (from?.[1] ?? 0),
});

describe("movers", () => {
  it("climb, fall or keep their stage", () => {
    expect(direction(mover("a", [1, 3], [2, 5]))).toBe("up");
    expect(direction(mover("a", [2, 5], [1, 3]))).toBe("down");
    expect(direction(mover("a", [2, 5], [2, 7]))).toBe("same");
    expect(direction(mover("a", null, [1, 3]))).toBe("up");
    expect(direction(mover("a", null, [0, 0]))).toBe("same");
  });

  it("say their difference with a sign", () => {
    expect([3, 0, -2].map(signed)).toEqual(["+3", "±0", "−2"]);
  });

  it("stand by the size of their move, falls first", () => {
    const list = [
      mover("few", [1, 3], [1, 4]),
      mover("climb", [1, 3], [2, 6]),
      mover("many", [1, 3], [1, 9]),
      mover("fall", [2, 6], [1, 3]),
      mover("far", [0, 0], [4, 20]),
    ];
    expect(strongest(list).map(({ service }) => service.name)).toEqual([
      "far",
      "fall",
      "climb",
      "many",
      "few",
    ]);
  });
});
