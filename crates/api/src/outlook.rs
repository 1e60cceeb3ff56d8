//! What a programme may expect, from its own log: the sample of closed working days as known at a
//! moment, what remains, the forecast, whether earlier ones held, and why the date moved.
//!
//! What is deliberately absent: any number that is kept. Everything is computed from services and
//! facts of the moment that is asked for; only forecasts that were issued are facts themselves.

mod basis;
mod issued;
mod sheet;
mod view;

pub(crate) use basis::{Basis, is_in_scope, is_known, known_sprints, living_facts, moved_by};
pub(crate) use issued::{adaptive, issue};
pub(crate) use sheet::sheet;
pub(crate) use view::{deadline, levels, sentence, view};
