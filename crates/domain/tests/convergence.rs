//! Convergence of the log: whatever the clocks, the order of arrival, repetitions and partitions,
//! all devices end in one state, and it is the fold of the sorted log. One seed replays everything.
//! Each bar has a control: the same histories under a rule that is known to be wrong.

use pilotage_domain::hlc::{self, Hlc};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::operation::{Batch, SeenVersion, Version, Write};
use pilotage_domain::registers::{Register, Registers};
use pilotage_domain::{DAY, Millis};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const SEEDS: u64 = 20_000;
const CONTROL_SEEDS: u64 = 1_000;
const TEN_YEARS: Millis = 3_653 * DAY;
const FIVE_MINUTES: Millis = 5 * 60_000;

// ---------------------------------------------------------------------------- the generator

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }

    fn within(&mut self, reach: Millis) -> Millis {
        let width = u64::try_from(2 * reach + 1).unwrap_or(1);
        Millis::try_from(self.next() % width).unwrap_or(0) - reach
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A batch that arrived on a device, by its place in the log, and the device's wall clock then.
#[derive(Clone, Copy)]
struct Arrival {
    batch: usize,
    wall: Millis,
}

struct Device {
    id: DeviceId,
    skew: Millis,
    last: Hlc,
    seq: u64,
    side: usize,
    registers: Registers,
    missing: Vec<usize>,
    arrivals: Vec<Arrival>,
}

/// What happened to a team's log.
struct History {
    log: Vec<(DeviceId, Batch)>,
    devices: Vec<Device>,
    /// The place in the log from which on batches settle the conflicts that were left.
    settling: usize,
}

fn register(number: usize) -> (Uuid, &'static str) {
    (Uuid::from_u128(1 + number as u128 / 2), ["name", "note"][number % 2])
}

impl History {
    fn simulate(seed: u64) -> Self {
        let mut random = Random(seed);
        let reach = [0, FIVE_MINUTES, 28 * DAY / 24, TEN_YEARS][random.below(4)];
        let start = 1_772_442_000_000;
        let devices = (0..2 + random.below(5))
            .map(|number| {
                let skew = random.within(reach);
                Device {
                    // The order of the devices is not the order of their creation.
                    id: DeviceId([
                        random.next().to_le_bytes()[0] ^ 0x55,
                        u8::try_from(number).unwrap_or(0),
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                    ]),
                    skew,
                    last: 0,
                    seq: 0,
                    side: 0,
                    registers: Registers::default(),
                    missing: Vec::new(),
                    arrivals: Vec::new(),
                }
            })
            .collect();
        let mut history = Self { log: Vec::new(), devices, settling: 0 };
        let mut time = start;
        let batches = 1 + random.below(60).min(random.below(60));
        while history.log.len() < batches {
            // Often several things in one millisecond, now and then a night between them.
            time += [0, 0, 0, 1, 1, 40, 3_000, DAY / 2][random.below(8)];
            let device = random.below(history.devices.len());
            match random.below(20) {
                0 => history.devices[device].skew = random.within(reach),
                1 => history.devices.iter_mut().for_each(|device| device.side = random.below(2)),
                2 => history.devices.iter_mut().for_each(|device| device.side = 0),
                3..10 => history.write(device, time, &mut random),
                _ => history.deliver(device, time, &mut random),
            }
        }
        // The network heals, and everything arrives; repetitions do too.
        history.heal(time, &mut random);
        history.settling = history.log.len();
        history.settle(random.below(history.devices.len()), time);
        history.heal(time, &mut random);
        history
    }

    fn heal(&mut self, time: Millis, random: &mut Random) {
        for device in 0..self.devices.len() {
            self.devices[device].side = 0;
        }
        for device in 0..self.devices.len() {
            while !self.devices[device].missing.is_empty() {
                self.deliver(device, time, random);
            }
        }
    }

    /// One action on one device, on one to four registers, naming what was on screen.
    fn write(&mut self, device: usize, time: Millis, random: &mut Random) {
        let registers = &self.devices[device].registers;
        let mut writes = Vec::new();
        for number in 0..4 {
            let (entity, path) = register(number);
            if !random.chance(40) && (number < 3 || !writes.is_empty()) {
                continue;
            }
            let seen = registers.get(entity, path).map_or_else(Vec::new, |register| {
                let heads: Vec<SeenVersion> =
                    register.heads().iter().map(|(version, _)| named(version)).collect();
                // A list shows all; a bulk edit only the winner; an import looks at nothing.
                match random.below(8) {
                    0 => Vec::new(),
                    1..4 => heads.last().copied().into_iter().collect(),
                    _ => heads,
                }
            });
            // Few values, so that two people sometimes mean the same.
            let value = json!(["a", "b", "c"][random.below(3)]);
            writes.push(Write { entity, path: path.to_owned(), value, seen });
        }
        if random.chance(10) {
            // As after 65,535 batches in this millisecond, or one more: the counter will carry.
            let author = &mut self.devices[device];
            let wall = u64::try_from(time + author.skew).unwrap_or(0) << 16;
            author.last = hlc::seen(author.last, wall | 0xfffe | (random.next() & 1));
        }
        self.append(device, time, writes);
    }

    fn append(&mut self, device: usize, time: Millis, writes: Vec<Write>) {
        let place = self.log.len();
        let author = &mut self.devices[device];
        let wall = time + author.skew;
        author.last = hlc::next(author.last, wall);
        author.seq += 1;
        let batch =
            Batch { seq: author.seq, hlc: author.last, actor: Uuid::from_u128(9), wall, writes };
        author.registers.fold(author.id, &batch);
        author.arrivals.push(Arrival { batch: place, wall });
        self.log.push((author.id, batch));
        for (other, receiver) in self.devices.iter_mut().enumerate() {
            if other != device {
                receiver.missing.push(place);
            }
        }
    }

    /// One batch arrives on a device: any that is missing, or one it has already.
    fn deliver(&mut self, device: usize, time: Millis, random: &mut Random) {
        let side = self.devices[device].side;
        let side_of = |devices: &[Device], place: usize| {
            let author = self.log[place].0;
            devices.iter().find(|device| device.id == author).map(|device| device.side)
        };
        let place = if random.chance(15) && !self.log.is_empty() {
            let place = random.below(self.log.len());
            if self.devices[device].missing.contains(&place) {
                return;
            }
            place
        } else {
            let missing = self.devices[device].missing.len();
            if missing == 0 {
                return;
            }
            let chosen = random.below(missing);
            let place = self.devices[device].missing[chosen];
            if side_of(&self.devices, place) != Some(side) {
                return;
            }
            self.devices[device].missing.remove(chosen)
        };
        let (author, batch) = &self.log[place];
        let receiver = &mut self.devices[device];
        receiver.last = hlc::seen(receiver.last, batch.hlc);
        receiver.registers.fold(*author, batch);
        receiver.arrivals.push(Arrival { batch: place, wall: time + receiver.skew });
    }

    /// Somebody settles every conflict: an ordinary write that names all heads.
    fn settle(&mut self, device: usize, time: Millis) {
        let open: Vec<Write> = self.devices[device]
            .registers
            .iter()
            .filter(|(_, register)| register.in_conflict())
            .map(|((entity, path), register)| Write {
                entity: *entity,
                path: path.clone(),
                value: json!("settled"),
                seen: register.heads().iter().map(|(version, _)| named(version)).collect(),
            })
            .collect();
        if !open.is_empty() {
            self.append(device, time, open);
        }
    }
}

fn named(version: &Version) -> SeenVersion {
    (version.hlc, version.device)
}

// ------------------------------------------------------------------- the rules, told otherwise

type State = BTreeMap<(Uuid, String), (Version, Value)>;

/// A rule of folding: the state after a write arrived on a device at its wall clock.
type Rule = fn(&mut State, (Uuid, String), (Version, Value), Millis);

fn greatest_version_wins(state: &mut State, key: (Uuid, String), new: (Version, Value), _: Millis) {
    match state.get(&key) {
        Some((version, _)) if *version >= new.0 => {}
        _ => drop(state.insert(key, new)),
    }
}

fn without_tie_break(state: &mut State, key: (Uuid, String), new: (Version, Value), _: Millis) {
    match state.get(&key) {
        Some((version, _)) if version.hlc >= new.0.hlc => {}
        _ => drop(state.insert(key, new)),
    }
}

fn last_arrival_wins(state: &mut State, key: (Uuid, String), new: (Version, Value), _: Millis) {
    state.insert(key, new);
}

fn not_from_the_future(
    state: &mut State,
    key: (Uuid, String),
    new: (Version, Value),
    wall: Millis,
) {
    if hlc::millis(new.0.hlc) <= wall + FIVE_MINUTES {
        greatest_version_wins(state, key, new, wall);
    }
}

/// The state of each device under a rule, from what arrived on it in the order it arrived.
fn states(history: &History, rule: Rule) -> Vec<State> {
    let fold = |device: &Device| {
        let mut state = State::new();
        for arrival in &device.arrivals {
            let (author, batch) = &history.log[arrival.batch];
            for write in &batch.writes {
                let key = (write.entity, write.path.clone());
                let new = (batch.version(*author), write.value.clone());
                rule(&mut state, key, new, arrival.wall);
            }
        }
        state
    };
    history.devices.iter().map(fold).collect()
}

fn agree(states: &[State]) -> bool {
    states.windows(2).all(|pair| pair[0] == pair[1])
}

/// All writes of the log: by register, its versions with their values and what they name.
type Writes<'a> = BTreeMap<(Uuid, &'a str), BTreeMap<Version, (&'a Value, &'a [SeenVersion])>>;

fn writes(log: &[(DeviceId, Batch)]) -> Writes<'_> {
    let mut all = Writes::new();
    for (device, batch) in log {
        for write in &batch.writes {
            let register = all.entry((write.entity, write.path.as_str())).or_default();
            register.insert(batch.version(*device), (&write.value, &write.seen));
        }
    }
    all
}

/// The heads, by definition: a write is one unless another, greater one names it.
fn heads(register: &BTreeMap<Version, (&Value, &[SeenVersion])>) -> Vec<Version> {
    let covered = |version: &Version| {
        register.iter().any(|(other, (_, seen))| {
            named(other) > named(version) && seen.contains(&named(version))
        })
    };
    register.keys().filter(|version| !covered(version)).copied().collect()
}

// ----------------------------------------------------------------------------------- the bars

fn expect(truth: bool, what: &str) -> Result<(), String> {
    if truth { Ok(()) } else { Err(what.to_owned()) }
}

/// Everything that must hold of one history.
fn holds(history: &History) -> Result<(), String> {
    let mut sorted: Vec<&(DeviceId, Batch)> = history.log.iter().collect();
    sorted.sort_by_key(|(device, batch)| batch.version(*device));
    let mut replay = Registers::default();
    for (device, batch) in sorted {
        replay.fold(*device, batch);
    }
    let hash = replay.state_hash();
    for device in &history.devices {
        expect(device.registers == replay, "incremental state is not the replayed one")?;
        expect(device.registers.state_hash() == hash, "hashes differ")?;
        expect(device.last >= device.registers.clock(), "a clock is behind what it saw")?;
    }
    let all = writes(&history.log);
    expect(all.len() == replay.iter().count(), "a register is lost, or invented")?;
    for ((entity, path), register) in replay.iter() {
        let written = &all[&(*entity, path.as_str())];
        let kept = register.writes().map(|(version, value)| (*version, value));
        let kept_all = kept.eq(written.iter().map(|(version, (value, _))| (*version, *value)));
        expect(kept_all, "a write is lost")?;
        let winner = written.iter().next_back().map(|(version, (value, _))| (version, *value));
        expect(register.winner() == winner, "the winner is not the greatest version")?;
        let found: Vec<Version> = register.heads().iter().map(|(version, _)| **version).collect();
        expect(found == heads(written), "heads are not what no write names")?;
        expect(found.last() == written.keys().next_back(), "the winner is no head")?;
        expect(!register.in_conflict(), "a settled conflict is open")?;
    }
    // The light fold, as the store does it, agrees too.
    let states = states(history, greatest_version_wins);
    expect(agree(&states), "the upsert diverges")?;
    let winners = replay.iter().filter_map(|((entity, path), register)| {
        let (version, value) = register.winner()?;
        Some(((*entity, path.clone()), (*version, value.clone())))
    });
    expect(states.first() == Some(&winners.collect()), "the upsert is not the fold")?;
    clocks_run_forward(history)
}

/// No device uses a reading twice, none runs backwards, and what is named is smaller.
fn clocks_run_forward(history: &History) -> Result<(), String> {
    let mut last: BTreeMap<DeviceId, (Hlc, u64)> = BTreeMap::new();
    for (device, batch) in &history.log {
        let (hlc, seq) = last.get(device).copied().unwrap_or_default();
        expect(batch.follows(hlc).is_ok() && batch.seq == seq + 1, "a clock runs backwards")?;
        last.insert(*device, (batch.hlc, batch.seq));
        let mut seen = batch.writes.iter().flat_map(|write| &write.seen);
        expect(seen.all(|seen| *seen < (batch.hlc, *device)), "what was seen is not smaller")?;
    }
    Ok(())
}

/// Runs over seeds on two threads; the first seed that fails, with its fault.
fn over_seeds(
    seeds: u64,
    test: impl Fn(u64) -> Result<(), String> + Sync,
) -> Option<(u64, String)> {
    let half = |start: u64| {
        (start..seeds).step_by(2).find_map(|seed| test(seed).err().map(|fault| (seed, fault)))
    };
    std::thread::scope(|scope| {
        let odd = scope.spawn(|| half(1));
        let even = half(0);
        [even, odd.join().expect("no panic in a seed")].into_iter().flatten().min()
    })
}

/// A wrong rule must be seen to be wrong within [`CONTROL_SEEDS`].
fn caught(name: &str, wrong: impl Fn(&History) -> bool + Sync) {
    let found = over_seeds(CONTROL_SEEDS, |seed| expect(!wrong(&History::simulate(seed)), name));
    assert!(found.is_some(), "{name}: not caught in {CONTROL_SEEDS} seeds");
}

#[test]
fn all_devices_converge() {
    let fault = over_seeds(SEEDS, |seed| holds(&History::simulate(seed)));
    assert_eq!(fault, None, "(seed, fault)");
}

#[test]
fn histories_contain_what_they_are_to_test() {
    let mut carried = 0;
    let (mut ties, mut settled, mut repeated, mut ahead) = (0, 0, 0, 0);
    for seed in 0..CONTROL_SEEDS {
        let history = History::simulate(seed);
        let readings: BTreeSet<Hlc> = history.log.iter().map(|(_, batch)| batch.hlc).collect();
        ties += u32::from(readings.len() < history.log.len());
        settled += u32::from(history.settling < history.log.len());
        let device = &history.devices[0];
        repeated += u32::from(device.arrivals.len() > history.log.len());
        // A counter of 0 is either a wall clock's or a carry's.
        carried += u32::from(history.log.iter().any(|(_, batch)| {
            batch.hlc.trailing_zeros() >= 16 && hlc::millis(batch.hlc) != batch.wall
        }));
        ahead += u32::from(device.arrivals.iter().any(|arrival| {
            hlc::millis(history.log[arrival.batch].1.hlc) > arrival.wall + FIVE_MINUTES
        }));
    }
    for (what, count) in [
        ("equal readings on two devices", ties),
        ("a conflict to settle", settled),
        ("repeated arrivals", repeated),
        ("a counter that carries", carried),
        ("a reading from the future", ahead),
    ] {
        assert!(count > 100, "{what}: in {count} of {CONTROL_SEEDS} histories only");
    }
}

#[test]
fn a_fold_without_tie_break_diverges() {
    caught("no tie-break", |history| !agree(&states(history, without_tie_break)));
}

#[test]
fn a_fold_in_order_of_arrival_diverges() {
    caught("arrival order wins", |history| !agree(&states(history, last_arrival_wins)));
}

#[test]
fn refusing_readings_from_the_future_diverges() {
    caught("5-minute rejection", |history| !agree(&states(history, not_from_the_future)));
}

#[test]
fn a_single_version_seen_leaves_settled_conflicts_open() {
    let one_seen = |history: &History| {
        let mut registers = Registers::default();
        for (device, batch) in &history.log {
            let mut batch = batch.clone();
            for write in &mut batch.writes {
                write.seen = write.seen.iter().max().copied().into_iter().collect();
            }
            registers.fold(*device, &batch);
        }
        registers.iter().any(|(_, register)| register.in_conflict())
    };
    caught("a single version seen", one_seen);
}

#[test]
fn an_unsettled_conflict_shows_on_every_device() {
    // Without the settling batches: the same registers are in conflict everywhere, which are
    // those with two values among their heads. The control is that there are any.
    let mut open = 0;
    for seed in 0..CONTROL_SEEDS {
        let history = History::simulate(seed);
        let log = &history.log[..history.settling];
        let expected: BTreeSet<(Uuid, &str)> = writes(log)
            .into_iter()
            .filter(|(_, register)| {
                let values: BTreeSet<String> =
                    heads(register).iter().map(|head| register[head].0.to_string()).collect();
                values.len() > 1
            })
            .map(|(key, _)| key)
            .collect();
        open += expected.len();
        for device in &history.devices {
            let mut registers = Registers::default();
            for arrival in device.arrivals.iter().filter(|arrival| arrival.batch < log.len()) {
                let (author, batch) = &log[arrival.batch];
                registers.fold(*author, batch);
            }
            let found: BTreeSet<(Uuid, &str)> = registers
                .iter()
                .filter(|(_, register)| register.in_conflict())
                .map(|((entity, path), _)| (*entity, path.as_str()))
                .collect();
            assert_eq!(found, expected, "seed {seed}: conflicts on {:?}", device.id);
        }
    }
    assert!(open > 1_000, "conflicts happen: {open}");
}

#[test]
fn no_conflict_is_announced_while_a_named_version_is_under_way() {
    let mut waited = 0;
    for seed in 0..CONTROL_SEEDS {
        let history = History::simulate(seed);
        let device = &history.devices[0];
        let mut registers = Registers::default();
        let mut arrived = Vec::new();
        for arrival in &device.arrivals {
            let (author, batch) = &history.log[arrival.batch];
            registers.fold(*author, batch);
            arrived.push(history.log[arrival.batch].clone());
            for write in &batch.writes {
                let written = &writes(&arrived)[&(write.entity, write.path.as_str())];
                let here = |seen: &SeenVersion| written.keys().any(|known| named(known) == *seen);
                let early = written.values().any(|(_, seen)| !seen.iter().all(here));
                let values: BTreeSet<String> =
                    heads(written).iter().map(|head| written[head].0.to_string()).collect();
                let announced =
                    registers.get(write.entity, &write.path).is_some_and(Register::in_conflict);
                assert_eq!(announced, !early && values.len() > 1, "seed {seed}");
                waited += u32::from(early && values.len() > 1);
            }
        }
    }
    assert!(waited > 100, "it happens that one must wait: {waited}");
}

#[test]
fn names_that_are_not_smaller_are_ignored() {
    // Two writes that name each other, and one that names itself: else none would be a head.
    let (entity, path) = register(0);
    let batch = |hlc: Hlc, value: &str, seen: &[Hlc]| {
        let seen = seen.iter().map(|hlc| (*hlc, DeviceId([1; 16]))).collect();
        let write = Write { entity, path: path.to_owned(), value: json!(value), seen };
        Batch { seq: hlc, hlc, actor: Uuid::nil(), wall: 0, writes: vec![write] }
    };
    let mut registers = Registers::default();
    registers.fold(DeviceId([1; 16]), &batch(1, "a", &[2]));
    registers.fold(DeviceId([1; 16]), &batch(2, "b", &[1, 2]));
    let register = registers.get(entity, path).expect("written");
    let heads: Vec<Hlc> = register.heads().iter().map(|(version, _)| version.hlc).collect();
    assert_eq!((heads, register.in_conflict()), (vec![2], false));
}

#[test]
fn what_is_delivered_is_what_was_written() {
    for seed in 0..CONTROL_SEEDS / 4 {
        for (_, batch) in History::simulate(seed).log {
            let line = batch.to_line().expect("a batch that may be written");
            assert_eq!(Batch::parse(line.as_bytes()), Ok(batch), "seed {seed}");
        }
    }
}

// -------------------------------------------------------------------------------- all of them

/// Three devices with three batches each. A state is reached by how many batches of each device
/// have arrived; if it is the same along every edge into it, it is the same along every one of
/// the 1,680 interleavings. Returns whether it is, for all 64 states.
fn every_interleaving_agrees<S: Clone + PartialEq>(
    empty: &S,
    fold: impl Fn(&mut S, usize, usize),
) -> bool {
    let mut states: BTreeMap<[usize; 3], S> = BTreeMap::from([([0; 3], empty.clone())]);
    for place in 1..64 {
        // In this order all states before a state come before it.
        let arrived = [place / 16, place / 4 % 4, place % 4];
        let mut reached: Option<S> = None;
        for device in (0..3).filter(|device| arrived[*device] > 0) {
            let mut before = arrived;
            before[device] -= 1;
            let mut state = states[&before].clone();
            fold(&mut state, device, before[device]);
            if reached.as_ref().is_some_and(|reached| *reached != state) {
                return false;
            }
            reached = Some(state);
        }
        states.extend(reached.map(|state| (arrived, state)));
    }
    true
}

/// Readings of a device's three batches.
const READINGS: [[Hlc; 3]; 4] = [[1, 2, 3], [1, 2, 4], [1, 3, 4], [2, 3, 4]];

/// All cases: the readings of each device, and to which of two registers each batch writes.
fn cases(readings: usize, patterns: usize) -> impl Iterator<Item = ([[Hlc; 3]; 3], usize)> {
    (0..readings.pow(3)).flat_map(move |clock| {
        let of = move |device: u32| READINGS[clock / readings.pow(device) % readings];
        (0..patterns).map(move |pattern| ([of(0), of(1), of(2)], pattern))
    })
}

/// A light state: for each register the winning version.
type Light = [Option<Version>; 2];

fn light_cases_agree(wins: fn(&Version, &Version) -> bool) -> bool {
    cases(4, 512).all(|(clocks, pattern)| {
        every_interleaving_agrees(&Light::default(), |state, device, batch| {
            let version = version(&clocks, device, batch);
            let register = &mut state[pattern >> (device * 3 + batch) & 1];
            if register.as_ref().is_none_or(|before| wins(&version, before)) {
                *register = Some(version);
            }
        })
    })
}

fn version(clocks: &[[Hlc; 3]; 3], device: usize, batch: usize) -> Version {
    let id = u8::try_from(device).unwrap_or(0);
    Version { hlc: clocks[device][batch], device: DeviceId([id; 16]), seq: batch as u64 + 1 }
}

#[test]
fn every_interleaving_of_three_devices_ends_in_one_state() {
    assert!(light_cases_agree(|new, before| new > before), "greatest version wins");
    let tie_break_removed = light_cases_agree(|new, before| new.hlc > before.hlc);
    assert!(!tie_break_removed, "control: without a tie-break some interleavings differ");
    let order_of_arrival = light_cases_agree(|_, _| true);
    assert!(!order_of_arrival, "control: in order of arrival they do as well");
}

/// The batches of a case; each names the device's own write before it to the same register.
fn batches(clocks: &[[Hlc; 3]; 3], pattern: usize) -> Vec<Vec<(DeviceId, Batch)>> {
    let target = |device: usize, batch: usize| pattern >> (device * 3 + batch) & 1;
    let batch = |device: usize, batch: usize| {
        let version = version(clocks, device, batch);
        let before =
            (0..batch).rev().find(|earlier| target(device, *earlier) == target(device, batch));
        let seen = before.map(|earlier| (clocks[device][earlier], version.device));
        let (entity, path) = register(target(device, batch));
        let write = Write {
            entity,
            path: path.to_owned(),
            value: json!(device * 3 + batch),
            seen: seen.into_iter().collect(),
        };
        let Version { hlc, device, seq } = version;
        (device, Batch { seq, hlc, actor: Uuid::nil(), wall: 0, writes: vec![write] })
    };
    (0..3).map(|device| (0..3).map(|number| batch(device, number)).collect()).collect()
}

#[test]
fn every_interleaving_folds_to_the_same_registers() {
    for (clocks, pattern) in cases(2, 128) {
        let batches = batches(&clocks, pattern);
        let agrees = every_interleaving_agrees(&Registers::default(), |state, device, number| {
            let (author, batch) = &batches[device][number];
            state.fold(*author, batch);
        });
        assert!(agrees, "{clocks:?} {pattern:b}");
    }
}

#[test]
fn the_interleavings_one_by_one() {
    // Literally, for a few cases: the winners of each of the 1,680 orders.
    for pattern in [0, 0b1_0101_0101, 0b0_1101_1000] {
        let batches = batches(&[READINGS[0]; 3], pattern);
        let mut orders = 0;
        let mut hashes = BTreeSet::new();
        let mut open = vec![(Registers::default(), [0; 3])];
        while let Some((state, arrived)) = open.pop() {
            if arrived == [3; 3] {
                orders += 1;
                hashes.insert(state.state_hash());
            }
            for device in (0..3).filter(|device| arrived[*device] < 3) {
                let (mut state, mut arrived) = (state.clone(), arrived);
                let (author, batch) = &batches[device][arrived[device]];
                state.fold(*author, batch);
                arrived[device] += 1;
                open.push((state, arrived));
            }
        }
        assert_eq!((orders, hashes.len()), (1_680, 1), "{pattern:b}");
    }
}
