//! Retrospectives from the first note to the next one's before and after.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "retro/team.rs"]
mod team;

#[path = "retro/actions.rs"]
mod actions;
#[path = "retro/facts.rs"]
mod facts;
#[path = "retro/formats.rs"]
mod formats;
#[path = "retro/moving.rs"]
mod moving;
#[path = "retro/notes.rs"]
mod notes;
