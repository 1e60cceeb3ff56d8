import { count } from "@/lib/format/text";
import { daysBetween } from "@/lib/format/time";
import type { SprintRow, SprintTurn } from "@/lib/generated/api";

/** Kinds of sprints, with what each means. */
export const KINDS = [
  { kind: "expert-led", meaning: "an expert shows how, the team watches and helps" },
  { kind: "internal", meaning: "the team works alone" },
  { kind: "regular", meaning: "services move beside the usual work" },
] as const;

const GLYPHS: Record<string, string> = { planned: "○", running: "▶", paused: "‖", ended: "✓" };

/** The shape of a state; its word stands beside it. */
export function stateGlyph(state: string): string {
  return GLYPHS[state] ?? "?";
}

interface TurnWords {
  turn: SprintTurn;
  verb: string;
  /** What it does, said before it is done. */
  text: string;
  note: string;
}

const TURNS: Record<SprintTurn, TurnWords> = {
  start: {
    turn: "start",
    verb: "Start",
    text: "From now on every change of the scope needs a reason and shows in the chart. One sprint runs at a time.",
    note: "Note (optional)",
  },
  pause: {
    turn: "pause",
    verb: "Pause",
    text: "Work rests. The scope and the numbers stay as they are.",
    note: "Why it rests (optional)",
  },
  resume: { turn: "resume", verb: "Resume", text: "Work goes on.", note: "Note (optional)" },
  end: {
    turn: "end",
    verb: "End",
    text: "The scope and the result are kept as they stand now.",
    note: "Note (optional)",
  },
};

/** The turns a sprint in this state can take, the usual one first. */
export function turnsOf(state: string): TurnWords[] {
  if (state === "planned") return [TURNS.start];
  if (state === "running") return [TURNS.end, TURNS.pause];
  return state === "paused" ? [TURNS.resume, TURNS.end] : [];
}

/** Where in its days a sprint is: "day 3 of 5", "starts in 2 days", "2 days over". */
export function dayText(row: SprintRow, today: string): string {
  const whole = count(row.working_days, "working day");
  if (row.state === "ended") return whole;
  const until = daysBetween(today, row.first);
  if (until > 0) return `${until === 1 ? "starts tomorrow" : `starts in ${until} days`}, ${whole}`;
  const over = daysBetween(row.last, today);
  if (over > 0) return `${count(over, "day")} after its last day`;
  return row.day === null ? `${whole}, none today` : `day ${row.day} of ${row.working_days}`;
}
