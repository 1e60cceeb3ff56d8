import type {
  CheckView,
  ImportReport,
  OutlookView,
  ProgressView,
  ServiceRow,
  SessionView,
  StageRef,
  Totals,
} from "@/lib/generated/api";

// Values for tests. They are in no build: only tests import them, and a test checks that.

export const STAGES: StageRef[] = ["Discovered", "Assessed", "Live"].map((title) => ({
  id: title.toLowerCase(),
  title,
  applicable: true,
}));

export function row(changes: Partial<ServiceRow> = {}): ServiceRow {
  return {
    id: "one",
    name: "one",
    class: "service",
    scope: "in",
    stage: "discovered",
    stage_index: 1,
    blocked: false,
    blocked_since: null,
    regressed: false,
    reproving: false,
    unproven_since: null,
    progress: { passed: 2, counted: 8, proved: 1, waived: 0, not_applicable: 0 },
    assignees: [],
    target_date: null,
    next_check: null,
    calls: 0,
    called_by: 0,
    stage_since: null,
    changed_at: "2026-11-24T12:00:00Z",
    owner: null,
    team: null,
    criticality: null,
    effort: null,
    archetype: null,
    difficulty: null,
    tags: [],
    known_as: [],
    next_due: null,
    ...changes,
  };
}

export function check(changes: Partial<CheckView> = {}): CheckView {
  return {
    id: "CON-01",
    title: "The image builds from a clean clone",
    stage: "containerised",
    kind: "auto",
    state: "counted",
    weight: 5,
    skills: [],
    what: "What must be true.",
    why: "Why it matters.",
    steps: ["First", "Second"],
    script: "docker build .",
    fix_link: null,
    result: "unknown",
    reason: "never_seen",
    claimed: false,
    regressed: false,
    reproving: false,
    finding: null,
    waiver: null,
    advice: null,
    request: null,
    due: null,
    doing: null,
    ...changes,
  };
}

export function session(changes: Partial<SessionView> = {}): SessionView {
  return {
    programme: "Programme",
    workspace: "programme.pilotage",
    version: "0.1.0",
    acting_as: { id: "p1", name: "Ada" },
    suggested_name: null,
    suggested_email: null,
    people: [{ id: "p1", name: "Ada" }],
    today: "2026-11-24",
    last_visit: null,
    undo: null,
    read_only: null,
    sample: false,
    nodes: 3,
    views: [],
    first_steps: { person: true, services: true, assigned: true, looked: true },
    ...changes,
  };
}

export function outlook(changes: Partial<OutlookView> = {}): OutlookView {
  const dates = ["2026-12-16", "2026-12-23", "2027-01-04", "2027-01-25"];
  const levels = [50, 70, 85, 95].map((level, index) => ({
    level,
    working_days: 13 + 8 * index,
    date: dates[index] ?? null,
    how_many: 6 - index,
  }));
  return {
    sentence: "With today’s scope: 50 % by Wed 16 December 2026.",
    status: "On course",
    reason: null,
    scope: 17,
    remaining: 13,
    day_one: "2026-11-24",
    levels,
    horizon: 10,
    growing: [],
    growing_reason: "Too few days to tell how scope grows: 15 are needed.",
    beyond: 0,
    deadline: null,
    slip: null,
    adjusted: null,
    basis: {
      mode: "independent",
      sample: [{ date: "2026-11-23", done: 1 }],
      regressions: 0,
      additions: 0,
      dispersion: 1,
      sigma: 0.43,
      seed: "0000000000000001",
      engine_version: 1,
    },
    burn_up: [
      { date: "2026-11-23", scope: 17, done: 3 },
      { date: "2026-11-24", scope: 17, done: 4 },
    ],
    fan: [
      { date: "2026-11-30", done: [7, 6, 5, 5], growing: [] },
      { date: "2026-12-31", done: [17, 16, 14, 11], growing: [] },
    ],
    calibration: { words: "No 85 % forecast is resolved yet.", coverage: [], forecasts: [] },
    ...changes,
  };
}

export function progress(totals: Partial<Totals> = {}): ProgressView {
  return {
    programme: "Programme",
    time_zone: "Europe/Prague",
    deadline: "2026-12-04",
    done_stage: "live",
    as_of: "2026-11-24T12:00:00Z",
    at: null,
    as_known: false,
    outlook: outlook(),
    sheet: {
      classes: [{ class: "easy", total: 10, done: 4, oldest: null, oldest_days: 0 }],
      needs: [],
      deployments: [],
      deployments_since: null,
      independence: { led: 3, unled: 1, sprints: [] },
      health: { regressions: 1, open: 1, recovery_days: null },
      trust: { last_look: null, never_looked: 2, late_entries: 0, open_checks: 120 },
    },
    sentence: "4 of 17 services are live.",
    totals: {
      in_scope: 17,
      out_of_scope: 1,
      done: 4,
      blocked: 2,
      regressed: 1,
      reproving: 0,
      unproven: 0,
      passed: 80,
      counted: 200,
      proved: 60,
      claimed: 20,
      waived: 1,
      not_applicable: 3,
      ...totals,
    },
    stages: ["none", "discovered", "assessed", "live"].map((stage, index) => ({
      stage,
      title: stage === "none" ? "Not started" : (STAGES[index - 1]?.title ?? stage),
      meaning: "Meaning",
      here: index,
      reached: 6 - index,
      services: [],
      applicable: true,
    })),
    flow: {
      stages: ["none", "discovered", "assessed", "live"],
      days: [
        { date: "2026-11-22", here: [4, 1, 1, 0] },
        { date: "2026-11-23", here: [2, 2, 1, 1] },
        { date: "2026-11-24", here: [0, 1, 2, 3] },
      ],
      marks: [{ date: "2026-11-23", label: "Playbook version 2" }],
    },
    blocked: [],
    regressed: [],
    since: null,
    changes: [],
    changes_total: 0,
    moved: [],
  };
}

export function importReport(changes: Partial<ImportReport> = {}): ImportReport {
  return {
    token: "t1",
    format: "csv",
    columns: [],
    fields: ["name", "owner", "team", "tags"],
    files: ["services.csv"],
    applied: false,
    created: 0,
    updated: 0,
    unchanged: 0,
    differs: 0,
    rejected: 0,
    rows: [],
    dependencies: { created: 0, updated: 0, unchanged: 0, rows: [] },
    warnings: [],
    log: null,
    batch: null,
    ...changes,
  };
}
