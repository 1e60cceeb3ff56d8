//! A long history, made up: services climb a playbook that changes on the way, fall back, are
//! blocked, waived, renamed; sprint follows sprint; three devices write it, some things late, some
//! at the same time.

use crate::browser::Outcome;
use pilotage_api::programme::initial_changes;
use pilotage_domain::DAY;
use pilotage_domain::Millis;
use pilotage_domain::change::{Change, Kind, Presence, path};
use pilotage_domain::execution::{Execution, Help, Participant};
use pilotage_domain::fact::{Fact, Happening, Scope, Seen, Source};
use pilotage_domain::hlc;
use pilotage_domain::ids::{self, DeviceId};
use pilotage_domain::operation::Batch;
use pilotage_domain::playbook::{Check, DEFAULT, Playbook};
use pilotage_domain::sprint::{self, Plan, SprintKind, Turn};
use pilotage_domain::words::DependencyKind;
use pilotage_store::{Commit, Store, StoreError};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Days that the history spans.
const DAYS: i64 = 400;
/// Days from the start of a sprint to that of the next: a hundred of them in the whole history.
const SPRINT: i64 = 4;
/// Services that a sprint plans.
const PLANNED: usize = 20;
const DEVICES: usize = 3;
const PEOPLE: u128 = 12;

/// `SplitMix64`: one seed makes one history.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll() % sides as u64).unwrap_or(0)
    }

    fn id(&mut self, at: Millis) -> Uuid {
        // As the product makes them: the moment first.
        let moment = u64::try_from(at).unwrap_or(0) << 16;
        Uuid::from_u64_pair(moment | (self.roll() & 0xffff), self.roll())
    }
}

struct Device {
    id: DeviceId,
    seq: u64,
    hlc: hlc::Hlc,
    lines: Vec<Vec<u8>>,
}

/// What went into a programme.
pub struct Received {
    /// Register writes.
    pub writes: usize,
    /// Batches that they came in.
    pub batches: usize,
    /// How long the store took to receive them.
    pub time: Duration,
}

/// Makes a programme at `path` and receives its history of at least `writes` register writes, which
/// ends at `now`, as a device does that joins.
///
/// # Errors
/// What the store says.
pub async fn programme(
    path: &Path,
    services: usize,
    writes: usize,
    now: Millis,
) -> Outcome<Received> {
    let text = |error: StoreError| error.to_string();
    let workspace = Uuid::from_u128(0x0192_f0c4_6c1e_7b35_9d0e_3f6f_1c2a_7b11);
    let start = now - DAYS * DAY;
    Store::create(path, workspace, start).await.map_err(text)?;
    let store = Store::open(path, DeviceId([1; 16]), "bench").await.map_err(text)?;
    let playbook = Playbook::parse(DEFAULT).map_err(|error| error.to_string())?;
    let zone = "Europe/Berlin".parse().unwrap_or_default();
    let id = Uuid::now_v7();
    let changes = initial_changes(workspace, "Long", zone, &playbook, start, id);
    let commit = Commit { id: Uuid::now_v7(), actor: Uuid::nil(), now: start, changes };
    store.commit(commit).await.map_err(text)?;
    let history = History::write(workspace, services, writes, now);
    let writes = history.writes;
    let lines = history.lines();
    let batches = lines.iter().map(|(_, lines)| lines.len()).sum();
    let before = Instant::now();
    for (device, lines) in lines {
        store.receive(device, lines, now).await.map_err(text)?;
    }
    let time = before.elapsed();
    store.close().await;
    Ok(Received { writes, batches, time })
}

/// The history of one programme, on its way.
struct History {
    dice: Dice,
    workspace: Uuid,
    services: Vec<Uuid>,
    people: Vec<Uuid>,
    checks: Vec<Check>,
    devices: Vec<Device>,
    open_blockers: Vec<(Uuid, Uuid)>,
    findings: Vec<(Uuid, Uuid)>,
    running: Option<Uuid>,
    /// Register writes so far.
    pub writes: usize,
}

impl History {
    /// Writes a history of `services` services and at least `writes` register writes, which ends
    /// at `now`.
    fn write(workspace: Uuid, services: usize, writes: usize, now: Millis) -> Self {
        let playbook = Playbook::parse(DEFAULT).unwrap_or_else(|error| panic!("{error}"));
        let devices = (0..DEVICES)
            .map(|number| Device {
                id: DeviceId([u8::try_from(number).unwrap_or(0) + 0x20; 16]),
                seq: 0,
                hlc: 0,
                lines: Vec::new(),
            })
            .collect();
        let mut history = Self {
            dice: Dice(7),
            workspace,
            services: (0..services)
                .map(|number| ids::service(workspace, &format!("service-{number:05}")))
                .collect(),
            people: (0..PEOPLE).map(|number| Uuid::from_u128(0xbeef_0000 + number)).collect(),
            checks: playbook.checks.clone(),
            devices,
            open_blockers: Vec::new(),
            findings: Vec::new(),
            running: None,
            writes: 0,
        };
        let start = now - DAYS * DAY;
        history.found(start);
        let left = writes.saturating_sub(history.writes);
        for day in 0..DAYS {
            let day_starts = start + day * DAY + DAY / 3;
            if day == DAYS / 2 {
                history.change_playbook(playbook.clone(), day_starts);
            }
            if day % SPRINT == 0 {
                history.next_sprint(day, day_starts);
            }
            let until = writes - left
                + left * usize::try_from(day + 1).unwrap_or(1) / usize::try_from(DAYS).unwrap_or(1);
            let span = until.saturating_sub(history.writes).max(1);
            let before = history.writes;
            while history.writes < until {
                let share = history.writes - before;
                let at = day_starts
                    + DAY / 3 * i64::try_from(share).unwrap_or(0)
                        / i64::try_from(span).unwrap_or(1);
                history.act(at, day);
            }
        }
        history
    }

    /// Lines by device, each device's in order.
    fn lines(self) -> Vec<(DeviceId, Vec<Vec<u8>>)> {
        self.devices.into_iter().map(|device| (device.id, device.lines)).collect()
    }

    /// People, services, dependencies.
    fn found(&mut self, at: Millis) {
        let mut changes = Vec::new();
        for (number, person) in self.people.clone().into_iter().enumerate() {
            changes.push(Change::Created { entity: person, kind: Kind::Person });
            changes.push(Change::field(person, path::NAME, format!("Person {number}")));
        }
        self.batch(0, at, &changes);
        for (chunk, services) in self.services.clone().chunks(50).enumerate() {
            let mut changes = Vec::new();
            for (place, service) in services.iter().enumerate() {
                let number = chunk * 50 + place;
                let name = format!("service-{number:05}");
                changes.push(Change::Created { entity: *service, kind: Kind::Service });
                changes.push(Change::field(*service, path::NAME, name.as_str()));
                changes.push(Change::field(*service, path::IMAGE, format!("bench/{name}:1")));
                changes.push(Change::field(*service, path::TEAM, format!("team {}", number % 40)));
                changes.push(Change::field(
                    *service,
                    path::OWNER,
                    format!("owner {}", number % 90),
                ));
                let tag = format!("tag-{}", number % 25);
                changes.push(Change::element(*service, path::TAGS, &tag, Presence::In));
                let person = self.people[number % self.people.len()].to_string();
                changes.push(Change::element(*service, path::ASSIGNEES, &person, Presence::In));
            }
            self.batch(0, at, &changes);
        }
        for (chunk, services) in self.services.clone().chunks(50).enumerate() {
            let mut changes = Vec::new();
            for (place, service) in services.iter().enumerate() {
                let number = chunk * 50 + place;
                for other in [number / 2, number / 3] {
                    if number != other {
                        let to = self.services[other];
                        let kind = DependencyKind::StartOrder;
                        changes.extend(Change::declare(
                            self.workspace,
                            kind,
                            *service,
                            to,
                            90,
                            &[],
                        ));
                    }
                }
            }
            self.batch(0, at, &changes);
        }
    }

    fn change_playbook(&mut self, mut playbook: Playbook, at: Millis) {
        playbook.version += 1;
        playbook.checks[0].version += 1;
        let last = playbook.checks.len() / 2;
        playbook.checks[last].version += 1;
        self.checks.clone_from(&playbook.checks);
        let id = self.dice.id(at);
        let zone = "Europe/Berlin".parse().unwrap_or_default();
        self.batch(0, at, &Change::adopt(&playbook, DEFAULT, zone, id, at));
    }

    /// Ends the sprint that runs and starts the next.
    fn next_sprint(&mut self, day: i64, at: Millis) {
        if let Some(ended) = self.running.take() {
            let fact = sprint::turn(ended, Turn::Ended, "", at);
            let id = self.dice.id(at);
            self.batch(0, at, &[Change::Happened { id, fact }]);
        }
        let sprint = self.dice.id(at);
        let number = usize::try_from(day / SPRINT).unwrap_or(0);
        let first = chrono::DateTime::from_timestamp_millis(at).unwrap_or_default().date_naive();
        let plan = Plan {
            name: format!("Sprint {}", number + 1),
            goal: "Further services are live".into(),
            kind: SprintKind::ALL[number.min(2)],
            first,
            last: first + chrono::TimeDelta::days(SPRINT - 1),
            leader: Some(self.people[number % self.people.len()]),
            members: self.people[..4].to_vec(),
        };
        let mut changes = plan.create(sprint);
        for place in 0..PLANNED {
            let service = self.services[(number * PLANNED + place) % self.services.len()];
            let fact = sprint::scope(sprint, service, Some("live"), "planned", at);
            changes.push(Change::Happened { id: self.dice.id(at), fact });
        }
        let fact = sprint::turn(sprint, Turn::Started, "", at);
        changes.push(Change::Happened { id: self.dice.id(at), fact });
        self.batch(0, at, &changes);
        self.running = Some(sprint);
    }

    /// One action: a person's, or a verifier's over many services.
    fn act(&mut self, at: Millis, day: i64) {
        let device = self.dice.below(DEVICES);
        let changes = match self.dice.below(40) {
            0 => self.block(at),
            1 => self.unblock(at),
            2 => self.waive(at),
            3 => self.retract(at),
            4 => self.edit(),
            5 => self.scope(at),
            6..=21 => self.attest(at, day),
            _ => (0..12).map(|_| self.find(at, day, Source::Repository)).collect(),
        };
        self.batch(device, at, &changes);
    }

    fn service(&mut self) -> Uuid {
        let at = self.dice.below(self.services.len());
        self.services[at]
    }

    fn happened(&mut self, at: Millis, what: Happening) -> (Uuid, Change) {
        let id = self.dice.id(at);
        // Most is told as it happens, some of it days later.
        let late = if self.dice.below(50) == 0 { 3 * DAY } else { 0 };
        (id, Change::Happened { id, fact: Fact { occurred_at: at - late, what } })
    }

    fn find(&mut self, at: Millis, day: i64, source: Source) -> Change {
        let service = self.service();
        // A service works on the checks around where it is: early ones first, by and by all.
        let reach = 4 + self.checks.len() * usize::try_from(day).unwrap_or(0)
            / usize::try_from(DAYS).unwrap_or(1);
        let place = self.dice.below(reach.min(self.checks.len()));
        let check = self.checks[place].clone();
        let result = match self.dice.below(12) {
            0 => Seen::Fail,
            1 => Seen::Unknown,
            _ => Seen::Pass,
        };
        let (id, change) = self.happened(
            at,
            Happening::Finding {
                service,
                check: check.id.clone(),
                check_version: check.version,
                result,
                source,
                observed: format!("seen on day {day} by hand {place}"),
                link: None,
                stale_after: check.stale_after_days.map(|days| at + i64::from(days) * DAY),
            },
        );
        if self.findings.len() < 500 {
            self.findings.push((id, service));
        }
        change
    }

    /// A person's finding; of every second pass it is told who did it, and it is confirmed.
    fn attest(&mut self, at: Millis, day: i64) -> Vec<Change> {
        let found = self.find(at, day, Source::Person);
        let Change::Happened {
            id,
            fact:
                Fact {
                    what:
                        Happening::Finding { service, check, check_version, result: Seen::Pass, .. },
                    ..
                },
        } = &found
        else {
            return vec![found];
        };
        let (finding, service) = (*id, *service);
        let (check, check_version) = (check.clone(), *check_version);
        if self.dice.below(2) == 0 {
            return vec![found];
        }
        let doer = self.dice.below(self.people.len());
        let guide = self.people[(doer + 1) % self.people.len()];
        let help = [Help::Told, Help::Asked, Help::Alone][self.dice.below(3)];
        let mut people = vec![Participant { person: self.people[doer], help }];
        if help != Help::Alone {
            people.push(Participant { person: guide, help: Help::Guided });
        }
        let execution = Box::new(Execution {
            check,
            check_version,
            people,
            finding: Some(finding),
            ..Execution::default()
        });
        let (of, executed) = self.happened(at, Happening::StepExecuted { service, execution });
        let (_, confirmed) = self.happened(at, Happening::ExecutionConfirmed { of, service });
        vec![found, executed, confirmed]
    }

    fn block(&mut self, at: Millis) -> Vec<Change> {
        let service = self.service();
        let what = Happening::BlockerOpened {
            service,
            reason: "the certificate is missing".into(),
            waiting_for: "the network team".into(),
        };
        let (id, change) = self.happened(at, what);
        self.open_blockers.push((id, service));
        vec![change]
    }

    fn unblock(&mut self, at: Millis) -> Vec<Change> {
        if self.open_blockers.len() < 60 {
            return Vec::new();
        }
        let place = self.dice.below(self.open_blockers.len());
        let (of, service) = self.open_blockers.swap_remove(place);
        vec![self.happened(at, Happening::BlockerClosed { of, service, note: String::new() }).1]
    }

    fn waive(&mut self, at: Millis) -> Vec<Change> {
        let service = self.service();
        let place = self.dice.below(self.checks.len());
        let what = Happening::Waiver {
            service,
            check: self.checks[place].id.clone(),
            reason: "until the new cluster is there".into(),
            expires_at: at + 30 * DAY,
            request: None,
        };
        vec![self.happened(at, what).1]
    }

    fn retract(&mut self, at: Millis) -> Vec<Change> {
        let Some((of, service)) = self.findings.pop() else { return Vec::new() };
        let what = Happening::Retraction { of, service: Some(service), note: String::new() };
        vec![self.happened(at, what).1]
    }

    /// Nobody names what he saw: where another device edited it too, a conflict stays open.
    fn edit(&mut self) -> Vec<Change> {
        let service = self.service();
        let owner = format!("owner {}", self.dice.below(90));
        let change = Change::field(service, path::OWNER, owner);
        if self.dice.below(50) == 0 { vec![change] } else { Vec::new() }
    }

    fn scope(&mut self, at: Millis) -> Vec<Change> {
        let service = self.service();
        let scope = [Scope::In, Scope::In, Scope::Retire, Scope::Retain][self.dice.below(4)];
        let what = Happening::ScopeChanged { service, scope, reason: "decided".into() };
        if self.dice.below(10) == 0 { vec![self.happened(at, what).1] } else { Vec::new() }
    }

    fn batch(&mut self, device: usize, at: Millis, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let writes = changes.iter().flat_map(Change::writes).map(|(write, _)| write).collect();
        let person = self.dice.below(self.people.len());
        let actor = self.people[person];
        let device = &mut self.devices[device];
        device.seq += 1;
        device.hlc = hlc::next(device.hlc, at);
        let mut batch = Batch { seq: device.seq, hlc: device.hlc, actor, wall: at, writes };
        batch.sort();
        self.writes += batch.writes.len();
        let line = batch.to_line().unwrap_or_else(|error| panic!("{error}"));
        device.lines.push(line.into_bytes());
    }
}
