import { count } from "@/lib/format/text";
import type { ServiceEdit, ServiceRow } from "@/lib/generated/api";

/** Fields of a service that a person edits in place, in the table and on its page. */
export const FIELDS = [
  "owner",
  "team",
  "criticality",
  "effort",
  "difficulty",
  "archetype",
  "target",
  "tags",
] as const;
export type Field = (typeof FIELDS)[number];

/** A value that can be chosen; the empty value takes the field away. */
export interface Option {
  value: string;
  label: string;
}

interface About {
  title: string;
  /** `text` takes anything and suggests what is known; `choice` is a closed list. */
  kind: "text" | "choice" | "day" | "tags";
  options: readonly Option[];
}

const NOT_SET: Option = { value: "", label: "Not set" };
const text = (title: string): About => ({ title, kind: "text", options: [] });
const choice = (title: string, ...pairs: [string, string][]): About => ({
  title,
  kind: "choice",
  options: [...pairs.map(([value, label]) => ({ value, label })), NOT_SET],
});

export const ABOUT: Readonly<Record<Field, About>> = {
  owner: text("Owner"),
  team: text("Team"),
  criticality: choice(
    "Criticality",
    ["1", "1, hardly noticed"],
    ["2", "2"],
    ["3", "3"],
    ["4", "4"],
    ["5", "5, the company stops"],
  ),
  effort: choice("Effort", ["S", "S"], ["M", "M"], ["L", "L"], ["XL", "XL"]),
  difficulty: choice("Difficulty", ["easy", "easy"], ["moderate", "moderate"], ["hard", "hard"]),
  archetype: text("Archetype"),
  target: { title: "Target date", kind: "day", options: [] },
  tags: { title: "Tags", kind: "tags", options: [] },
};

/** Whether a word names a field of this module. */
export function isField(word: string): word is Field {
  return FIELDS.some((field) => field === word);
}

/** A field as text; the empty text where it is not set. Tags are not one text. */
export function valueOf(row: ServiceRow, field: Exclude<Field, "tags">): string {
  if (field === "target") return row.target_date ?? "";
  if (field === "criticality") return row.criticality === null ? "" : String(row.criticality);
  return row[field] ?? "";
}

/** The edit that gives a field a value; the empty text takes it away. */
export function editOf(field: Exclude<Field, "tags">, entered: string): ServiceEdit {
  const value = entered.trim() || null;
  if (field === "target") return { field: "target_date", value };
  if (field === "criticality") return { field, value: value === null ? null : Number(value) };
  return { field, value };
}

/** The edits that turn one set of tags into another. */
export function tagEdits(before: readonly string[], after: readonly string[]): ServiceEdit[] {
  const edit = (tag: string, present: boolean): ServiceEdit => ({
    field: "tag",
    value: { tag, present },
  });
  return [
    ...after.filter((tag) => !before.includes(tag)).map((tag) => edit(tag, true)),
    ...before.filter((tag) => !after.includes(tag)).map((tag) => edit(tag, false)),
  ];
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Values that occur in a programme, in order: what filters offer and editors suggest. */
export function known(
  rows: readonly ServiceRow[],
  field: "owner" | "team" | "archetype" | "tags",
): string[] {
  const values = new Set<string>();
  for (const row of rows) {
    if (field === "tags") row.tags.forEach((tag) => values.add(tag));
    else if (row[field]) values.add(row[field]);
  }
  return [...values].sort(collator.compare);
}

/** "3 services", or "3 nodes" where something else is among them. */
export function countRows(rows: readonly ServiceRow[]): string {
  return count(rows.length, rows.every((row) => row.class === "service") ? "service" : "node");
}
