//! Retrospectives: the facts of a sprint, the document, its forms, and private notes.
//!
//! What is deliberately absent: the rules, which are `domain::retrospective`'s.

pub(crate) mod about_people;
pub(crate) mod before;
mod chapters;
pub(crate) mod desk;
mod document;
pub(crate) mod drafts;
mod effects;
pub(crate) mod facts;
mod looked;
mod render;
mod transfer;

pub(crate) use desk::{Desk, adopted};
pub(crate) use document::{action_view, document, format_of, format_view, sprint_view};
pub(crate) use effects::{catalogue, metric_of};
pub use render::{read, render};
