//! The stage computation against stories worked out by hand from DESIGN section 2, and against
//! properties of random stories.

mod properties;
mod stories;
mod story;
