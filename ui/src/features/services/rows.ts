import type { ServiceRow, StageRef } from "@/lib/generated/api";
import { overlays } from "@/lib/format/words";

/** Columns of the table, in the order they stand. */
export const COLUMNS = [
  "name",
  "class",
  "stage",
  "progress",
  "attention",
  "next",
  "assignees",
  "target",
  "calls",
  "changed",
] as const;
export type Column = (typeof COLUMNS)[number];

/** Overlays one can filter by. */
export const ATTENTION = ["blocked", "regressed", "unproven", "reproving", "claimed"] as const;
export type AttentionFilter = (typeof ATTENTION)[number];

export const GROUPINGS = ["none", "stage", "class", "assignee"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Everything the address says about the table. */
export interface Choice {
  text: string;
  /** Exactly this stage; `none` is before the first. */
  stage: string;
  /** This stage or beyond. */
  reached: string;
  /** `service`, another class, or `all`. */
  class: string;
  /** `in`, `retire`, `retain`, or `all`. */
  scope: string;
  /** A person's id, or `nobody`. */
  assignee: string;
  attention: AttentionFilter | "";
  sort: Column;
  descending: boolean;
  group: Grouping;
}

function oneOf<T extends string, F extends string>(
  allowed: readonly T[],
  value: string | null,
  fallback: F,
): T | F {
  return allowed.find((known) => known === value) ?? fallback;
}

/** Reads the address; what is missing or not known is the default. */
export function readChoice(params: URLSearchParams): Choice {
  const sort = params.get("sort") ?? "";
  return {
    text: params.get("q") ?? "",
    stage: params.get("stage") ?? "",
    reached: params.get("reached") ?? "",
    class: params.get("class") ?? "service",
    scope: params.get("scope") ?? "in",
    assignee: params.get("assignee") ?? "",
    attention: oneOf(ATTENTION, params.get("attention"), ""),
    sort: oneOf(COLUMNS, sort.replace(/^-/, ""), "name"),
    descending: sort.startsWith("-"),
    group: oneOf(GROUPINGS, params.get("group"), "none"),
  };
}

/** Changes of the address that take every filter away and leave order and groups. */
export const UNFILTERED = {
  q: null,
  stage: null,
  reached: null,
  class: null,
  scope: null,
  assignee: null,
  attention: null,
};

/** Whether anything narrows the list, beyond services in scope. */
export function isFiltered(choice: Choice): boolean {
  return (
    choice.text + choice.stage + choice.reached + choice.assignee + choice.attention !== "" ||
    choice.class !== "service" ||
    choice.scope !== "in"
  );
}

/** What the table draws: a heading of a group, or a row. */
export type Line =
  | { kind: "group"; key: string; title: string; count: number }
  | { kind: "row"; key: string; row: ServiceRow };

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function attends(row: ServiceRow, filter: AttentionFilter): boolean {
  if (filter === "claimed") return row.progress.passed > row.progress.proved;
  return overlays(row).includes(filter);
}

/** The rows a choice leaves, in no particular order. */
export function filterRows(
  rows: readonly ServiceRow[],
  choice: Choice,
  stages: readonly StageRef[],
): ServiceRow[] {
  const words = choice.text.toLowerCase().split(/\s+/).filter(Boolean);
  const reached = stages.findIndex(({ id }) => id === choice.reached);
  return rows.filter((row) => {
    if (choice.class !== "all" && row.class !== choice.class) return false;
    // Only services are in or out of scope; other nodes are shown whenever their class is.
    if (row.class === "service" && choice.scope !== "all" && row.scope !== choice.scope)
      return false;
    if (choice.stage && (row.stage ?? "none") !== choice.stage) return false;
    if (choice.reached && row.stage_index <= reached) return false;
    if (choice.attention && !attends(row, choice.attention)) return false;
    if (choice.assignee === "nobody" && row.assignees.length > 0) return false;
    if (
      choice.assignee &&
      choice.assignee !== "nobody" &&
      !row.assignees.some(({ id }) => id === choice.assignee)
    )
      return false;
    if (words.length === 0) return true;
    const text = [row.name, row.next_check?.title, ...row.assignees.map(({ name }) => name)]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
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
