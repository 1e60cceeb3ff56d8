import { describe, expect, it } from "vitest";
import { progress } from "@/lib/testing/fixtures";
import { drawFlow, MARGIN, seriesClass, spread } from "./flow";
import { linear, wholeTicks } from "./scale";

describe("scale", () => {
  it("is proportional, and safe on an empty domain", () => {
    expect(linear([0, 10], [100, 0])(5)).toBe(50);
    expect(linear([3, 3], [0, 10])(3)).toBe(0);
  });

  it("ticks on whole round numbers", () => {
    expect(wholeTicks(17, 4)).toEqual([0, 5, 10, 15]);
    expect(wholeTicks(2, 4)).toEqual([0, 1, 2]);
    expect(wholeTicks(500, 4)).toEqual([0, 200, 400]);
    expect(wholeTicks(0, 4)).toEqual([0]);
  });
});

describe("spread", () => {
  it("keeps labels apart and inside", () => {
    const placed = spread([10, 12, 90, 99], 100, 15);
    expect(placed).toEqual([10, 25, 85, 100]);
    expect(spread([], 100, 15)).toEqual([]);
  });
});

describe("drawFlow", () => {
  const { flow } = progress();
  const WIDTH = 400;
  const HEIGHT = 200;
  const drawing = drawFlow(flow, WIDTH, HEIGHT);

  it("stacks to the total, what is done at the bottom", () => {
    expect(drawing.total).toBe(6);
    expect(drawing.bands.map(({ stage }) => stage)).toEqual([
      "none",
      "discovered",
      "assessed",
      "live",
    ]);
    expect(drawing.bands.map(({ today }) => today)).toEqual([0, 1, 2, 3]);
    const live = drawing.bands.at(-1);
    // Three of six services: the lower half of the drawing, its middle at three quarters.
    const height = HEIGHT - MARGIN.top - MARGIN.bottom;
    expect(live?.endY).toBeCloseTo(MARGIN.top + height * 0.75);
  });

  it("draws paths from the left margin to today's line", () => {
    expect(drawing.todayX).toBe(WIDTH - MARGIN.right);
    for (const { path } of drawing.bands) {
      expect(path).toMatch(/^M30,[\d.]+L149,[\d.]+L268,/);
      expect(path).not.toContain("NaN");
    }
  });

  it("puts marks on their day and drops days outside", () => {
    const label = "Playbook version 2";
    expect(drawing.marks).toEqual([{ x: 149, label, whole: label, end: false }]);
    const outside = drawFlow({ ...flow, marks: [{ date: "2020-01-01", label: "x" }] }, 400, 200);
    expect(outside.marks).toEqual([]);
  });

  it("gathers the marks of a day and keeps labels apart", () => {
    const days = Array.from({ length: 21 }, (_, day) => ({
      date: `2026-11-${String(day + 1).padStart(2, "0")}`,
      here: [1, 0, 0, 0],
    }));
    const marks = [
      { date: "2026-11-03", label: "Playbook 2 adopted" },
      { date: "2026-11-03", label: "Playbook 3 adopted" },
      { date: "2026-11-04", label: "Playbook 4 adopted" },
      { date: "2026-11-21", label: "Playbook 5 adopted" },
    ];
    const drawn = drawFlow({ ...flow, days, marks }, 800, 200).marks;
    expect(drawn.map(({ label }) => label)).toEqual([
      "Playbook 2 adopted and 1 more",
      "",
      "Playbook 5 adopted",
    ]);
    expect(drawn[0]?.whole).toBe("Playbook 2 adopted; Playbook 3 adopted");
    // Alone, the label that gave way is there.
    const alone = drawFlow({ ...flow, days, marks: marks.slice(2) }, 800, 200).marks;
    expect(alone[0]?.label).toBe("Playbook 4 adopted");
  });

  it("survives one day and none", () => {
    for (const days of [[], flow.days.slice(0, 1)]) {
      const small = drawFlow({ ...flow, days }, 400, 200);
      expect(JSON.stringify(small)).not.toContain("null");
    }
  });
});

describe("seriesClass", () => {
  it("ramps up to the done stage and changes hue there", () => {
    const stages = ["none", "a", "b", "c", "d", "e", "live", "finished"];
    expect(stages.map((stage) => seriesClass(stages, stage, "live"))).toEqual([
      "series-none",
      "series-1",
      "series-2",
      "series-3",
      "series-4",
      "series-5",
      "series-done-1",
      "series-done-2",
    ]);
    expect(seriesClass(["none", "a"], "a", "gone")).toBe("series-1");
  });
});
