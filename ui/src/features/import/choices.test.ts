import { describe, expect, it } from "vitest";
import { importReport } from "@/lib/testing/fixtures";
import { changesAnything, differing, fieldText, keyOf, mapped, taken } from "./choices";

const FIELD = { here: "a", file: "b" };
const report = importReport({
  rows: [
    {
      outcome: "differs",
      name: "pay",
      class: "service",
      class_reason: null,
      file: "a.csv",
      line: 2,
      reason: null,
      fields: [
        { field: "owner", differs: true, ...FIELD },
        { field: "team", differs: false, ...FIELD },
        { field: "notes", differs: true, ...FIELD },
      ],
    },
  ],
  columns: [
    { title: "Who", field: "owner", samples: ["Ann"] },
    { title: "Group", field: "team", samples: [] },
    { title: "Words", field: "tags", samples: [] },
    { title: "Other", field: null, samples: [] },
  ],
});

describe("differing fields", () => {
  it("are those that somebody edited, and no others", () => {
    expect(differing(report).map(({ field }) => field)).toEqual(["owner", "notes"]);
  });

  it("are taken one by one", () => {
    const chosen = new Set([keyOf({ name: "pay", field: "notes" }), "what is gone"]);
    expect(taken(report, chosen)).toEqual([{ name: "pay", field: "notes" }]);
    expect(taken(report, new Set())).toEqual([]);
  });

  it("keep names apart that hold separators", () => {
    expect(keyOf({ name: "a.b", field: "c" })).not.toBe(keyOf({ name: "a", field: "b.c" }));
  });
});

describe("mapping of columns", () => {
  it("moves a field that holds one value", () => {
    expect(mapped(report, "Other", "owner")).toEqual([
      { title: "Who", field: null },
      { title: "Group", field: "team" },
      { title: "Words", field: "tags" },
      { title: "Other", field: "owner" },
    ]);
  });

  it("leaves lists in several columns", () => {
    const fields = mapped(report, "Other", "tags").map(({ field }) => field);
    expect(fields).toEqual(["owner", "team", "tags", "tags"]);
  });

  it("leaves a column out", () => {
    expect(mapped(report, "Group", null)[1]).toEqual({ title: "Group", field: null });
  });
});

describe("an import", () => {
  it("has something to apply only where something changes", () => {
    const unchanged = importReport({ unchanged: 3 });
    expect(changesAnything(unchanged, 0)).toBe(false);
    expect(changesAnything(unchanged, 1)).toBe(true);
    expect(changesAnything(importReport({ created: 1 }), 0)).toBe(true);
    const log = { devices: 1, new: 0, known: 4, set_aside: 0 };
    expect(changesAnything(importReport({ log }), 0)).toBe(false);
    expect(changesAnything(importReport({ log: { ...log, new: 1 } }), 0)).toBe(true);
  });

  it("calls fields by their names", () => {
    expect(fieldText("target_date")).toBe("target date");
    expect(fieldText("links/https:%2F%2Fd.example%2Fa%2520b")).toBe("link https://d.example/a%20b");
  });
});
