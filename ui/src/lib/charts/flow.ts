import { area, stack } from "d3-shape";
import type { Flow } from "@/lib/generated/api";
import { linear, wholeTicks } from "./scale";

/** Room around the drawing; the right margin holds the labels. */
export const MARGIN = { top: 22, right: 132, bottom: 22, left: 30 };
const LABEL_HEIGHT = 15;

/** One stage's band. */
export interface Band {
  stage: string;
  path: string;
  /** Services in it today. */
  today: number;
  /** Where its label stands. */
  labelY: number;
  /** Where the band ends on today's line; the label's leader starts here. */
  endY: number;
}

/** Everything the drawing needs, as numbers and paths. */
export interface FlowDrawing {
  bands: Band[];
  xTicks: { x: number; date: string }[];
  yTicks: { y: number; value: number }[];
  /** One a day; `label` is empty where it would run into another one. */
  marks: { x: number; label: string; whole: string; end: boolean }[];
  todayX: number;
  total: number;
}

/** Keeps labels apart: each at least one line below the one before, none outside the drawing. */
export function spread(wanted: readonly number[], lowest: number, gap: number): number[] {
  const placed: number[] = [];
  for (const [index, position] of wanted.entries()) {
    const before = placed[index - 1];
    placed.push(before === undefined ? position : Math.max(position, before + gap));
  }
  for (let index = placed.length - 1; index >= 0; index--) {
    const after = placed[index + 1];
    const limit = after === undefined ? lowest : after - gap;
    placed[index] = Math.min(placed[index] ?? limit, limit);
  }
  return placed;
}

/**
 * Stacks the stages: the last stage lies at the bottom, so that what is done grows from the ground
 * and what has not started melts away at the top.
 */
export function drawFlow(flow: Flow, width: number, height: number): FlowDrawing {
  const days = flow.days;
  const last = Math.max(1, days.length - 1);
  const top = Math.max(1, ...days.map((day) => day.here.reduce((sum, here) => sum + here, 0)));
  const x = linear([0, last], [MARGIN.left, width - MARGIN.right]);
  const y = linear([0, top], [height - MARGIN.bottom, MARGIN.top]);
  const order = flow.stages.map((_, index) => index).reverse();

  const layers = stack<unknown, (typeof days)[number], number>()
    .keys(order)
    .value((day, index) => day.here[index] ?? 0)([...days]);
  const path = area<(typeof layers)[number][number]>()
    .x((_, index) => x(index))
    .y0(([bottom]) => y(bottom))
    .y1(([, upper]) => y(upper));

  // From top to bottom of the drawing, so that labels can be spread in reading order.
  const bands = [...layers].reverse().map((layer): Band => {
    const [bottom = 0, upper = 0] = layer.at(-1) ?? [];
    const endY = (y(bottom) + y(upper)) / 2;
    return {
      stage: flow.stages[layer.key] ?? "",
      path: path(layer) ?? "",
      today: upper - bottom,
      endY,
      labelY: endY,
    };
  });
  const labelled = bands.filter((band) => band.today > 0);
  const places = spread(
    labelled.map((band) => band.endY),
    height - MARGIN.bottom - 4,
    LABEL_HEIGHT,
  );
  for (const [index, band] of labelled.entries()) band.labelY = places[index] ?? band.endY;

  const dayAt = new Map(days.map((day, index) => [day.date, index]));
  return {
    bands,
    total: top,
    todayX: x(last),
    xTicks: weekly(days.length).map((index) => ({ x: x(index), date: days[index]?.date ?? "" })),
    yTicks: wholeTicks(top, 4).map((value) => ({ y: y(value), value })),
    marks: remarks(flow)
      .flatMap(({ date, labels }) => {
        const index = dayAt.get(date);
        // A label in the right half runs to the left of its line, so that it stays inside.
        return index === undefined ? [] : [{ x: x(index), labels, end: index > last / 2 }];
      })
      .reduce(apart, []),
  };
}

interface Remark {
  date: string;
  labels: string[];
}

/** What is remarked on each day, oldest first. */
function remarks(flow: Flow): Remark[] {
  const days = new Map<string, string[]>();
  for (const { date, label } of flow.marks) days.set(date, [...(days.get(date) ?? []), label]);
  return [...days]
    .map(([date, labels]) => ({ date, labels }))
    .sort((one, other) => one.date.localeCompare(other.date));
}

/** Most characters of a mark's label, and how wide one is about. */
const LABEL_LENGTH = 40;
const CHARACTER = 6;

/** Puts a mark behind the others; its label gives way where it would run into theirs. */
function apart(
  placed: FlowDrawing["marks"],
  { x, labels, end }: { x: number; labels: string[]; end: boolean },
): FlowDrawing["marks"] {
  const more = labels.length > 1 ? ` and ${labels.length - 1} more` : "";
  const label = `${labels[0] ?? ""}${more}`;
  const reach = (mark: { x: number; label: string; end: boolean }): [number, number] => {
    const width = Math.min(mark.label.length, LABEL_LENGTH) * CHARACTER + 8;
    return mark.end ? [mark.x - width, mark.x] : [mark.x, mark.x + width];
  };
  const [from, to] = reach({ x, label, end });
  const taken = placed.some((mark) => {
    const [start, stop] = reach(mark);
    return mark.label !== "" && start < to && from < stop;
  });
  return [...placed, { x, label: taken ? "" : label, whole: labels.join("; "), end }];
}

/** At most about six days, evenly apart, counted back from today. */
function weekly(days: number): number[] {
  const step = Math.max(1, Math.ceil(days / 6 / 7) * 7);
  const ticks: number[] = [];
  for (let index = days - 1; index >= 0; index -= days <= 8 ? 1 : step) ticks.unshift(index);
  return ticks;
}

/** Class of a stage's colour: an ordered ramp before the done stage, its own pair from there on. */
export function seriesClass(stages: readonly string[], stage: string, doneStage: string): string {
  const index = stages.indexOf(stage);
  const done = stages.indexOf(doneStage);
  if (index <= 0) return "series-none";
  if (done > 0 && index >= done) return index === done ? "series-done-1" : "series-done-2";
  const before = Math.max(1, (done > 0 ? done : stages.length) - 1);
  return `series-${1 + Math.min(4, Math.floor(((index - 1) * 5) / before))}`;
}
