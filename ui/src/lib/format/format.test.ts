import { describe, expect, it } from "vitest";
import { count, cut, percent, visible } from "./text";
import { addDays, calendarDate, daysLeft, groupByDay, nearDate, relative } from "./time";
import { checkMark, markText, overlays, reasonText, weightText, type Mark } from "./words";
import { row } from "@/lib/testing/fixtures";

describe("visible", () => {
  const check = (input: string, expected: string) =>
    expect(visible(input), JSON.stringify(input)).toBe(expected);

  it("leaves plain text of any script alone", () => {
    for (const text of ["loan-api", "Kovář", "سلام", "日本語", "e\u0301", "👍🏽", "a‑b", ""]) {
      check(text, text);
    }
  });

  it("shows controls", () => {
    check("a\u0000b", "a⟨U+0000⟩b");
    check("\u001b[31mred", "⟨U+001B⟩[31mred");
    check("a\u0085b\u007f", "a⟨U+0085⟩b⟨U+007F⟩");
    check("a\nb\tc", "a↵b⇥c");
    expect(visible("a\nb\tc\u0007", "multiline")).toBe("a\nb\tc⟨U+0007⟩");
  });

  it("shows what turns the reading direction", () => {
    check("exe\u202egnp", "exe⟨U+202E⟩gnp");
    check("\u2066x\u2069\u200f\u061c", "⟨U+2066⟩x⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩");
  });

  it("shows zero width, tags and lone surrogates", () => {
    check("pay\u200bment\ufeff", "pay⟨U+200B⟩ment⟨U+FEFF⟩");
    check("a\u{e0041}", "a⟨U+E0041⟩");
    check("a\ud800b", "a\ufffdb");
  });

  it("keeps a joiner between pictures, and shows it elsewhere", () => {
    check("👩‍💻", "👩‍💻");
    check("👩🏽‍💻", "👩🏽‍💻");
    check("❤️‍🔥", "❤️‍🔥");
    check("a\u200db", "a⟨U+200D⟩b");
  });

  it("never makes markup", () => {
    check("<script>alert(1)</script>", "<script>alert(1)</script>");
  });
});

describe("numbers", () => {
  it("count and share", () => {
    expect([count(1, "day"), count(2, "day"), count(5000, "service")]).toEqual([
      "1 day",
      "2 days",
      "5,000 services",
    ]);
    expect([percent(1, 3), percent(0, 0)]).toEqual(["33 %", "–"]);
    expect([cut("abcdef", 4), cut("abc", 4)]).toEqual(["abc…", "abc"]);
  });
});

describe("time", () => {
  const now = Date.parse("2026-11-24T12:00:00Z");
  const check = (moment: string, expected: string) => expect(relative(moment, now)).toBe(expected);

  it("is relative in one unit, then a date", () => {
    check("2026-11-24T11:59:30Z", "just now");
    check("2026-11-24T12:00:20Z", "just now");
    check("2026-11-24T11:56:00Z", "4 min ago");
    check("2026-11-24T09:00:00Z", "3 h ago");
    check("2026-11-20T09:00:00Z", "4 d ago");
    check("2026-09-02T09:00:00Z", "2 Sept");
    check("2025-09-02T09:00:00Z", "2 Sept 2025");
  });

  it("counts calendar days without a time zone", () => {
    expect(calendarDate("2026-12-04")).toBe("4 Dec 2026");
    expect([nearDate("2026-12-04", now), nearDate("2027-01-04", now)]).toEqual([
      "4 Dec",
      "4 Jan 2027",
    ]);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect([
      daysLeft("2026-11-24", "2026-11-25"),
      daysLeft("2026-11-24", "2026-11-24"),
      daysLeft("2026-11-24", "2026-11-20"),
    ]).toEqual(["1 day left", "today", "4 days late"]);
  });

  it("groups by day and keeps the order", () => {
    const days = groupByDay(
      ["2026-11-24T12:00:00Z", "2026-11-24T11:00:00Z", "2026-11-20T12:00:00Z"],
      (moment) => moment,
    );
    expect(days.map(([, list]) => list.length)).toEqual([2, 1]);
  });
});

describe("words", () => {
  it("give every mark its own shape or word", () => {
    const marks: Mark[] = ["pass", "fail", "unknown", "stale", "waived", "not_applicable"];
    const shapes = marks.map((mark) => markText(mark).glyph);
    expect(shapes).toEqual(["●", "✕", "?", "◌", "⊘", "–"]);
    expect(new Set(shapes).size).toBe(marks.length);
    expect([markText("blocked").glyph, markText("regressed").glyph]).toEqual(["■", "↓"]);
  });

  it("never take unknown for pass", () => {
    expect(checkMark({ result: "unknown", reason: "never_seen" })).toBe("unknown");
    expect(checkMark({ result: "unknown", reason: "stale" })).toBe("stale");
    expect(checkMark({ result: "something new", reason: null })).toBe("unknown");
  });

  it("name overlays, reasons and weights", () => {
    expect(overlays(row({ regressed: true, blocked: true }))).toEqual(["blocked", "regressed"]);
    expect(reasonText("stale")).toContain("too old");
    expect(reasonText(null)).toBeNull();
    expect([5, 3, 1, 0].map(weightText)).toEqual(["blocker", "major", "minor", "information"]);
  });
});
