import { describe, expect, it } from "vitest";
import type { SprintRow } from "@/lib/generated/api";
import { sprintRow } from "@/lib/testing/sprints";
import { dayText, turnsOf } from "./words";

describe("the days of a sprint", () => {
  const check = (changes: Partial<SprintRow>, today: string, expected: string) =>
    expect(dayText(sprintRow(changes), today)).toBe(expected);

  it("are told from today", () => {
    check({ day: 2 }, "2026-11-24", "day 2 of 5");
    check({ day: null }, "2026-11-20", "starts in 3 days, 5 working days");
    check({ day: null }, "2026-11-22", "starts tomorrow, 5 working days");
    check({ day: null }, "2026-11-25", "5 working days, none today");
    check({ day: null }, "2026-11-28", "1 day after its last day");
    check({ day: 2, state: "ended" }, "2026-11-24", "5 working days");
  });
});

describe("turns", () => {
  const check = (state: string, expected: string[]) =>
    expect(turnsOf(state).map(({ turn }) => turn)).toEqual(expected);

  it("depend on the state", () => {
    check("planned", ["start"]);
    check("running", ["end", "pause"]);
    check("paused", ["resume", "end"]);
    check("ended", []);
  });
});
