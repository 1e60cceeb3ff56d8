//! Fold = replay: a random programme, written action by action on two devices, against one rebuild.

use crate::support::{
    ACTOR, Dice, NOW, Place, READ_MODEL, WORKSPACE, action, commit, created, device, dump, range,
    same_rows,
};
use chrono_tz::Tz;
use pilotage_domain::DAY;
use pilotage_domain::change::{Change, Evidence, Kind, Presence, path};
use pilotage_domain::fact::{Fact, Happening, Scope, Seen, Source};
use pilotage_domain::hlc;
use pilotage_domain::ids;
use pilotage_domain::operation::Batch;
use pilotage_domain::playbook::{DEFAULT, Playbook};
use pilotage_domain::words::{DependencyKind, NodeClass};
use pilotage_store::{Committed, Stood, Store, When};
use uuid::Uuid;

/// A programme being played at random on one store.
struct Play {
    dice: Dice,
    store: Store,
    playbook: Playbook,
    now: i64,
    /// The clock at its most advanced: what was computed then holds from then on.
    latest: i64,
    services: Vec<Uuid>,
    blockers: Vec<(Uuid, Uuid)>,
    waivers: Vec<(Uuid, Uuid)>,
    findings: Vec<(Uuid, Uuid)>,
    done: Vec<Committed>,
}

impl Play {
    async fn start(place: &Place, seed: u64, number: u8) -> Self {
        let store = place.open_as(device(number)).await;
        let playbook = Playbook::parse(DEFAULT).unwrap();
        let mut dice = Dice(seed);
        let fact = dice.id();
        commit(&store, NOW, Change::adopt(&playbook, DEFAULT, Tz::UTC, fact, NOW)).await;
        Self {
            dice,
            store,
            playbook,
            now: NOW,
            latest: NOW,
            services: Vec::new(),
            blockers: Vec::new(),
            waivers: Vec::new(),
            findings: Vec::new(),
            done: Vec::new(),
        }
    }

    async fn step(&mut self) {
        // Hours pass, sometimes weeks, and sometimes the clock goes back.
        self.now += match self.dice.below(20) {
            0 => 9 * DAY,
            1 => -DAY / 2,
            _ => 3_600_000,
        };
        self.latest = self.latest.max(self.now);
        let changes = self.changes();
        let commit = self.store.commit(action(self.now, changes)).await.unwrap();
        self.done.extend(commit);
        if self.dice.once_in(15) && !self.done.is_empty() {
            let what = *self.dice.pick(&self.done);
            let dice = &mut self.dice;
            let plan = self.store.plan_undo(range(what), self.now, || dice.id()).await.unwrap();
            let undone = self.store.commit(action(self.now, plan.changes)).await.unwrap();
            self.done.extend(undone);
        }
    }

    fn fact(&mut self, what: Happening) -> (Uuid, Vec<Change>) {
        let id = self.dice.id();
        // Most facts are recorded as they happen, some late.
        let late = if self.dice.once_in(4) { 3 * DAY } else { 0 };
        (id, vec![Change::Happened { id, fact: Fact { occurred_at: self.now - late, what } }])
    }

    fn changes(&mut self) -> Vec<Change> {
        let kind = self.dice.below(16);
        if kind < 3 || self.services.is_empty() {
            return self.make_service();
        }
        let service = *self.dice.pick(&self.services);
        match kind {
            3..=7 => self.find(service),
            8 => self.depend(service),
            9 => self.block(service),
            10 => self.unblock(),
            11 => self.waive(service),
            12 => self.retract(),
            13 => self.edit(service),
            14 => self.environment(),
            _ => self.rare(service),
        }
    }

    fn make_service(&mut self) -> Vec<Change> {
        let name = format!("service-{}", self.dice.below(30));
        let service = ids::service(WORKSPACE, &name);
        self.services.push(service);
        let mut changes = created(service, Kind::Service, &name);
        let class = *self.dice.pick(&NodeClass::ALL);
        if self.dice.once_in(3) {
            changes.push(Change::field(service, path::CLASS, class.word()));
        }
        changes
    }

    fn find(&mut self, service: Uuid) -> Vec<Change> {
        let reach = 1 + self.dice.below(self.playbook.checks.len());
        let check = self.playbook.checks[self.dice.below(reach)].clone();
        let result = *self.dice.pick(&[
            Seen::Pass,
            Seen::Pass,
            Seen::Pass,
            Seen::Fail,
            Seen::Unknown,
            Seen::NotApplicable,
        ]);
        let source = *self.dice.pick(&[Source::Person, Source::Repository]);
        let stale_after = self.dice.once_in(3).then(|| self.now + 5 * DAY);
        let (id, changes) = self.fact(Happening::Finding {
            service,
            check: check.id,
            check_version: check.version,
            result,
            source,
            observed: "seen".into(),
            link: None,
            stale_after,
        });
        self.findings.push((id, service));
        changes
    }

    fn depend(&mut self, from: Uuid) -> Vec<Change> {
        let to = *self.dice.pick(&self.services);
        let evidence = [Evidence { file: "compose.yaml".into(), line: 3, text: "- db".into() }];
        let kind = DependencyKind::StartOrder;
        if self.dice.once_in(4) {
            let entity = ids::dependency(WORKSPACE, kind.word(), from, to);
            return vec![Change::Deleted { entity }];
        }
        Change::declare(WORKSPACE, kind, from, to, 90, &evidence)
    }

    fn block(&mut self, service: Uuid) -> Vec<Change> {
        let what =
            Happening::BlockerOpened { service, reason: "r".into(), waiting_for: "w".into() };
        let (id, changes) = self.fact(what);
        self.blockers.push((id, service));
        changes
    }

    fn unblock(&mut self) -> Vec<Change> {
        if self.blockers.is_empty() {
            return Vec::new();
        }
        let (of, service) = *self.dice.pick(&self.blockers);
        self.fact(Happening::BlockerClosed { of, service, note: String::new() }).1
    }

    fn waive(&mut self, service: Uuid) -> Vec<Change> {
        let check = self.dice.pick(&self.playbook.checks).id.clone();
        let expires_at = self.now + 4 * DAY;
        let (id, changes) = self.fact(Happening::Waiver {
            service,
            check,
            reason: "r".into(),
            expires_at,
            request: None,
        });
        self.waivers.push((id, service));
        changes
    }

    fn retract(&mut self) -> Vec<Change> {
        let known: Vec<_> = self.findings.iter().chain(&self.waivers).copied().collect();
        if known.is_empty() {
            return Vec::new();
        }
        let (of, service) = *self.dice.pick(&known);
        let what = Happening::Retraction { of, service: Some(service), note: String::new() };
        self.fact(what).1
    }

    fn edit(&mut self, service: Uuid) -> Vec<Change> {
        let name = format!("renamed-{}", self.dice.below(9));
        vec![
            Change::field(service, path::NAME, name.as_str()),
            Change::element(service, path::ALIASES, &name, Presence::In),
            Change::element(service, path::ASSIGNEES, &ACTOR.to_string(), Presence::In),
        ]
    }

    fn environment(&mut self) -> Vec<Change> {
        let entity = ids::environment(WORKSPACE, "Staging");
        if self.dice.once_in(2) {
            created(entity, Kind::Environment, "Staging")
        } else {
            vec![Change::Deleted { entity }]
        }
    }

    fn rare(&mut self, service: Uuid) -> Vec<Change> {
        match self.dice.below(7) {
            0 => vec![Change::Deleted { entity: service }],
            4 => vec![Change::field(service, path::MERGED_INTO, serde_json::Value::Null)],
            5 | 6 => {
                let root = *self.dice.pick(&self.services);
                vec![Change::field(service, path::MERGED_INTO, root.to_string())]
            }
            1 => {
                let at = self.dice.below(self.playbook.checks.len());
                self.playbook.version += 1;
                self.playbook.checks[at].version += 1;
                let fact = self.dice.id();
                Change::adopt(&self.playbook, DEFAULT, Tz::UTC, fact, self.now)
            }
            _ => {
                let scope = *self.dice.pick(&[Scope::In, Scope::Retire, Scope::Retain]);
                self.fact(Happening::ScopeChanged { service, scope, reason: "r".into() }).1
            }
        }
    }
}

/// Rows of the read model that time alone has not outdated at `now`.
async fn rows(place: &Place, now: i64) -> Vec<String> {
    let mut raw = place.raw().await;
    let due: Vec<String> = sqlx::query_scalar(
        "SELECT t.name || ': ' || quote(n.id) FROM node n
         JOIN (SELECT 'node' AS name UNION ALL SELECT 'node_text'
               UNION ALL SELECT 'node_course') t WHERE n.valid_until <= ?",
    )
    .bind(now)
    .fetch_all(&mut raw)
    .await
    .unwrap();
    let mut rows = dump(&place.path, &READ_MODEL).await;
    rows.retain(|row| !due.iter().any(|due| row.starts_with(due)));
    rows
}

/// Rebuilds, and asserts that nothing is different.
async fn replay(place: &Place, store: &Store, now: i64, what: &str) -> usize {
    let (nodes, hash) = (store.nodes(now).await.unwrap(), store.state_hash().await.unwrap());
    let mut journeys = Vec::new();
    for node in nodes.iter() {
        journeys.push(store.node(node.id, now).await.unwrap());
    }
    for (node, journey) in nodes.iter().zip(&journeys) {
        let whole = journey.as_ref().unwrap();
        let brief = &store.nodes_with_facts(&[node.id], now).await.unwrap()[&node.id];
        assert_eq!(
            (&brief.row, &brief.journey, &brief.entity),
            (&whole.row, &whole.journey, &whole.entity)
        );
        assert!(brief.facts.iter().all(|fact| whole.facts.contains(fact)));
        let finding = whole.journey.checks.iter().find_map(|check| check.finding);
        assert!(finding.is_none_or(|id| brief.facts.iter().any(|fact| fact.id == id)));
        let marks = store.marks(&[node.id], now).await.unwrap();
        assert_eq!(marks[&node.id], whole.journey.marks(), "{what}: {}", node.name);
    }
    let before = rows(place, now).await;
    // Slices of one write are the oracle of wide ones.
    store.rebuild_row_by_row(now).await.unwrap();
    let by_row = rows(place, now).await;
    store.rebuild(now).await.unwrap();
    same_rows(&by_row, &rows(place, now).await, &format!("{what}, slices"));
    // What time had outdated is fresh now, and was computed anew for the reader before.
    let after = rows(place, now).await;
    let (fresh, after): (Vec<_>, Vec<_>) = after.into_iter().partition(|row| {
        let id: String = row.chars().take_while(|c| *c != ',').collect();
        ["node: ", "node_text: ", "node_course: "].iter().any(|table| row.starts_with(table))
            && !before.iter().any(|old| old.starts_with(&id))
    });
    same_rows(&before, &after, what);
    assert_eq!(store.nodes(now).await.unwrap(), nodes, "{what}: {} fresh", fresh.len());
    for (node, journey) in nodes.iter().zip(journeys) {
        assert_eq!(store.node(node.id, now).await.unwrap(), journey, "{what}: {}", node.name);
    }
    assert_eq!(store.state_hash().await.unwrap(), hash, "{what}");
    nodes.len()
}

/// Every node as its own journey, walked up to `now`, says.
async fn standing(store: &Store, now: i64) -> Vec<Stood> {
    let mut standing = Vec::new();
    for mut row in Vec::clone(&*store.nodes(now).await.unwrap()) {
        let detail = store.node(row.id, now).await.unwrap().unwrap();
        row.summary = row.summary.of_the_past();
        standing.push(Stood { row, marks: detail.journey.marks() });
    }
    standing
}

/// A past day *as it was* is what a walk up to it says; *as it was known* is what a device shows
/// that got no more than that.
async fn past(place: &Place, store: &Store, dice: &mut Dice, now: i64) -> (usize, usize) {
    let (mut late, mut nodes) = (0, 0);
    for _ in 0..4 {
        let moment = NOW + i64::try_from(dice.roll() % u64::try_from(now - NOW).unwrap()).unwrap();
        let then = Place::new().await;
        let knew = then.open_as(device(9)).await;
        for number in [1, 2] {
            let log = store.log().await.unwrap();
            let mut lines = Vec::new();
            for (of, line) in log {
                let reading = Batch::parse(&line).unwrap().hlc;
                if of == device(number) && hlc::millis(reading) <= moment {
                    lines.push(line);
                }
            }
            knew.receive(device(number), lines, moment).await.unwrap();
        }
        let expect = standing(&knew, moment).await;
        let known = store.nodes_at(When::AsKnown(moment)).await.unwrap();
        assert_eq!(known, expect, "as known at {moment}");
        knew.close().await;

        let was = store.nodes_at(When::AsItWas(moment)).await.unwrap();
        let ids: Vec<Uuid> = was.iter().map(|stood| stood.row.id).collect();
        store.rebuild(moment).await.unwrap();
        let mut expect = standing(store, moment).await;
        expect.retain(|stood| ids.contains(&stood.row.id));
        assert_eq!(was, expect, "as it was at {moment}");
        // What it was and what was known differ somewhere, or the two say nothing.
        late += was.iter().filter(|stood| !known.contains(stood)).count();
        nodes += was.len();
    }
    store.rebuild(now).await.unwrap();
    assert!(place.path.exists());
    (late, nodes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_day_is_as_it_was_or_as_it_was_known() {
    let (mut late, mut nodes) = (0, 0);
    for seed in 40..43 {
        let place = Place::new().await;
        let mut play = Play::start(&place, seed, 1).await;
        for _ in 0..90 {
            play.step().await;
        }
        let now = play.latest + DAY;
        let mut dice = Dice(seed);
        let found = past(&place, &play.store, &mut dice, now).await;
        (late, nodes) = (late + found.0, nodes + found.1);
        play.store.close().await;
    }
    assert!(nodes > 50 && late > 5, "{late} of {nodes} were otherwise than known");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_programme_is_the_same_after_a_replay() {
    let mut stages = 0;
    for seed in 0..2 {
        let (here, there) = (Place::new().await, Place::new().await);
        let mut ours = Play::start(&here, seed, 1).await;
        let mut theirs = Play::start(&there, seed + 1_000, 2).await;
        for round in 0..3 {
            for _ in 0..30 {
                ours.step().await;
                theirs.step().await;
            }
            let now = ours.latest.max(theirs.latest);
            // Each takes in what the other wrote, all of it again: known batches are passed over.
            exchange(&ours.store, &theirs.store, 1, now).await;
            exchange(&theirs.store, &ours.store, 2, now).await;
            let what = format!("seed {seed}, round {round}");
            let nodes = replay(&here, &ours.store, now, &what).await;
            assert!(nodes > 5, "{what}: {nodes} nodes");
            replay(&there, &theirs.store, now, &what).await;
            let hash = ours.store.state_hash().await.unwrap();
            assert_eq!(theirs.store.state_hash().await.unwrap(), hash, "{what}: they agree");
            let pair =
                (ours.store.nodes(now).await.unwrap(), theirs.store.nodes(now).await.unwrap());
            assert_eq!(pair.0, pair.1, "{what}: and stand alike");
            stages += pair.0.iter().filter(|node| node.summary.moves.len() > 1).count();
        }
        ours.store.close().await;
        theirs.store.close().await;
    }
    assert!(stages > 0, "some services moved");
}

async fn exchange(from: &Store, to: &Store, number: u8, now: i64) {
    let log = from.log().await.unwrap();
    let own = log.into_iter().filter(|(of, _)| *of == device(number));
    let received = to.receive(device(number), own.map(|(_, line)| line).collect(), now).await;
    assert_eq!(received.unwrap().quarantined, 0);
}
