//! What the team can do alone, from what is recorded of who did what. Read in one pass: a handful of
//! queries, whatever the number of services and people.
//!
//! What is deliberately absent: any level that is kept. All of it is computed when it is asked for.

mod evidence;
mod suggest;
mod view;

pub(crate) use evidence::{Evidence, facts};
pub(crate) use view::{confirm_advice, executions, transfer, view};
