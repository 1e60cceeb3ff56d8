/** Hooks for tests of who did what; a part of the testids. */
export const skillHooks = {
  whoDidIt: "who-did-it",
  whoHelp: (index: number) => `who-help-${index}`,
  whoAdd: "who-add",
  whoNobody: "who-nobody",
  execution: "execution",
  executionConfirm: "execution-confirm",

  skillsFirst: "skills-first",
  skillsMatrix: "skills-matrix",
  skillCell: (person: string, skill: string) => `skill-${person}-${skill}`,
  skillsIndependence: "skills-independence",
  skillsTruckFactor: "skills-truck-factor",
  skillsOrphaned: "skills-orphaned",
  skillsUnconfirmed: "skills-unconfirmed",
  skillsSprints: "skills-sprints",
  skillsSuggested: "skills-suggested",
  skillsPanel: "skills-panel",
  skillsPanelClose: "skills-panel-close",
  skillsAssess: "skills-assess",
  transfer: "transfer",
} as const;
