import { describe, expect, it } from "vitest";
import { row, STAGES } from "@/lib/testing/fixtures";
import { isFiltered, readChoice, UNFILTERED } from "./choice";
import { filterRows, groupRows, sortRows, type Line } from "./rows";
import { leastWidth, shownColumns, tracks, USUAL, type Column } from "./columns";

const ada = { id: "p1", name: "Ada" };
const bob = { id: "p2", name: "Bob" };
const ROWS = [
  row({
    id: "a",
    name: "ledger-10",
    stage: "live",
    stage_index: 3,
    assignees: [ada, bob],
    target_date: "2026-11-01",
    team: "Core",
    effort: "XL",
    tags: ["pci"],
  }),
  row({
    id: "b",
    name: "ledger-9",
    blocked: true,
    target_date: "2026-12-01",
    next_due: "2026-11-20",
    owner: "Zoe",
    team: "Edge",
    effort: "M",
    known_as: ["main-book"],
  }),
  row({ id: "c", name: "api", stage: null, stage_index: 0, assignees: [bob] }),
  row({ id: "d", name: "old", scope: "retire", next_due: "2026-11-20" }),
  row({ id: "e", name: "postgres", class: "datastore", stage: null, stage_index: 0 }),
  row({ id: "f", name: "gone", scope: "archived" }),
  row({ id: "g", name: "gone-db", class: "datastore", scope: "archived" }),
];
const MEASURE = { today: "2026-11-24", doneIndex: 3 };

describe("filterRows", () => {
  const check = (query: string, expected: string) => {
    const choice = readChoice(new URLSearchParams(query));
    const ids = filterRows(ROWS, choice, STAGES, MEASURE).map(({ id }) => id);
    expect(ids.join(""), query).toBe(expected);
  };

  it("shows services in scope by default", () => check("", "abc"));
  it("shows other classes and scopes on demand", () => {
    check("class=all", "abce");
    check("class=all&scope=all", "abcdefg");
    check("class=datastore", "e");
    check("scope=retire", "d");
  });
  it("keeps what is archived away until it is asked for", () => {
    check("scope=archived", "f");
    check("scope=archived&class=all", "fg");
    check("class=datastore", "e");
    check("scope=all", "abcdf");
  });
  it("knows facts, and where they are not set", () => {
    check("team=Core", "a");
    check("team=-", "c");
    check("owner=Zoe", "b");
    check("tag=pci", "a");
    check("tag=-", "bc");
    check("team=Core&owner=Zoe", "");
  });
  it("finds by aliases, tags, owner and team", () => {
    check("q=main-book", "b");
    check("q=pci", "a");
    check("q=zoe%20edge", "b");
  });
  it("calls overdue what is past its day and not done", () => {
    check("attention=overdue", "b");
    check("attention=overdue&scope=all", "b");
  });
  it("knows exact stages, not started, and beyond", () => {
    check("stage=live", "a");
    check("stage=none", "c");
    check("reached=discovered", "ab");
    check("reached=live", "a");
  });
  it("knows people, overlays and text", () => {
    check("assignee=p2", "ac");
    check("assignee=nobody", "b");
    check("attention=blocked", "b");
    check("attention=claimed", "abc");
    check("q=LEDGER%209", "b");
    check("q=ada", "a");
    check("q=nothing", "");
  });
  it("ignores what it does not know", () => check("attention=whatever&sort=__proto__", "abc"));
});

describe("isFiltered", () => {
  it("tells filters from order and groups", () => {
    const filtered = (query: string) => isFiltered(readChoice(new URLSearchParams(query)));
    expect([filtered(""), filtered("sort=-stage&group=class")]).toEqual([false, false]);
    for (const key of Object.keys(UNFILTERED)) {
      expect(filtered(`${key}=${key === "attention" ? "blocked" : "x"}`), key).toBe(true);
    }
  });
});

describe("sortRows", () => {
  const check = (column: Column, descending: boolean, expected: string) => {
    const ids = sortRows(ROWS.slice(0, 3), column, descending).map(({ id }) => id);
    expect(ids.join(""), column).toBe(expected);
  };

  it("sorts names as people count", () => {
    check("name", false, "cba");
    check("name", true, "abc");
  });
  it("sorts stages by position", () => check("stage", true, "abc"));
  it("keeps empty values last both ways", () => {
    check("target", false, "abc");
    check("target", true, "bac");
    check("assignees", false, "acb");
  });
  it("sorts a scale by its steps, not by its letters", () => check("effort", false, "bac"));
});

describe("groupRows", () => {
  const titles = (lines: Line[]) =>
    lines.map((line) => (line.kind === "group" ? `${line.title} ${line.count}` : line.row.id));

  it("groups by stage in climbing order", () => {
    expect(titles(groupRows(ROWS.slice(0, 5), "stage", STAGES))).toEqual([
      "Not started 1",
      "c",
      "Discovered 2",
      "b",
      "d",
      "Live 1",
      "a",
      "No service, no stage 1",
      "e",
    ]);
  });
  it("lists a service under each of its people, nobody last", () => {
    const lines = groupRows(ROWS.slice(0, 3), "assignee", STAGES);
    expect(titles(lines)).toEqual(["Ada 1", "a", "Bob 2", "a", "c", "Nobody 1", "b"]);
    expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
  });
});

describe("columns", () => {
  it("stand in one order whatever was kept, with the name and with a class that is asked for", () => {
    expect(shownColumns(null, false)).toEqual(USUAL);
    expect(shownColumns(["changed", "stage", "whatever"], false)).toEqual([
      "name",
      "stage",
      "changed",
    ]);
    expect(shownColumns(["stage"], true)).toEqual(["name", "class", "stage"]);
  });
  it("fit beside the sidebar of a small window as they are at first", () => {
    expect(leastWidth(USUAL)).toBeLessThanOrEqual(1280 - 208 - 48);
    expect(tracks(["name", "stage"])).toBe("34px minmax(156px, 1.5fr) 142px");
  });
});
