//! The full numbers, as a table.

use crate::calls;
use crate::cancel;
use crate::damage::{self, Aside};
use crate::kill::{self, Work};
use crate::power;
use crate::tape::Fault;
use crate::{Dice, Outcome};
use pilotage_store::Durability;
use std::path::Path;
use std::time::Instant;

/// How much of each.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    /// SIGKILLs, over all kinds of work.
    pub kills: u64,
    /// Power cuts.
    pub cuts: u64,
    /// Damages.
    pub damages: u64,
    /// Callers that go away.
    pub cancels: u64,
}

impl Numbers {
    /// Reads `--kills N --cuts N --damages N --cancels N`; what is not named is 0.
    pub fn read(words: &[String]) -> Outcome<Self> {
        let mut numbers = Self { kills: 0, cuts: 0, damages: 0, cancels: 0 };
        for pair in words.chunks(2) {
            let usage = "usage: durability [--kills N] [--cuts N] [--damages N] [--cancels N]";
            let [name, value] = pair else { return Err(usage.to_owned()) };
            let value = value.parse().map_err(|_| usage.to_owned())?;
            match name.as_str() {
                "--kills" => numbers.kills = value,
                "--cuts" => numbers.cuts = value,
                "--damages" => numbers.damages = value,
                "--cancels" => numbers.cancels = value,
                _ => return Err(usage.to_owned()),
            }
        }
        Ok(numbers)
    }
}

/// Runs everything and prints it line by line. `child` is a build of `faults-child`.
pub async fn print(numbers: Numbers, child: &Path) -> Outcome<()> {
    let seed = Dice::new(numbers.cuts ^ numbers.kills).roll();
    for (durability, share) in
        [(Durability::Full, 1), (Durability::Normal, 10), (Durability::Off, 10)]
    {
        let cuts = numbers.cuts / share;
        if cuts > 0 {
            let begun = Instant::now();
            let found = power::cut(cuts, durability, seed).await?;
            println!("power cuts, synchronous {durability:?}: {found:?} in {:?}", begun.elapsed());
        }
    }
    for work in Work::PRODUCT.into_iter().chain([Work::Early]) {
        let kills = if work == Work::Early { numbers.kills / 100 } else { numbers.kills / 4 };
        if kills > 0 {
            let begun = Instant::now();
            let found = kill::kill(child, work, kills, seed).await?;
            println!("SIGKILL, {}: {found:?} in {:?}", work.word(), begun.elapsed());
        }
    }
    for (aside, share) in [(Aside::Together, 1), (Aside::LogStays, 10)] {
        let damages = numbers.damages / share;
        if damages > 0 {
            let begun = Instant::now();
            let found = damage::damage(damages, aside, seed).await?;
            println!("damage, log {aside:?}: {found:?} in {:?}", begun.elapsed());
        }
    }
    if numbers.cuts > 0 {
        for (fault, on) in
            [(Fault::Io, false), (Fault::Io, true), (Fault::Full, false), (Fault::Full, true)]
        {
            let begun = Instant::now();
            let found = calls::fail(fault, on, 1).await?;
            println!(
                "n-th call fails, {fault:?}, and all later ones {on}: {found:?} in {:?}",
                begun.elapsed()
            );
        }
    }
    if numbers.cancels > 0 {
        let begun = Instant::now();
        let found = cancel::cancel(numbers.cancels, seed).await?;
        println!("callers that go away: {found:?} in {:?}", begun.elapsed());
    }
    Ok(())
}
