import { describe, expect, it } from "vitest";
import { row } from "@/lib/testing/fixtures";
import { editOf, isField, known, tagEdits, valueOf } from "./fields";

describe("fields", () => {
  it("reads a field as text and writes it back as it was", () => {
    const full = row({ criticality: 4, target_date: "2026-12-01", effort: "XL", owner: "Ada" });
    for (const field of ["criticality", "target", "effort", "owner"] as const) {
      const edit = editOf(field, valueOf(full, field));
      const named = field === "target" ? "target_date" : field;
      expect(edit).toEqual({ field: named, value: full[named] });
    }
  });
  it("takes a field away where nothing is left of it", () => {
    expect(editOf("criticality", " ")).toEqual({ field: "criticality", value: null });
    expect(editOf("owner", "  ")).toEqual({ field: "owner", value: null });
    expect(valueOf(row(), "criticality")).toBe("");
  });
  it("writes only the tags that differ", () => {
    expect(tagEdits(["a", "b"], ["b", "c"])).toEqual([
      { field: "tag", value: { tag: "c", present: true } },
      { field: "tag", value: { tag: "a", present: false } },
    ]);
    expect(tagEdits(["a"], ["a"])).toEqual([]);
  });
  it("knows each value once, in order", () => {
    const rows = [
      row({ team: "b", tags: ["x10"] }),
      row({ team: "a", tags: ["x9", "x10"] }),
      row(),
    ];
    expect(known(rows, "team")).toEqual(["a", "b"]);
    expect(known(rows, "tags")).toEqual(["x9", "x10"]);
  });
  it("tells its fields from other words", () => {
    expect([isField("owner"), isField("name")]).toEqual([true, false]);
  });
});
