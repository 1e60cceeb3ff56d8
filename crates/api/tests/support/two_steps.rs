//! A playbook of two stages with a check each, and the days on which it is climbed.

/// Two stages, a check each.
pub const PLAYBOOK: &str = "\
playbook: small
version: 1
title: Two steps
stages:
  - { id: ready, title: Ready, meaning: It may go. }
  - { id: live, title: Live, meaning: It went. }
skills: []
checks:
  - &check
    id: A-1
    version: 1
    stage: ready
    title: It has an owner
    kind: manual
    state: counted
    weight: 5
    what: Somebody answers for it.
    why: Else nobody does.
    how: { steps: [Ask around.] }
  - { <<: *check, id: B-1, title: It is switched, stage: live }
";

/// Noon of a day of March 2026 in Berlin; the 2nd is a Monday.
pub fn noon(day: i64) -> i64 {
    1_772_362_800_000 + (day - 1) * 86_400_000
}
