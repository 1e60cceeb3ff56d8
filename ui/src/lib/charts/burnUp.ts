import { area, curveStepAfter, line } from "d3-shape";
import { addDays, daysBetween } from "@/lib/format/time";
import type { BurnUpDay } from "@/lib/generated/api";
import { spread } from "./flow";
import { linear, wholeTicks } from "./scale";

/** Room around the drawing; the right margin holds labels of the last day. */
export const BURN_MARGIN = { top: 22, right: 96, bottom: 22, left: 30 };
const LABEL_HEIGHT = 15;
/** Least room of one day's name. */
const TICK_WIDTH = 52;

/** A label that stands where its line ends. */
export interface BurnLabel {
  value: number;
  y: number;
}

/** Everything the drawing needs, as numbers and paths. */
export interface BurnUpDrawing {
  scope: string;
  reached: string;
  reachedArea: string;
  scopeLabel: BurnLabel;
  reachedLabel: BurnLabel;
  /** Where the lines end: the end of the last day that is told. */
  endX: number;
  /** Where the plan ends. */
  planX: number;
  xTicks: { x: number; date: string }[];
  yTicks: { y: number; value: number }[];
}

/**
 * Scope and result of a sprint as steps. Each day is as wide as the next one and its value stands
 * over its whole width, so that a sprint's first day shows a line already. The axis goes to the
 * last planned day, or beyond it where the sprint does.
 */
export function drawBurnUp(
  days: readonly BurnUpDay[],
  plan: { first: string; last: string },
  width: number,
  height: number,
): BurnUpDrawing {
  const planned = daysBetween(plan.first, plan.last) + 1;
  const all = Math.max(1, planned, days.length);
  const top = Math.max(1, ...days.map(({ scope, reached }) => Math.max(scope, reached)));
  const x = linear([0, all], [BURN_MARGIN.left, width - BURN_MARGIN.right]);
  const y = linear([0, top], [height - BURN_MARGIN.bottom, BURN_MARGIN.top]);
  const last = days.at(-1);
  // The last day once more, at its end: a step needs a place to go to.
  const ends = last ? [...days, last] : [];
  const steps = (value: (day: BurnUpDay) => number) =>
    line<BurnUpDay>()
      .x((_, index) => x(index))
      .y((day) => y(value(day)))
      .curve(curveStepAfter)(ends) ?? "";
  const under = area<BurnUpDay>()
    .x((_, index) => x(index))
    .y0(y(0))
    .y1((day) => y(day.reached))
    .curve(curveStepAfter);
  const values = { scope: last?.scope ?? 0, reached: last?.reached ?? 0 };
  const [scopeY = 0, reachedY = 0] = spread(
    [y(values.scope), y(values.reached)],
    height - BURN_MARGIN.bottom - 4,
    LABEL_HEIGHT,
  );
  const every = Math.max(1, Math.ceil((all * TICK_WIDTH) / (x(all) - x(0))));
  return {
    scope: steps((day) => day.scope),
    reached: steps((day) => day.reached),
    reachedArea: under(ends) ?? "",
    scopeLabel: { value: values.scope, y: scopeY },
    reachedLabel: { value: values.reached, y: reachedY },
    endX: x(days.length),
    planX: x(planned),
    xTicks: Array.from({ length: all }, (_, index) => index)
      .filter((index) => index % every === 0)
      .map((index) => ({ x: x(index + 0.5), date: addDays(plan.first, index) })),
    yTicks: wholeTicks(top, 4).map((value) => ({ y: y(value), value })),
  };
}
