import { describe, expect, it } from "vitest";
import { parseHash } from "@/lib/state/router.svelte";
import { inView } from "./inView";

describe("what is in view", () => {
  const check = (hash: string, expected: object) =>
    expect(inView(parseHash(hash)), hash).toEqual(expected);

  it("is the service, its check, or the sprint", () => {
    check("#/service/s1", { service: "s1" });
    check("#/service/s1?check=CD-09", { service: "s1", check: "CD-09" });
    check("#/heatmap?evidence=s1%2FCD-09", { service: "s1", check: "CD-09" });
    check("#/sprint?sprint=x", { sprint: "x" });
    check("#/sprint", {});
    check("#/progress?sprint=x", {});
  });
});
