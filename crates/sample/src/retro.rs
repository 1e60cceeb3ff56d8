//! The retrospectives of the two sprints that ended: what the team noted, and what it agreed on. One
//! action was done, one was carried on.

use crate::platform::{A, B, C, EXPERT, LEAD};
use crate::story::Act;
use pilotage_domain::Millis;
use pilotage_domain::change::Change;
use pilotage_domain::retrospective::{
    Action, ActionState, Author, Direction, Group, Insight, Kept as _, Kudos, Note, Retrospective,
    Revision, Step, Target, of_sprint,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Working days on which they were held: the last ones of their sprints.
const FIRST: usize = 9;
const SECOND: usize = 14;

/// Everything of both, in the order told.
pub fn acts(people: &[Uuid], sprints: &[Uuid], service: impl Fn(&str) -> Uuid) -> Vec<Act> {
    let [first, second, ..] = sprints else { return Vec::new() };
    let told = Told {
        people: people.to_vec(),
        kyc: service("kyc-check"),
        actions: [(); 3].map(|()| Uuid::now_v7()),
    };
    let mut acts = told.held(&held_first(*first), FIRST, EXPERT, Told::said_first);
    let decided = told.decided(of_sprint(*second));
    acts.push(Act::new(SECOND, LEAD, decided));
    acts.extend(told.held(&held_second(*second), SECOND, LEAD, Told::said_second));
    acts
}

/// A retrospective as it is opened: who is there.
struct Held {
    sprint: Uuid,
    present: &'static [usize],
}

fn held_first(sprint: Uuid) -> Held {
    Held { sprint, present: &[LEAD, EXPERT, A, B] }
}

fn held_second(sprint: Uuid) -> Held {
    Held { sprint, present: &[LEAD, A, B, C] }
}

#[derive(Clone)]
struct Told {
    people: Vec<Uuid>,
    kyc: Uuid,
    actions: [Uuid; 3],
}

/// What was said in a retrospective: changes of its own things, and how it was closed.
type Said = (Vec<Change>, Retrospective);

impl Told {
    fn held(
        &self,
        held: &Held,
        day: usize,
        leader: usize,
        said: fn(&Self, Millis) -> Said,
    ) -> Vec<Act> {
        let id = of_sprint(held.sprint);
        let opened = Retrospective {
            sprint: held.sprint,
            format: "4l".to_owned(),
            present: held.present.iter().map(|person| self.people[*person]).collect(),
            step: Step::Facts,
            ..Retrospective::default()
        };
        let before = opened.clone();
        let (told, by) = (self.clone(), self.people[leader]);
        let open = Act::new(day, leader, move |_| opened.create(id)).freezing(id);
        let close = Act::new(day, leader, move |at| {
            let (mut changes, ending) = said(&told, at);
            let after = Retrospective {
                step: Step::Close,
                revealed: Some(at),
                revisions: vec![Revision { closed: true, at, by, reason: String::new() }],
                return_on_time: ending.return_on_time,
                confidence: ending.confidence,
                next_leader: ending.next_leader,
                pairs: ending.pairs,
                kudos: ending.kudos,
                ..before.clone()
            };
            // The moment of its facts was kept when it was opened.
            changes.extend(after.amend(id, &before));
            for change in &mut changes {
                assign(change, id);
            }
            changes
        });
        vec![open, close]
    }

    fn person(&self, person: usize) -> Uuid {
        self.people[person]
    }

    fn note(&self, author: usize, column: &str, text: &str, group: Option<Uuid>) -> Note {
        Note {
            text: text.to_owned(),
            column: column.to_owned(),
            author: Some(Author::Person(self.person(author))),
            group,
            ..Note::default()
        }
    }

    fn said_first(&self, at: Millis) -> Said {
        let (pairing, waiting) = (Uuid::now_v7(), Uuid::now_v7());
        let mut waits =
            self.note(B, "lacked", "Rules of the firewall were asked for too late.", Some(waiting));
        waits.service = Some(self.kyc);
        let notes = [
            self.note(A, "liked", "The expert let us type.", Some(pairing)),
            self.note(B, "learned", "One pipeline template serves all ten.", Some(pairing)),
            waits,
            self.note(LEAD, "longed-for", "A runbook for the cut-over.", None),
        ];
        let (mut changes, ids) = create(&notes);
        changes.extend(group("Working in pairs", 5).create(pairing));
        changes.extend(group("Waiting for others", 4).create(waiting));
        let insight = Insight {
            statement: "What others decide is asked for on the first day, or it is late."
                .to_owned(),
            notes: [ids[2]].into(),
            facts: ["2.4/blocked".to_owned()].into(),
            ..Insight::default()
        };
        let insight_id = Uuid::now_v7();
        changes.extend(insight.create(insight_id));
        let rules = Action {
            text: "Ask for firewall rules on the first day of a sprint".to_owned(),
            owner: Some(self.person(LEAD)),
            seen_by: "services wait fewer hours for the security team".to_owned(),
            metric: Some("blocked_hours".to_owned()),
            direction: Direction::Down,
            target: Target::Outside,
            notes: [ids[2]].into(),
            insight: Some(insight_id),
            agreed_at: at,
            ..Action::default()
        };
        let runbook = Action {
            text: "Write the runbook of the cut-over".to_owned(),
            owner: Some(self.person(A)),
            seen_by: "somebody else cuts over by it without asking".to_owned(),
            notes: [ids[3]].into(),
            agreed_at: at,
            ..Action::default()
        };
        changes.extend(rules.create(self.actions[0]));
        changes.extend(runbook.create(self.actions[1]));
        let ending = Retrospective {
            return_on_time: [0, 0, 1, 1, 2],
            confidence: [0, 1, 1, 2, 0],
            next_leader: Some((self.person(LEAD), "knows who has to be asked".to_owned())),
            pairs: [self.pair(A, B, "the template and the cut-over")].into(),
            kudos: thanks(self.person(EXPERT), "for a week of questions"),
            ..Retrospective::default()
        };
        (changes, ending)
    }

    /// Step 1 of the second: the runbook is there, the rules are not.
    fn decided(&self, second: Uuid) -> impl FnOnce(Millis) -> Vec<Change> + 'static {
        let [rules, runbook, _] = self.actions;
        move |at| {
            let open = Action::default();
            let carried = Action { kept: [second].into(), ..Action::default() };
            let done = Action {
                state: ActionState::Done,
                reason: "B and C cut over by it".to_owned(),
                settled_at: Some(at),
                settled_in: Some(second),
                ..Action::default()
            };
            let mut changes = carried.amend(rules, &open);
            changes.extend(done.amend(runbook, &open));
            changes
        }
    }

    fn said_second(&self, at: Millis) -> Said {
        let alone = Uuid::now_v7();
        let mut still = self.note(C, "lacked", "kyc-check waits for a rule since Wednesday.", None);
        still.service = Some(self.kyc);
        let notes = [
            self.note(A, "liked", "Nobody had to be called in.", Some(alone)),
            self.note(C, "learned", "The runbook works without its author.", Some(alone)),
            still,
            self.note(B, "longed-for", "Memory limits from measured use, not from a guess.", None),
        ];
        let (mut changes, ids) = create(&notes);
        changes.extend(group("On our own", 6).create(alone));
        let limits = Action {
            text: "Set memory limits from measured use".to_owned(),
            owner: Some(self.person(B)),
            seen_by: "no service falls back because it ran out of memory".to_owned(),
            metric: Some("regressions".to_owned()),
            direction: Direction::Down,
            target: Target::Playbook,
            notes: [ids[3]].into(),
            agreed_at: at,
            ..Action::default()
        };
        changes.extend(limits.create(self.actions[2]));
        let ending = Retrospective {
            return_on_time: [0, 0, 0, 3, 1],
            confidence: [0, 0, 1, 2, 1],
            next_leader: Some((
                self.person(A),
                "has led none yet, and wrote the runbook".to_owned(),
            )),
            pairs: [self.pair(B, C, "the limits and the portal")].into(),
            kudos: thanks(self.person(C), "for cutting over by a runbook of somebody else"),
            ..Retrospective::default()
        };
        (changes, ending)
    }

    fn pair(&self, one: usize, other: usize, why: &str) -> (BTreeSet<Uuid>, String) {
        ([self.person(one), self.person(other)].into(), why.to_owned())
    }
}

fn group(name: &str, votes: u32) -> Group {
    Group {
        name: name.to_owned(),
        votes: [(Group::ROOM.to_owned(), votes)].into(),
        ..Group::default()
    }
}

fn thanks(to: Uuid, text: &str) -> BTreeMap<Uuid, Kudos> {
    [(Uuid::now_v7(), Kudos { to, text: text.to_owned() })].into()
}

fn create(notes: &[Note]) -> (Vec<Change>, Vec<Uuid>) {
    let ids: Vec<Uuid> = notes.iter().map(|_| Uuid::now_v7()).collect();
    let changes = notes.iter().zip(&ids).flat_map(|(note, id)| note.create(*id)).collect();
    (changes, ids)
}

/// What is said belongs to the retrospective in which it is said.
fn assign(change: &mut Change, retrospective: Uuid) {
    if let Change::Field { path, value, .. } = change
        && path == "retrospective"
    {
        *value = retrospective.to_string().into();
    }
}
