import type { Field } from "@/lib/inventory/fields";

/** Columns of the table, in the order they stand. */
export const COLUMNS = [
  "name",
  "class",
  "stage",
  "progress",
  "attention",
  "next",
  "due",
  "assignees",
  "team",
  "owner",
  "criticality",
  "effort",
  "difficulty",
  "archetype",
  "tags",
  "target",
  "calls",
  "changed",
] as const;
export type Column = (typeof COLUMNS)[number];

interface About {
  title: string;
  explanation: string;
  /** Least width in px, and the share of what is left over. */
  width: number;
  share: number;
  /** The field that is edited here, in place. */
  field?: Field;
  /** Numbers and days stand at the right. */
  right?: boolean;
}

export const COLUMN: Readonly<Record<Column, About>> = {
  name: { title: "Name", explanation: "Name", width: 156, share: 1.5 },
  class: {
    title: "Class",
    explanation: "What the node is; only services climb stages",
    width: 106,
    share: 0,
  },
  stage: {
    title: "Stage",
    explanation: "Computed from evidence; never set by hand",
    width: 142,
    share: 0,
  },
  progress: {
    title: "Progress",
    explanation: "Passed of counted checks; the dark part is proved, the light part claimed",
    width: 112,
    share: 0,
  },
  attention: {
    title: "Attention",
    explanation: "Blocked, regressed, unproven, re-proving",
    width: 108,
    share: 0,
  },
  next: { title: "Next check", explanation: "The next open counted check", width: 108, share: 1.5 },
  due: {
    title: "Due",
    explanation: "The first day on which one of its open checks is due",
    width: 92,
    share: 0,
  },
  assignees: { title: "Who", explanation: "Who works on it", width: 88, share: 0.8 },
  team: { title: "Team", explanation: "Team", width: 92, share: 0.6, field: "team" },
  owner: {
    title: "Owner",
    explanation: "Who answers for it",
    width: 92,
    share: 0.6,
    field: "owner",
  },
  criticality: {
    title: "Crit.",
    explanation: "Criticality, from 1 (hardly noticed) to 5 (the company stops)",
    width: 56,
    share: 0,
    field: "criticality",
    right: true,
  },
  effort: { title: "Effort", explanation: "S, M, L or XL", width: 64, share: 0, field: "effort" },
  difficulty: {
    title: "Difficulty",
    explanation: "Easy, moderate or hard",
    width: 88,
    share: 0,
    field: "difficulty",
  },
  archetype: {
    title: "Archetype",
    explanation: "Kind of service; some checks are for one kind only",
    width: 96,
    share: 0.4,
    field: "archetype",
  },
  tags: { title: "Tags", explanation: "Tags", width: 120, share: 1, field: "tags" },
  target: {
    title: "Target",
    explanation: "Day by which it should be done",
    width: 72,
    share: 0,
    field: "target",
  },
  calls: {
    title: "Calls",
    explanation: "Nodes it calls / nodes that call it",
    width: 60,
    share: 0,
    right: true,
  },
  changed: {
    title: "Changed",
    explanation: "When anything about it last changed",
    width: 88,
    share: 0,
    right: true,
  },
};

/** What stands there until a person chooses. */
export const USUAL: readonly Column[] = [
  "name",
  "stage",
  "progress",
  "attention",
  "next",
  "assignees",
  "team",
  "target",
  "changed",
];

/** The kept choice as columns, in the order they stand; the name is always there. */
export function shownColumns(kept: readonly string[] | null, showClass: boolean): Column[] {
  const chosen: readonly string[] = kept ?? USUAL;
  return COLUMNS.filter(
    (column) => column === "name" || chosen.includes(column) || (column === "class" && showClass),
  );
}

/** Width of the column that holds the marks of selection. */
const MARK = 34;

/** The columns as tracks of a grid, the marks of selection first. */
export function tracks(columns: readonly Column[]): string {
  const track = (column: Column) => {
    const { width, share } = COLUMN[column];
    return share === 0 ? `${width}px` : `minmax(${width}px, ${share}fr)`;
  };
  return [`${MARK}px`, ...columns.map(track)].join(" ");
}

/** What the columns need at least, in px. */
export function leastWidth(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + COLUMN[column].width, MARK);
}
