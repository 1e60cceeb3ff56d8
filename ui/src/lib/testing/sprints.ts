import type { ServiceRow, SprintRow, SprintService, SprintView } from "@/lib/generated/api";
import { row, STAGES } from "@/lib/testing/fixtures";

// Sprints for tests, as in fixtures.ts.

export function sprintRow(changes: Partial<SprintRow> = {}): SprintRow {
  return {
    id: "s1",
    name: "Week one",
    goal: "Two services are live.",
    kind: "expert-led",
    state: "running",
    first: "2026-11-23",
    last: "2026-11-27",
    working_days: 5,
    day: 2,
    leader: { id: "p1", name: "Ada" },
    members: [],
    planned: 2,
    reached: 1,
    ...changes,
  };
}

export function sprintService(
  service: Partial<ServiceRow> = {},
  changes: Partial<SprintService> = {},
): SprintService {
  return {
    service: row(service),
    target_stage: "live",
    target_title: "Live",
    reached: false,
    added: false,
    reason: "planned",
    ...changes,
  };
}

export function sprint(
  changes: Partial<SprintRow> = {},
  view: Partial<SprintView> = {},
): SprintView {
  return {
    sprint: sprintRow(changes),
    started_at: "2026-11-23T08:00:00Z",
    ended_at: null,
    services: [
      sprintService({
        id: "a",
        name: "accounts",
        blocked: true,
        next_check: { id: "CON-01", title: "The image builds" },
      }),
      sprintService({ id: "b", name: "billing" }),
      sprintService({ id: "c", name: "cards", stage: "live", stage_index: 3 }, { reached: true }),
    ],
    scope_changes: [],
    burn_up: [
      { date: "2026-11-23", scope: 2, reached: 0 },
      { date: "2026-11-24", scope: 3, reached: 1 },
    ],
    log: [],
    stages: STAGES,
    ...view,
  };
}
