import { describe, expect, it } from "vitest";
import type { NoticeView } from "@/lib/generated/api";
import { byKind, kindText, newest, noticeKey } from "./kinds";

function notice(kind: string, at: string, changes: Partial<NoticeView> = {}): NoticeView {
  return {
    kind,
    at,
    service: { id: "s1", name: "ledger" },
    check: null,
    text: "Text",
    unseen: true,
    request: null,
    ...changes,
  };
}

const KINDS = [
  "regressed",
  "waiver_requested",
  "approval",
  "overdue",
  "blocked",
  "waiver_ending",
  "conflict",
];

describe("notices", () => {
  it("have a shape and a word of their own", () => {
    expect(new Set(KINDS.map((kind) => kindText(kind).glyph)).size).toBe(KINDS.length);
    expect(new Set(KINDS.map((kind) => kindText(kind).word)).size).toBe(KINDS.length);
    expect(kindText("something_new").word).toBe("something new");
  });

  it("keep their urgency when they are gathered", () => {
    const list = [notice("regressed", "b"), notice("blocked", "c"), notice("regressed", "a")];
    expect(byKind(list).map(([kind, of]) => [kind, of.length])).toEqual([
      ["regressed", 2],
      ["blocked", 1],
    ]);
  });

  it("know the newest, whatever its place and zone", () => {
    const list = ["2026-01-02T10:00:00Z", "2026-01-02T12:00:00+01:00", "2026-01-01T23:00:00Z"];
    expect(newest(list.map((at) => notice("blocked", at)))).toBe("2026-01-02T12:00:00+01:00");
    expect(newest([])).toBeNull();
  });

  it("are told apart", () => {
    const one = notice("blocked", "2026-01-02T10:00:00Z");
    expect(noticeKey({ ...one, unseen: false })).toBe(noticeKey(one));
    for (const other of [{ at: "later" }, { check: "A-1" }, { service: null }, { text: "Other" }])
      expect(noticeKey({ ...one, ...other })).not.toBe(noticeKey(one));
  });
});
