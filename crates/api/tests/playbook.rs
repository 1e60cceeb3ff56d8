//! The playbook at work, through the one door: tried, adopted, undone, dated, filtered, waived.
//! Every programme stands in a folder of its own, and its clock stands where the test puts it.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "playbook/adoption.rs"]
mod adoption;
#[path = "playbook/bench.rs"]
mod bench;
#[path = "support/clocked.rs"]
mod clocked;
#[path = "playbook/editing.rs"]
mod editing;
#[path = "playbook/waivers.rs"]
mod waivers;
