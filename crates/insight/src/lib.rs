//! Figures about a programme, computed from what is known: when it will be done, and how sure that
//! is. Pure: no clock, no randomness, no IO. Seeds and moments are passed in, and the same inputs
//! give the same numbers on every machine.
//!
//! Reading order: [`sample`] (which days count), [`forecast`] (what they promise).

mod draw;
pub mod forecast;
mod random;
pub mod sample;
