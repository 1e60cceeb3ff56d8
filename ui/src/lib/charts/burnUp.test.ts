import { describe, expect, it } from "vitest";
import { BURN_MARGIN, drawBurnUp } from "./burnUp";

const PLAN = { first: "2026-11-23", last: "2026-11-27" };
// Five days of 100 each, and ten services of 10 each.
const WIDTH = BURN_MARGIN.left + 500 + BURN_MARGIN.right;
const HEIGHT = BURN_MARGIN.top + 100 + BURN_MARGIN.bottom;
const day = (number: number, scope: number, reached: number) => ({
  date: `2026-11-${22 + number}`,
  scope,
  reached,
});
const at = (days: number) => BURN_MARGIN.left + days * 100;

/** The corners of a path, as days from the left and services from the ground. */
function corners(path: string, top: number): [number, number][] {
  return [...path.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [
    (Number(x) - BURN_MARGIN.left) / 100,
    ((HEIGHT - BURN_MARGIN.bottom - Number(y)) / 100) * top,
  ]);
}

describe("the burn-up", () => {
  it("draws each day over its whole width, as steps", () => {
    const drawing = drawBurnUp([day(1, 8, 0), day(2, 10, 3)], PLAN, WIDTH, HEIGHT);
    const steps = [
      [0, 8],
      [1, 8],
      [1, 10],
      [2, 10],
      [2, 10],
    ];
    expect(corners(drawing.scope, 10)).toEqual(steps);
    expect(corners(drawing.reached, 10).map(([, y]) => Math.round(y))).toEqual([0, 0, 3, 3, 3]);
    expect(drawing.endX).toBe(at(2));
    expect(drawing.planX).toBe(at(5));
  });

  it("shows a line on the first day", () => {
    const drawing = drawBurnUp([day(1, 4, 1)], PLAN, WIDTH, HEIGHT);
    expect(corners(drawing.scope, 4)[0]).toEqual([0, 4]);
    expect(drawing.endX).toBe(at(1));
  });

  it("keeps its labels apart where the lines meet", () => {
    const drawing = drawBurnUp([day(1, 4, 4)], PLAN, WIDTH, HEIGHT);
    expect(drawing.reachedLabel.y - drawing.scopeLabel.y).toBeGreaterThanOrEqual(15);
  });

  it("grows beyond the plan where the sprint does", () => {
    const days = [1, 2, 3, 4, 5, 6, 7].map((number) => day(number, 4, 1));
    const drawing = drawBurnUp(days, PLAN, WIDTH, HEIGHT);
    expect(drawing.endX).toBe(WIDTH - BURN_MARGIN.right);
    expect(drawing.planX).toBeLessThan(drawing.endX);
  });

  it("names as many days as there is room for", () => {
    const dates = (width: number) =>
      drawBurnUp([day(1, 1, 0)], PLAN, width, HEIGHT).xTicks.map(({ date }) => date);
    expect(dates(WIDTH)).toHaveLength(5);
    expect(dates(BURN_MARGIN.left + 120 + BURN_MARGIN.right)).toEqual(["2026-11-23", "2026-11-26"]);
  });

  it("is empty where nothing is told", () => {
    expect(drawBurnUp([], PLAN, WIDTH, HEIGHT).scope).toBe("");
  });
});
