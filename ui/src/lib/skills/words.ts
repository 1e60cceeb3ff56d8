import type { ExecutionView, IndependenceRatio, LeaderRow, PairGroup } from "@/lib/generated/api";
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

/** Hours as typed, in hundredths: a number up to 24 with at most two places. */
export function readHours(typed: string): number | undefined {
  const parts = /^(\d{1,2})(?:[.,](\d{1,2}))?$/.exec(typed.trim());
  if (!parts) return undefined;
  const hundredths = Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
  return hundredths > 0 && hundredths <= 2400 ? hundredths : undefined;
}

/** Whether a doubt about an execution is open. */
export function isContested(execution: ExecutionView): boolean {
  return execution.contests.some((contest) => contest.settled === null);
}

/** The parts of a leader's score. */
export function leaderText(row: LeaderRow): string {
  const parts = [
    `2 · ${row.high} skills at L4 or L5`,
    `${row.guided} guided to L3`,
    `${row.fresh.toFixed(2)} fresh`,
  ];
  return `${parts.join(" + ")}${row.led_last_sprint ? " − 2 for leading the last sprint" : ""}`;
}

/** What a pair is suggested for; `title` names a skill. */
export function pairText(group: PairGroup, title: (skill: string) => string): string {
  const moves = group.moves.map(title).join(" and ");
  return moves ? `moves ${moves}` : "moves nobody";
}
