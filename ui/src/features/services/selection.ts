import type { ServiceRow } from "@/lib/generated/api";
import type { Line } from "./rows";

/** Chosen rows, by the id of their service. Every change makes a new set. */
export type Selection = ReadonlySet<string>;

/** With the row chosen, or not chosen any more. */
export function toggled(selection: Selection, id: string): Selection {
  const next = new Set(selection);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** With all rows between two lines chosen, both ends among them. */
export function extended(
  selection: Selection,
  lines: readonly Line[],
  from: number,
  to: number,
): Selection {
  const next = new Set(selection);
  for (const line of lines.slice(Math.max(0, Math.min(from, to)), Math.max(from, to) + 1))
    if (line.kind === "row") next.add(line.row.id);
  return next;
}

/** How many of the shown rows are chosen. */
export function howMany(lines: readonly Line[], selection: Selection): "none" | "some" | "all" {
  if (selection.size === 0) return "none";
  const rows = lines.filter((line) => line.kind === "row");
  const number = rows.filter(({ row }) => selection.has(row.id)).length;
  if (number === 0) return "none";
  return number === rows.length ? "all" : "some";
}

/** The chosen rows that are shown: what is out of sight by a filter is not touched. */
export function chosen(rows: readonly ServiceRow[], selection: Selection): ServiceRow[] {
  return selection.size === 0 ? [] : rows.filter(({ id }) => selection.has(id));
}
