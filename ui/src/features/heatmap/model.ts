import type { HeatColumn, HeatMapView, HeatRow, StageRef } from "@/lib/generated/api";
import { applies, fails, passes } from "./letters";

export const GROUPINGS = ["none", "team", "archetype", "difficulty", "stage"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Orders of the rows; a minus turns one round. */
export const SORTS = ["name", "percent", "-percent", "stage", "-stage", "failing"] as const;
export type Sort = (typeof SORTS)[number];

/** What the address says about the map. */
export interface Choice {
  text: string;
  group: Grouping;
  sort: Sort;
}

/** Reads the address; what is missing or not known is the default. */
export function readChoice(params: URLSearchParams): Choice {
  const of = <T extends string>(allowed: readonly T[], name: string, fallback: T): T =>
    allowed.find((known) => known === params.get(name)) ?? fallback;
  return {
    text: params.get("q") ?? "",
    group: of(GROUPINGS, "group", "none"),
    sort: of(SORTS, "sort", "name"),
  };
}

/** Passes among the checks or services that count. */
export interface Share {
  passed: number;
  counted: number;
}

/** A share in whole percent, or nothing where nothing counts. */
export function shareOf({ passed, counted }: Share): number | null {
  return counted === 0 ? null : Math.round((passed / counted) * 100);
}

/** The heading of a group, with its share over all checks and for each. */
export interface GroupLine {
  kind: "group";
  key: string;
  title: string;
  rows: number;
  share: Share;
  checks: readonly Share[];
}

/** A service, with its cells one by one. */
export interface RowLine {
  kind: "row";
  key: string;
  row: HeatRow;
  letters: readonly string[];
}

/** One line of the map. */
export type Line = GroupLine | RowLine;

/** Neighbouring columns of one stage. */
export interface Band {
  stage: string;
  title: string;
  columns: number;
}

/** The stages above the columns. */
export function bands(columns: readonly HeatColumn[]): Band[] {
  const found: Band[] = [];
  for (const { stage, stage_title: title } of columns) {
    const last = found.at(-1);
    if (last?.stage === stage) last.columns += 1;
    else found.push({ stage, title, columns: 1 });
  }
  return found;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** The rows that hold every word in name, team, owner, archetype, difficulty or tags. */
export function filterRows(rows: readonly HeatRow[], text: string): HeatRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const all = [row.service.name, row.team, row.owner, row.archetype, row.difficulty, ...row.tags]
      .join("\n")
      .toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** Counted checks of a row that fail. */
export function failing(row: HeatRow, columns: readonly HeatColumn[]): number {
  return columns.filter(({ counted }, index) => counted && fails(row.cells[index] ?? "u")).length;
}

/** Sorted anew; equal rows stand by name. Rows without a share stand last either way. */
export function sortRows(
  rows: readonly HeatRow[],
  sort: Sort,
  columns: readonly HeatColumn[],
): HeatRow[] {
  const turn = sort.startsWith("-") ? -1 : 1;
  const key = (row: HeatRow): number | null => {
    if (sort === "failing") return -failing(row, columns);
    if (sort === "stage" || sort === "-stage") return row.stage_index;
    if (sort === "name") return 0;
    return row.counted === 0 ? null : row.passed / row.counted;
  };
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  keyed.sort((left, right) => {
    const byName = () => collator.compare(left.row.service.name, right.row.service.name);
    if (left.key === right.key) return byName();
    if (left.key === null) return 1;
    if (right.key === null) return -1;
    return (left.key - right.key) * turn || byName();
  });
  return keyed.map(({ row }) => row);
}

/** For each column, how many of the rows pass it among those to which it applies. */
export function sharesOfChecks(rows: readonly HeatRow[], columns: readonly HeatColumn[]): Share[] {
  return columns.map((_, index) => {
    const letters = rows.map((row) => row.cells[index] ?? "u").filter(applies);
    return { passed: letters.filter(passes).length, counted: letters.length };
  });
}

/** Counted checks that pass, over several rows. */
export function shareOfRows(rows: readonly HeatRow[]): Share {
  return rows.reduce(
    (sum, { passed, counted }) => ({ passed: sum.passed + passed, counted: sum.counted + counted }),
    { passed: 0, counted: 0 },
  );
}

const NOTHING: Record<Exclude<Grouping, "none" | "stage">, string> = {
  team: "No team",
  archetype: "No archetype",
  difficulty: "No difficulty",
};
const DIFFICULTIES = ["easy", "moderate", "hard"];

/** Title of the group of a row, and where the group stands; groups without a value stand last. */
function groupOf(
  row: HeatRow,
  grouping: Exclude<Grouping, "none">,
  stages: readonly StageRef[],
): { title: string; rank: number } {
  if (grouping === "stage") {
    const title = row.stage_index === 0 ? "Not started" : stages[row.stage_index - 1]?.title;
    return { title: title ?? `Stage ${row.stage_index}`, rank: row.stage_index };
  }
  const value = row[grouping];
  if (value === null || value === "") return { title: NOTHING[grouping], rank: Infinity };
  return { title: value, rank: grouping === "difficulty" ? DIFFICULTIES.indexOf(value) : 0 };
}

/** The lines of the map as the choice wants them. */
export function linesOf(view: HeatMapView, choice: Choice, stages: readonly StageRef[]): Line[] {
  const rows = sortRows(filterRows(view.rows, choice.text), choice.sort, view.checks);
  const line = (row: HeatRow): Line => ({
    kind: "row",
    key: row.service.id,
    row,
    letters: [...row.cells],
  });
  const { group } = choice;
  if (group === "none") return rows.map(line);
  const groups = new Map<string, { rank: number; rows: HeatRow[] }>();
  for (const row of rows) {
    const { title, rank } = groupOf(row, group, stages);
    const found = groups.get(title);
    if (found) found.rows.push(row);
    else groups.set(title, { rank, rows: [row] });
  }
  return [...groups]
    .sort(([a, left], [b, right]) =>
      left.rank === right.rank ? collator.compare(a, b) : left.rank - right.rank,
    )
    .flatMap(([title, { rows }]): Line[] => [
      {
        kind: "group",
        key: `group ${title}`,
        title,
        rows: rows.length,
        share: shareOfRows(rows),
        checks: sharesOfChecks(rows, view.checks),
      },
      ...rows.map(line),
    ]);
}

/** The next line that is a row, from a place in a direction; the place itself where there is none. */
export function rowFrom(lines: readonly Line[], from: number, step: 1 | -1): number {
  for (let at = from + step; at >= 0 && at < lines.length; at += step)
    if (lines[at]?.kind === "row") return at;
  return from;
}

/** A cell by its line and column. */
export interface Place {
  line: number;
  column: number;
}

/** The row nearest to a place, looking first where one was going. */
function rowAt(lines: readonly Line[], place: number, way: 1 | -1): number {
  const inside = Math.max(0, Math.min(lines.length - 1, place));
  if (lines[inside]?.kind === "row") return inside;
  const next = rowFrom(lines, inside, way);
  return next === inside ? rowFrom(lines, inside, way === 1 ? -1 : 1) : next;
}

/** Where a key leads from a cell; nothing where the key does not move. */
export function step(
  key: string,
  { line, column }: Place,
  lines: readonly Line[],
  columns: number,
  /** Rows of a page. */
  page: number,
): Place | undefined {
  const last = columns - 1;
  switch (key) {
    case "ArrowDown":
      return { line: rowFrom(lines, line, 1), column };
    case "ArrowUp":
      return { line: rowFrom(lines, line, -1), column };
    case "ArrowRight":
      return { line, column: Math.min(last, column + 1) };
    case "ArrowLeft":
      return { line, column: Math.max(0, column - 1) };
    case "PageDown":
      return { line: rowAt(lines, line + page, 1), column };
    case "PageUp":
      return { line: rowAt(lines, line - page, -1), column };
    case "Home":
      return { line, column: 0 };
    case "End":
      return { line, column: last };
    case "Ctrl Home":
      return { line: rowAt(lines, 0, 1), column: 0 };
    case "Ctrl End":
      return { line: rowAt(lines, lines.length - 1, -1), column: last };
    default:
      return undefined;
  }
}
