import type { LevelCell, SkillsView } from "@/lib/generated/api";

// What the team can do, for tests, as in fixtures.ts.

export const ADA = { id: "p1", name: "Ada" };
export const EVE = { id: "p2", name: "Eve" };
const NONE = { alone: 0, all: 0, alone_with_unconfirmed: 0, all_with_unconfirmed: 0 };

export function cell(changes: Partial<LevelCell> = {}): LevelCell {
  return {
    person: "p1",
    skill: "pipeline",
    level: 3,
    words: "L3",
    reopened: false,
    faded: false,
    last_use: "2026-11-20",
    since: "2026-11-12",
    executions: 4,
    unconfirmed: 1,
    assessed: 4,
    ...changes,
  };
}

export function skillsView(changes: Partial<SkillsView> = {}): SkillsView {
  const person = { outside: false, willing: true, open_assessment: false };
  const skill = { mandatory: true, holders: [], median_days: null, times: [] };
  return {
    as_of: "2026-11-24",
    skills: [
      { ...skill, id: "pipeline", title: "Pipeline", holders: [ADA] },
      { ...skill, id: "rollback", title: "Rollback" },
    ],
    people: [
      { ...ADA, ...person },
      { ...EVE, ...person, outside: true },
    ],
    levels: [cell()],
    executions: 4,
    unconfirmed: 1,
    contested: 0,
    truck_factor: 1,
    weakest: ["pipeline"],
    orphaned: ["rollback"],
    half_lost: null,
    independence: { alone: 2, all: 3, alone_with_unconfirmed: 3, all_with_unconfirmed: 4 },
    unaided: [],
    unaided_regressed: [],
    sprints: [
      {
        id: "s1",
        name: "Week one",
        kind: "expert-led",
        independence: NONE,
        done: 2,
        unaided: [],
        hours: 450,
        services: 3,
        hours_per_service: 150,
      },
    ],
    hours: [],
    suggestion: {
      sprint: "Week two",
      state: "planned",
      needed: ["pipeline"],
      mandatory: ["pipeline"],
      leader: {
        eligible: [
          { person: ADA, high: 1, guided: 2, fresh: 0.5, led_last_sprint: true, total: 2.5 },
        ],
        one_step_away: [],
        nearest: [],
      },
      pairs: null,
      wishes: [],
      note: null,
    },
    ...changes,
  };
}
