//! The forecast: golden values, traps, properties, and that its promises hold.

mod calibration;
mod examples;
mod golden;
mod plain;
mod properties;
mod resolved;
mod traps;
