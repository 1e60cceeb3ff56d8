import { area, curveStepAfter, line } from "d3-shape";
import { addDays, daysBetween } from "@/lib/format/time";
import type { OutlookView } from "@/lib/generated/api";
import { spread } from "./flow";
import { linear, wholeTicks } from "./scale";

/** Room around the drawing; the right margin holds the labels of lines that end there. */
export const OUTLOOK_MARGIN = { top: 24, right: 84, bottom: 22, left: 30 };
const LABEL_HEIGHT = 14;
/** Past days that are drawn at most, as a multiple of the days to come, and at least. */
const PAST_SHARE = 1.2;
const LEAST_PAST = 28;

/** Everything the drawing needs, as numbers and paths. */
export interface OutlookDrawing {
  scope: string;
  done: string;
  doneArea: string;
  /** From 50 to 95 %, and from 70 to 85 % within. */
  outer: string;
  inner: string;
  even: string;
  likely: string;
  /** 85 % if scope keeps growing; nothing where that is not told. */
  growing: string;
  todayX: number;
  deadlineX: number | undefined;
  /** Where the lines at 50 and 85 % end, with what they say. */
  labels: { text: string; y: number; date: string | null }[];
  xTicks: { x: number; date: string }[];
  yTicks: { y: number; value: number }[];
}

/**
 * Scope and done at the close of each day, and how many will be done by days to come. A day is as
 * wide as the next; the fan starts at what is done today.
 */
export function drawOutlook(view: OutlookView, width: number, height: number): OutlookDrawing {
  const ahead = view.fan.at(-1)?.date;
  const today = view.burn_up.at(-1)?.date ?? "2026-01-01";
  const end = [ahead, today, view.deadline?.date].reduce<string>(
    (latest, day) => (day && day > latest && daysBetween(today, day) < 400 ? day : latest),
    today,
  );
  const future = Math.max(0, daysBetween(today, end));
  const past = Math.max(LEAST_PAST, Math.round(future * PAST_SHARE));
  const burn = view.burn_up.slice(-past);
  const start = burn[0]?.date ?? today;
  const right = width - OUTLOOK_MARGIN.right;
  const bottom = height - OUTLOOK_MARGIN.bottom;
  const top = Math.max(1, ...burn.map(({ scope }) => scope), view.scope);
  const x = linear([0, Math.max(1, daysBetween(start, end))], [OUTLOOK_MARGIN.left, right]);
  const y = linear([0, top], [bottom, OUTLOOK_MARGIN.top]);
  const at = (day: string) => x(daysBetween(start, day));
  const steps = (value: (day: (typeof burn)[number]) => number) =>
    line<(typeof burn)[number]>()
      .x(({ date }) => at(date))
      .y((day) => y(value(day)))
      .curve(curveStepAfter)(burn) ?? "";
  const doneNow = view.scope - view.remaining;
  const begin = {
    date: today,
    done: [doneNow, doneNow, doneNow, doneNow],
    growing: [] as number[],
  };
  const fan = view.fan.length > 0 ? [begin, ...view.fan] : [];
  const level = (point: { done: number[] }, index: number) => y(point.done[index] ?? doneNow);
  const between = (upper: number, lower: number) =>
    area<(typeof fan)[number]>()
      .x(({ date }) => at(date))
      .y0((point) => level(point, lower))
      .y1((point) => level(point, upper))(fan) ?? "";
  const along = (index: number) =>
    line<(typeof fan)[number]>()
      .x(({ date }) => at(date))
      .y((point) => level(point, index))(fan) ?? "";
  const growing = fan.filter((point, index) => index === 0 || point.growing.length > 0);
  const last = fan.at(-1);
  const ends = last ? [0, 2].map((index) => level(last, index)) : [];
  const ys = spread(ends, bottom - 4, LABEL_HEIGHT);
  const span = daysBetween(start, end);
  const every = Math.max(1, Math.ceil(span / Math.max(1, Math.floor((right - x(0)) / 64)) / 7) * 7);
  return {
    // Today's scope is the target of the fan.
    scope:
      fan.length > 0
        ? `${steps((day) => day.scope)}H${at(last?.date ?? today)}`
        : steps((day) => day.scope),
    done: steps((day) => day.done),
    doneArea:
      area<(typeof burn)[number]>()
        .x(({ date }) => at(date))
        .y0(bottom)
        .y1((day) => y(day.done))
        .curve(curveStepAfter)(burn) ?? "",
    outer: between(0, 3),
    inner: between(1, 2),
    even: along(0),
    likely: along(2),
    growing:
      growing.length > 1
        ? (line<(typeof fan)[number]>()
            .x(({ date }) => at(date))
            .y((point) => y(point.growing[2] ?? doneNow))(growing) ?? "")
        : "",
    todayX: at(today),
    deadlineX:
      view.deadline && view.deadline.date <= end && view.deadline.date >= start
        ? at(view.deadline.date)
        : undefined,
    labels: last
      ? [0, 2].map((index, place) => ({
          text: `${index === 0 ? 50 : 85} %`,
          y: ys[place] ?? 0,
          date: view.levels[index]?.date ?? null,
        }))
      : [],
    xTicks: burn.length
      ? Array.from({ length: Math.floor(span / every) + 1 }, (_, index) => index * every).map(
          (day) => ({ x: x(day), date: addDays(start, day) }),
        )
      : [],
    yTicks: wholeTicks(top, 4).map((value) => ({ y: y(value), value })),
  };
}
