//! Figures about a programme, computed from what is known: when it will be done, and how sure that
//! is. Pure: no clock, no randomness, no IO. Seeds and moments are passed in, and the same inputs
//! give the same numbers on every machine.
//!
//! Reading order: [`sample`] (which days count), [`forecast`] (what they promise), [`calibration`]
//! (whether it held), [`slip`] (why a date moved); [`flow`] (how services move), [`delivery`] (how
//! they are deployed), [`skills`] (what the team can do alone).

pub mod calibration;
pub mod delivery;
mod draw;
pub mod flow;
pub mod forecast;
mod random;
pub mod sample;
pub mod skills;
pub mod slip;
