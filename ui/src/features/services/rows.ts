import type { ServiceRow, StageRef } from "@/lib/generated/api";
import { overlays } from "@/lib/format/words";
import {
  FACETS,
  NOT_SET,
  type AttentionFilter,
  type Choice,
  type Facet,
  type Grouping,
} from "./choice";
import type { Column } from "./columns";

/** What the table draws: a heading of a group, or a row. */
export type Line =
  | { kind: "group"; key: string; title: string; count: number }
  | { kind: "row"; key: string; row: ServiceRow };

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** What a filter measures against: today, and from where on a service is done. */
export interface Measure {
  today: string;
  doneIndex: number;
}

/** Whether an open check is past its day. What is out of scope is never late. */
export function isCheckLate(row: ServiceRow, { today }: Measure): boolean {
  return row.scope === "in" && row.next_due !== null && row.next_due < today;
}

/** Whether a service is past its own day and not done. */
export function isLate(row: ServiceRow, { today, doneIndex }: Measure): boolean {
  const past = row.target_date !== null && row.target_date < today;
  return row.scope === "in" && past && row.stage_index < doneIndex;
}

function attends(row: ServiceRow, filter: AttentionFilter, measure: Measure): boolean {
  if (filter === "claimed") return row.progress.passed > row.progress.proved;
  if (filter === "overdue") return isCheckLate(row, measure) || isLate(row, measure);
  return overlays(row).includes(filter);
}

function inScope(row: ServiceRow, scope: string): boolean {
  if (scope === "all") return true;
  // Only services are in or out of scope; other nodes are shown whenever their class is, unless
  // they were put away.
  if (scope !== "archived" && row.class !== "service") return row.scope !== "archived";
  return row.scope === scope;
}

function hasFacet(row: ServiceRow, facet: Facet, wanted: string): boolean {
  if (wanted === "") return true;
  if (facet === "tag")
    return wanted === NOT_SET ? row.tags.length === 0 : row.tags.includes(wanted);
  return wanted === NOT_SET ? !row[facet] : row[facet] === wanted;
}

/** All that the text filter looks into. */
function searched(row: ServiceRow): string {
  return [
    row.name,
    ...row.known_as,
    ...row.tags,
    row.owner,
    row.team,
    row.next_check?.title,
    ...row.assignees.map(({ name }) => name),
  ]
    .join(" ")
    .toLowerCase();
}

/** The rows a choice leaves, in no particular order. */
export function filterRows(
  rows: readonly ServiceRow[],
  choice: Choice,
  stages: readonly StageRef[],
  measure: Measure,
): ServiceRow[] {
  const words = choice.text.toLowerCase().split(/\s+/).filter(Boolean);
  const reached = stages.findIndex(({ id }) => id === choice.reached);
  return rows.filter((row) => {
    if (choice.class !== "all" && row.class !== choice.class) return false;
    if (!inScope(row, choice.scope)) return false;
    if (choice.stage && (row.stage ?? "none") !== choice.stage) return false;
    if (choice.reached && row.stage_index <= reached) return false;
    if (choice.attention && !attends(row, choice.attention, measure)) return false;
    if (choice.assignee === "nobody" && row.assignees.length > 0) return false;
    if (
      choice.assignee &&
      choice.assignee !== "nobody" &&
      !row.assignees.some(({ id }) => id === choice.assignee)
    )
      return false;
    if (!FACETS.every((facet) => hasFacet(row, facet, choice.facets[facet]))) return false;
    if (words.length === 0) return true;
    const text = searched(row);
    return words.every((word) => text.includes(word));
  });
}

const EFFORTS = ["S", "M", "L", "XL"];
const DIFFICULTIES = ["easy", "moderate", "hard"];

/** The place of a word in a scale; nothing where it has none. */
function rankIn(scale: readonly string[], word: string | null): number | null {
  const place = word === null ? -1 : scale.indexOf(word);
  return place < 0 ? null : place;
}

/** Empty values stand last, whichever way one sorts. */
function sortKey(row: ServiceRow, column: Column): string | number | null {
  switch (column) {
    case "name":
      return row.name;
    case "class":
      return row.class;
    case "stage":
      return row.stage_index;
    case "progress":
      return row.progress.counted === 0 ? null : row.progress.passed / row.progress.counted;
    case "attention": {
      const marks = overlays(row);
      return marks.length === 0 ? null : marks.join();
    }
    case "next":
      return row.next_check?.title ?? null;
    case "assignees":
      return row.assignees[0]?.name ?? null;
    case "due":
      return row.next_due;
    case "effort":
      return rankIn(EFFORTS, row.effort);
    case "difficulty":
      return rankIn(DIFFICULTIES, row.difficulty);
    case "tags":
      return row.tags[0] ?? null;
    case "team":
    case "owner":
    case "criticality":
    case "archetype":
      return row[column];
    case "target":
      return row.target_date;
    case "calls":
      return row.calls + row.called_by;
    case "changed":
      return row.changed_at;
  }
}

/** Sorted anew; equal rows stand by name, so the order never depends on what came before. */
export function sortRows(
  rows: readonly ServiceRow[],
  column: Column,
  descending: boolean,
): ServiceRow[] {
  const turn = descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: sortKey(row, column) }));
  keyed.sort((left, right) => {
    const byName = () => collator.compare(left.row.name, right.row.name);
    if (left.key === right.key) return byName();
    if (left.key === null) return 1;
    if (right.key === null) return -1;
    const order =
      typeof left.key === "number" && typeof right.key === "number"
        ? left.key - right.key
        : collator.compare(String(left.key), String(right.key));
    return order * turn || byName();
  });
  return keyed.map(({ row }) => row);
}

/** Sorted rows under headings. A service of two people stands under both. */
export function groupRows(
  rows: readonly ServiceRow[],
  grouping: Grouping,
  stages: readonly StageRef[],
): Line[] {
  if (grouping === "none") return rows.map((row) => ({ kind: "row", key: row.id, row }));
  const groups = new Map<string, ServiceRow[]>();
  for (const row of rows) {
    for (const title of groupTitles(row, grouping, stages)) {
      const group = groups.get(title);
      if (group) group.push(row);
      else groups.set(title, [row]);
    }
  }
  const rank = (title: string) =>
    grouping === "stage" ? stages.findIndex((stage) => stage.title === title) : 0;
  const last = (title: string) => title === NOBODY || title === NO_STAGE;
  const ordered = [...groups].sort(
    ([left], [right]) =>
      Number(last(left)) - Number(last(right)) ||
      rank(left) - rank(right) ||
      collator.compare(left, right),
  );
  return ordered.flatMap(([title, members]): Line[] => [
    { kind: "group", key: `group ${title}`, title, count: members.length },
    ...members.map((row): Line => ({ kind: "row", key: `${title} ${row.id}`, row })),
  ]);
}

const NOBODY = "Nobody";
const NO_STAGE = "No service, no stage";

function groupTitles(
  row: ServiceRow,
  grouping: Grouping,
  stages: readonly StageRef[],
): readonly string[] {
  if (grouping === "class") return [row.class];
  if (grouping === "stage")
    return [row.class === "service" ? stageTitle(row.stage, stages) : NO_STAGE];
  return row.assignees.length === 0 ? [NOBODY] : row.assignees.map(({ name }) => name);
}

/** Title of a stage; before the first stage a service is not started. */
export function stageTitle(stage: string | null, stages: readonly StageRef[]): string {
  if (stage === null) return "Not started";
  return stages.find(({ id }) => id === stage)?.title ?? stage;
}
