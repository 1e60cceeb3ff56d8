import { describe, expect, it } from "vitest";
import type { HeatColumn, HeatMapView, HeatRow } from "@/lib/generated/api";
import { STAGES } from "@/lib/testing/fixtures";
import { applies, fails, LETTERS, letterText, passes } from "./letters";
import {
  bands,
  filterRows,
  linesOf,
  readChoice,
  rowFrom,
  shareOf,
  sharesOfChecks,
  sortRows,
  step,
  type Choice,
  type Line,
} from "./model";

function column(id: string, stage: string, counted = true): HeatColumn {
  return { id, title: id, stage, stage_title: `The ${stage}`, kind: "manual", counted, weight: 1 };
}

function row(name: string, cells: string, changes: Partial<HeatRow> = {}): HeatRow {
  return {
    service: { id: name, name },
    team: null,
    owner: null,
    archetype: null,
    difficulty: null,
    tags: [],
    stage_index: 0,
    cells,
    passed: [...cells].filter(passes).length,
    counted: [...cells].filter(applies).length,
    ...changes,
  };
}

const checks = [column("A-1", "discovered"), column("A-2", "discovered"), column("B-1", "live")];
const rows = [
  row("s10", "pfu", { team: "Money", stage_index: 1, difficulty: "hard" }),
  row("s9", "pcp", { team: "Core", stage_index: 3, difficulty: "easy", tags: ["edge"] }),
  row("s1", "nwn", { stage_index: 0 }),
  row("s2", "frr", { team: "Core", stage_index: 1, difficulty: "moderate" }),
];
const view: HeatMapView = { checks, rows };
const choice = (changes: Partial<Choice> = {}): Choice => ({
  text: "",
  group: "none",
  sort: "name",
  ...changes,
});
const names = (list: readonly HeatRow[]) => list.map(({ service }) => service.name);
const titles = (lines: readonly Line[]) =>
  lines.map((line) => (line.kind === "group" ? `[${line.title}]` : line.row.service.name));

describe("letters", () => {
  it("each have a shape and a word of their own", () => {
    const all = Object.values(LETTERS);
    expect(all).toHaveLength(9);
    expect(new Set(all.map(({ glyph }) => glyph)).size).toBe(9);
    expect(new Set(all.map(({ word }) => word)).size).toBe(9);
  });

  it("never take unknown, stale or re-proving for a pass", () => {
    expect(Object.keys(LETTERS).filter(passes)).toEqual(["p", "c"]);
    expect(Object.keys(LETTERS).filter(fails)).toEqual(["f", "r"]);
    expect(Object.keys(LETTERS).filter((letter) => !applies(letter))).toEqual(["w", "n"]);
    expect(letterText("something new").word).toBe("unknown");
  });
});

describe("the address", () => {
  it("is read, and what is not known is the default", () => {
    const read = (search: string) => readChoice(new URLSearchParams(search));
    expect(read("")).toEqual(choice());
    expect(read("q=loan&group=team&sort=-percent")).toEqual(
      choice({ text: "loan", group: "team", sort: "-percent" }),
    );
    expect(read("group=colour&sort=size")).toEqual(choice());
  });
});

describe("rows", () => {
  it("are found by every word, wherever it stands", () => {
    expect(names(filterRows(rows, "core"))).toEqual(["s9", "s2"]);
    expect(names(filterRows(rows, "core EDGE"))).toEqual(["s9"]);
    expect(names(filterRows(rows, "core nothing"))).toEqual([]);
  });

  it("are sorted, rows without a share last", () => {
    const sorted = (sort: Choice["sort"]) => names(sortRows(rows, sort, checks));
    expect(sorted("name")).toEqual(["s1", "s2", "s9", "s10"]);
    expect(sorted("percent")).toEqual(["s2", "s10", "s9", "s1"]);
    expect(sorted("-percent")).toEqual(["s9", "s10", "s2", "s1"]);
    expect(sorted("stage")).toEqual(["s1", "s2", "s10", "s9"]);
    expect(sorted("-stage")).toEqual(["s9", "s2", "s10", "s1"]);
    expect(sorted("failing")).toEqual(["s2", "s10", "s1", "s9"]);
  });

  it("count only counted checks as failing", () => {
    const lenient = checks.map((check) => ({ ...check, counted: check.id === "A-2" }));
    // s2 fails three, of which one counts; s10 fails the same one.
    expect(names(sortRows(rows, "failing", lenient)).slice(0, 2)).toEqual(["s2", "s10"]);
    const none = checks.map((check) => ({ ...check, counted: false }));
    expect(names(sortRows(rows, "failing", none))).toEqual(["s1", "s2", "s9", "s10"]);
  });
});

describe("groups", () => {
  const grouped = (group: Choice["group"]) => titles(linesOf(view, choice({ group }), STAGES));

  it("stand by name, those without a value last", () => {
    expect(grouped("team")).toEqual(["[Core]", "s2", "s9", "[Money]", "s10", "[No team]", "s1"]);
    expect(grouped("archetype")).toEqual(["[No archetype]", "s1", "s2", "s9", "s10"]);
  });

  it("climb where their values do", () => {
    expect(grouped("difficulty").filter((title) => title.startsWith("["))).toEqual([
      "[easy]",
      "[moderate]",
      "[hard]",
      "[No difficulty]",
    ]);
    expect(grouped("stage").filter((title) => title.startsWith("["))).toEqual([
      "[Not started]",
      "[Discovered]",
      "[Live]",
    ]);
  });

  it("carry their share, over all and per check", () => {
    const [core] = linesOf(view, choice({ group: "team" }), STAGES);
    if (core?.kind !== "group") throw new Error("the first line is a group");
    expect(core.rows).toBe(2);
    expect(core.share).toEqual({ passed: 3, counted: 6 });
    expect(core.checks.map(shareOf)).toEqual([50, 50, 50]);
  });

  it("are skipped by the keys, which never leave the map", () => {
    // [Core] s2 s9 [Money] s10 [No team] s1
    const lines = linesOf(view, choice({ group: "team" }), STAGES);
    const check = (key: string, from: [number, number], to: [number, number] | undefined) =>
      expect(
        Object.values(step(key, { line: from[0], column: from[1] }, lines, 3, 2) ?? {}),
        key,
      ).toEqual(to ?? []);
    check("ArrowDown", [2, 1], [4, 1]);
    check("ArrowDown", [6, 1], [6, 1]);
    check("ArrowUp", [4, 1], [2, 1]);
    check("ArrowUp", [1, 1], [1, 1]);
    check("ArrowRight", [1, 2], [1, 2]);
    check("ArrowLeft", [1, 1], [1, 0]);
    check("PageDown", [1, 1], [4, 1]);
    check("PageUp", [2, 1], [1, 1]);
    check("Home", [4, 2], [4, 0]);
    check("End", [4, 0], [4, 2]);
    check("Ctrl Home", [4, 2], [1, 0]);
    check("Ctrl End", [1, 0], [6, 2]);
    check("x", [1, 0], undefined);
    expect(rowFrom(lines, -1, 1)).toBe(1);
  });
});

describe("columns", () => {
  it("stand under their stages", () => {
    expect(bands(checks)).toEqual([
      { stage: "discovered", title: "The discovered", columns: 2 },
      { stage: "live", title: "The live", columns: 1 },
    ]);
  });

  it("are shared among the services to which they apply", () => {
    expect(sharesOfChecks(rows, checks)).toEqual([
      { passed: 2, counted: 3 },
      { passed: 1, counted: 3 },
      { passed: 1, counted: 3 },
    ]);
    expect(shareOf({ passed: 0, counted: 0 })).toBeNull();
  });
});
