import type { DeployedWeek } from "@/lib/generated/api";

/** Classes of writers, what needs somebody first; each is a number of its own in a week. */
export const CLASSES = ["manual", "ambiguous", "controller", "pipeline", "gitops"] as const;
export type WriterClass = (typeof CLASSES)[number];

export const CLASS_TITLES: Record<WriterClass, string> = {
  manual: "Manual",
  ambiguous: "Ambiguous",
  controller: "Controller",
  pipeline: "Pipeline",
  gitops: "GitOps",
};

/** A week, or one class of writers in it. */
export interface Part {
  week: string;
  class?: WriterClass;
}

/** A piece of a bar: from where, counted from below, and how much. */
export interface Piece {
  class: WriterClass;
  from: number;
  count: number;
}

export function sum(week: DeployedWeek): number {
  return CLASSES.reduce((total, name) => total + week[name], 0);
}

/** The bar of a week from below: by hand at the bottom, so that the manual part is compared on one
 * line. */
export function pieces(week: DeployedWeek): Piece[] {
  let from = 0;
  return CLASSES.flatMap((name) => {
    const count = week[name];
    const piece = { class: name, from, count };
    from += count;
    return count > 0 ? [piece] : [];
  });
}

/** The highest bar, at least 1. */
export function top(weeks: readonly DeployedWeek[]): number {
  return Math.max(1, ...weeks.map(sum));
}
