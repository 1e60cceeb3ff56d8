import type { ImportReport, MapColumn, TakeField } from "@/lib/generated/api";

// What a person chooses in a preview: which differing fields to take, and what the columns of a
// table hold. Plain data in, plain data out, so that it is tested without a page.

/** One differing field, as a key that is unique in a report. */
export function keyOf({ name, field }: TakeField): string {
  return JSON.stringify([name, field]);
}

/** Every field that differs, in the order of the rows. */
export function differing(report: ImportReport): TakeField[] {
  return report.rows.flatMap((row) =>
    row.fields
      .filter((field) => field.differs)
      .map((field) => ({ name: row.name, field: field.field })),
  );
}

/** The chosen ones among the fields that still differ. */
export function taken(report: ImportReport, chosen: ReadonlySet<string>): TakeField[] {
  return differing(report).filter((field) => chosen.has(keyOf(field)));
}

/** Whether applying the report with so many fields taken would change anything. */
export function changesAnything(report: ImportReport, fields: number): boolean {
  const { dependencies, log } = report;
  // A node that differs may bring new tags or fields beside those that differ.
  const nodes = report.created + report.updated + report.differs;
  return nodes + dependencies.created + dependencies.updated + fields + (log?.new ?? 0) > 0;
}

/**
 * The mapping after one column was given another field. A field that holds one value moves from the
 * column that had it; lists may stand in several columns.
 */
export function mapped(
  report: ImportReport,
  title: string,
  field: string | null,
  lists: ReadonlySet<string> = LISTS,
): MapColumn[] {
  return report.columns.map((column) => {
    if (column.title === title) return { title, field };
    const gone = field !== null && column.field === field && !lists.has(field);
    return { title: column.title, field: gone ? null : column.field };
  });
}

/** Fields that several columns may hold. */
export const LISTS: ReadonlySet<string> = new Set(["aliases", "tags", "links", "depends_on"]);

const FORMATS: Record<string, string> = {
  compose: "compose files",
  backstage: "a Backstage catalogue",
  csv: "a table (CSV)",
  manifests: "Kubernetes manifests",
  pilotage: "an export of Pilotage",
};

/** What the files were taken for. */
export function formatText(format: string): string {
  return FORMATS[format] ?? format;
}

/** A field as a person calls it; a link by its address. */
export function fieldText(field: string): string {
  if (field.startsWith("links/")) {
    return `link ${field.slice("links/".length).replaceAll("%2F", "/").replaceAll("%25", "%")}`;
  }
  return field.replaceAll("_", " ");
}
