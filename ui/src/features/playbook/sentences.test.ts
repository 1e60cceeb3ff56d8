import { describe, expect, it } from "vitest";
import type { AffectedService } from "@/lib/generated/api";
import { summary } from "./sentences";

function service(up: boolean | null, reproving: boolean): AffectedService {
  return {
    service: { id: "s", name: "s" },
    from: "Ready",
    to: "Done",
    up,
    reproving,
    passed: [1, 1],
    counted: [2, 2],
    why: [],
  };
}

describe("what an adoption would do", () => {
  const trial = (services: number, affected: AffectedService[]) =>
    summary({ faults: [], version: 2, differences: [], services, affected });

  it("is said in one sentence", () => {
    expect(trial(0, [])).toBe("No service is in scope, so nobody would move.");
    expect(trial(1, [])).toBe("Nobody would move: the one service in scope stays where it is.");
    expect(trial(17, [])).toBe("Nobody would move: all 17 services in scope stay where they are.");
    expect(trial(17, [service(true, false)])).toBe(
      "Of 17 services in scope, 1 would climb; 16 stay as they are.",
    );
    expect(
      trial(5, [
        service(null, true),
        service(false, true),
        service(null, true),
        service(null, false),
      ]),
    ).toBe(
      "Of 5 services in scope, 1 would fall, 2 would be re-proving and 1 would be re-proving no more; 1 stays as it is.",
    );
    expect(trial(1, [service(true, false)])).toBe(
      "Of 1 service in scope, 1 would climb; nobody stays as it is.",
    );
  });
});
