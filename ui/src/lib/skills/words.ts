import type { ExecutionView, IndependenceRatio } from "@/lib/generated/api";
import { percent } from "@/lib/format/text";

/** What each help level means, as one chooses it. */
export const HELP: readonly { level: number; text: string }[] = [
  { level: 3, text: "did it alone" },
  { level: 2, text: "did it, asked for help" },
  { level: 1, text: "did it, was told how" },
  { level: 4, text: "guided" },
  { level: 0, text: "watched" },
];

/** "12 of 20 (60 %)"; nothing of nothing is no number. */
export function ratioText(alone: number, all: number): string {
  return all === 0 ? "–" : `${alone} of ${all} (${percent(alone, all)})`;
}

/** The confirmed ratio, and beside it the one with unconfirmed executions. */
export function ratios(figures: IndependenceRatio): { confirmed: string; all: string } {
  return {
    confirmed: ratioText(figures.alone, figures.all),
    all: ratioText(figures.alone_with_unconfirmed, figures.all_with_unconfirmed),
  };
}

/** Hundredths of an hour as people say them. */
export function hoursText(hundredths: number): string {
  return `${(hundredths / 100).toLocaleString("en-GB", { maximumFractionDigits: 2 })} h`;
}

/** Whether a doubt about an execution is open. */
export function isContested(execution: ExecutionView): boolean {
  return execution.contests.some((contest) => contest.settled === null);
}
