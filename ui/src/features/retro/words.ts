import type { FactFigure, FactItem, RetroDocument, RetroView } from "@/lib/generated/api";

/** Title and purpose of each step. */
export const STEPS: Record<string, { title: string; text: string }> = {
  "open-actions": {
    title: "Open actions",
    text: "What was agreed on before. Each is done, kept or dropped before notes open.",
  },
  facts: {
    title: "Facts",
    text: "What the log says, read together. The facts are frozen: what is recorded later is counted, and changes nothing here.",
  },
  notes: {
    title: "Notes",
    text: "Everybody for himself. Notes stay on this device until they are revealed.",
  },
  group: {
    title: "Group and vote",
    text: "Drag a note onto another one, or choose its group. Then vote.",
  },
  discuss: {
    title: "Discuss",
    text: "The groups with most votes first. What the room understands is an insight.",
  },
  actions: {
    title: "Actions",
    text: "At most three, each with one owner and a sign that it worked.",
  },
  close: { title: "Close", text: "Was it worth the time, who leads next, and thanks." },
};

/** What each way of naming authors means; said before anybody writes. */
export const AUTHORS = [
  { id: "named", title: "By name" },
  { id: "initials", title: "By initials" },
  { id: "unattributed", title: "Unattributed" },
] as const;

export const AUTHORS_TEXT: Record<string, string> = {
  named: "Revealed notes carry the name of whoever wrote them.",
  initials: "Revealed notes carry initials.",
  unattributed:
    "No author is stored, and nobody can bring him back. People in the room still see who types, and the log names this device.",
};

/** Every figure by its id. */
export function figuresOf(document: RetroDocument): Map<string, FactFigure> {
  const figures = document.facts.sections.flatMap((section) => section.figures);
  return new Map(figures.map((figure) => [figure.id, figure]));
}

/** Columns to draw: those of the format, and one for notes that fit none where there are such. */
export function columnsOf(view: RetroView): { id: string; title: string; prompt: string }[] {
  const columns = view.document.format.columns;
  const known = new Set(columns.map(({ id }) => id));
  const strays = [...view.document.notes, ...view.drafts].some(({ column }) => !known.has(column));
  return strays
    ? [...columns, { id: "", title: "Without a column", prompt: "Taken during the sprint." }]
    : [...columns];
}

/** The column that a note stands in. */
export function columnOf(view: RetroView, column: string): string {
  return view.document.format.columns.some(({ id }) => id === column) ? column : "";
}

/** Minutes and seconds: "4:05", and "-0:30" where the time is over. */
export function timeText(seconds: number): string {
  const sign = seconds < 0 ? "-" : "";
  const whole = Math.abs(seconds);
  return `${sign}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A number, or a dash. */
export function valueText(value: number | null): string {
  return value === null ? "–" : String(value);
}

/** The day of a thing behind a figure, where it has one. */
export function itemKey(item: FactItem, index: number): string {
  return `${index} ${item.text}`;
}
