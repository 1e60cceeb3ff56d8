//! The seed of a forecast: the same inputs draw the same numbers on every machine, and a new fact
//! draws new ones.

use super::{Drift, ENGINE_VERSION, Engine, Inputs};
use pilotage_domain::Millis;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use uuid::Uuid;

/// The first 8 bytes of SHA-256 over all that the forecast depends on, one value a line.
pub fn seed(engine: &Engine, programme: Uuid, as_of: Millis, inputs: &Inputs) -> u64 {
    let bits = |number: f64| format!("{:016x}", number.to_bits());
    let sigma = engine.drift.sigma(inputs.window().len());
    let mut text = format!("pilotage forecast {ENGINE_VERSION}\n{programme}\n{as_of}\n");
    for day in inputs.window() {
        let _ = write!(text, "{day} ");
    }
    let Inputs { remaining, regressions, additions, .. } = inputs;
    let _ = write!(text, "\n{remaining}\n{regressions}\n{additions}\n");
    for planned in &inputs.capacity.planned {
        let _ = write!(text, "{} ", bits(*planned));
    }
    let _ = write!(text, "\n{}\n{}\n{}\n", bits(inputs.capacity.after), bits(sigma), engine.trials);
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

impl Engine {
    /// The same engine with another drift.
    #[must_use]
    pub fn with_drift(self, drift: Drift) -> Self {
        Self { drift, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_depends_on_every_input() {
        let inputs = Inputs { sample: vec![1, 2], remaining: 3, ..Inputs::default() };
        let engine = Engine::default();
        let of = |engine: &Engine, inputs: &Inputs| seed(engine, Uuid::nil(), 5, inputs);
        let base = of(&engine, &inputs);
        assert_eq!(base, of(&engine, &inputs.clone()), "a redraw has the same seed");
        let mut seeds = vec![
            base,
            seed(&engine, Uuid::max(), 5, &inputs),
            seed(&engine, Uuid::nil(), 6, &inputs),
            of(&engine, &Inputs { sample: vec![12], ..inputs.clone() }),
            of(&engine, &Inputs { sample: vec![2, 1], ..inputs.clone() }),
            of(&engine, &Inputs { remaining: 4, ..inputs.clone() }),
            of(&engine, &Inputs { regressions: 1, ..inputs.clone() }),
            of(&engine, &Inputs { additions: 1, ..inputs.clone() }),
            of(&engine.with_drift(Drift::Fixed(0.3)), &inputs),
            of(&Engine { trials: 9, ..engine }, &inputs),
        ];
        let mut planned = inputs.clone();
        planned.capacity.planned = vec![1.0];
        seeds.push(of(&engine, &planned));
        planned.capacity.after = 2.0;
        seeds.push(of(&engine, &planned));
        let count = seeds.len();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), count, "two inputs share a seed");
    }
}
