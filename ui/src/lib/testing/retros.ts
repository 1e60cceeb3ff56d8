import type { ActionView, NoteView, RetroDocument, RetroView } from "@/lib/generated/api";

// Retrospectives for tests, as in fixtures.ts.

export function action(changes: Partial<ActionView> = {}): ActionView {
  return {
    id: "a1",
    text: "Write the runbook",
    owner: { id: "p1", name: "Ada" },
    due_sprint: null,
    seen_by: "nobody asks any more",
    metric: null,
    direction: null,
    target: "team",
    notes: [],
    insight: null,
    supersedes: null,
    state: "open",
    reason: "",
    carried: 0,
    age_days: 7,
    outcome: "undecided",
    from: "Week one",
    ...changes,
  };
}

export function note(changes: Partial<NoteView> = {}): NoteView {
  return {
    id: "n1",
    column: "liked",
    text: "Good pairing",
    author: "Ada",
    service: null,
    check: null,
    facts: [],
    group: null,
    before: [],
    ...changes,
  };
}

const FORMAT = {
  id: "4l",
  title: "4L",
  columns: [
    { id: "liked", title: "Liked", prompt: "What went well?" },
    { id: "learned", title: "Learned", prompt: "What is new?" },
  ],
};

export function retro(
  changes: Partial<RetroDocument> = {},
  view: Partial<RetroView> = {},
): RetroView {
  const sprint = {
    id: "s1",
    name: "Week one",
    goal: "",
    kind: "regular",
    state: "ended",
    first: "2026-11-16",
    last: "2026-11-20",
  };
  return {
    document: {
      schema_version: 1,
      id: "r1",
      programme: "Shop",
      sprint,
      leader: { id: "p1", name: "Ada" },
      present: [{ id: "p1", name: "Ada" }],
      as_of: "2026-11-20T17:00:00Z",
      frozen: true,
      position: {},
      later_corrections: 0,
      format: FORMAT,
      authors: "named",
      voting: "tallies",
      step: "notes",
      skipped_by: null,
      revealed: false,
      closed: false,
      revisions: [],
      open_actions: [],
      facts: {
        sections: [
          {
            number: "2.1",
            title: "Scope and result",
            query: "",
            tag: "measured",
            not_observed: null,
            figures: [
              {
                id: "2.1/done",
                label: "Done",
                value: "1",
                items: [
                  { text: "cart", service: { id: "c", name: "cart" }, check: null, day: null },
                ],
              },
            ],
          },
          {
            number: "2.6",
            title: "Transfer",
            query: "",
            tag: "measured",
            not_observed: "no step execution was recorded",
            figures: [],
          },
        ],
        small: true,
        burn_up: [],
        effects: [],
      },
      doubts: [],
      notes: [],
      groups: [],
      insights: [],
      actions: [],
      follow_through: { agreed: 0, done: 0, open_age: null, carried: 0 },
      return_on_time: [0, 0, 0, 0, 0],
      confidence: [0, 0, 0, 0, 0],
      next_leader: null,
      pairs: [],
      kudos: [],
      ...changes,
    },
    opened: true,
    drafts: [],
    unreadable: 0,
    waits: null,
    formats: [FORMAT],
    steps: [
      ["open-actions", 5],
      ["facts", 10],
      ["notes", 10],
      ["group", 8],
      ["discuss", 15],
      ["actions", 8],
      ["close", 4],
    ].map(([step, minutes]) => ({ step: String(step), minutes: Number(minutes) })),
    metrics: [{ id: "blocked_hours", title: "Hours blocked" }],
    people: [
      { id: "p1", name: "Ada" },
      { id: "p2", name: "Ben" },
    ],
    about_people: [],
    sprints: [sprint],
    ...view,
  };
}
