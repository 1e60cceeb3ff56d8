import { screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Transfer from "./Transfer.svelte";

function show(names: string[]) {
  const ratio = { alone: 1, all: 2, alone_with_unconfirmed: 1, all_with_unconfirmed: 2 };
  const thin = [{ skill: "cutover", title: "Cut-over", held_by: 1, names }];
  const transfer = { independence: ratio, unaided: 0, truck_factor: 1, thin, sprints: [] };
  draw(new TestPlatform({ session: () => session() }), Transfer, { transfer });
  return screen.findByTestId(testids.transfer);
}

describe("Independence on Progress", () => {
  it("counts, and names nobody unless the programme says so", async () => {
    const told = await show([]);
    expect(told).toHaveTextContent("Held by fewer than two: Cut-over 1");
    expect(told).not.toHaveTextContent("(Ada");
  });

  it("names who holds a skill where it may, with what is hidden made visible", async () => {
    expect(await show(["Ada", "E\u202eve"])).toHaveTextContent("Cut-over 1 (Ada, E⟨U+202E⟩ve)");
  });
});
