//! Who did what in the story: while the expert led, two engineers were guided; the week after they
//! worked mostly alone; then the third engineer did so too. One step a climbed stage, of the check
//! that stands for it. docs/sample-story.md works the numbers out by hand.

use crate::platform::{A, B, C, EXPERT, LEAD, SERVICES};
use crate::story::Story;
use chrono::NaiveDate;
use pilotage_domain::Millis;
use pilotage_domain::change::{Change, path};
use pilotage_domain::execution::{Execution, Help, Participant};
use pilotage_domain::fact::{Fact, Happening};
use uuid::Uuid;

/// The check that stands for each stage from *Containerised* on.
const CHECKS: [&str; 4] = ["CO-02", "PI-01", "CD-16", "LI-02"];
/// The expert led on these days.
const LED: std::ops::RangeInclusive<usize> = 5..=9;
/// Who did something from this day on is still to be confirmed.
const UNCONFIRMED_FROM: usize = 16;

/// Takes part in every execution: who, with how much help, and who confirms it.
struct Cast {
    people: Vec<(usize, Help)>,
    by: usize,
    confirmed_by: Option<usize>,
    /// Hundredths of an hour that the expert spent.
    hours: u32,
}

impl Cast {
    fn of(engineer: usize, day: usize) -> Self {
        let guided = |help, hours| Self {
            people: vec![(engineer, help), (EXPERT, Help::Guided)],
            by: EXPERT,
            confirmed_by: None,
            hours,
        };
        let own = |help, confirmed_by| Self {
            people: vec![(engineer, help)],
            by: engineer,
            confirmed_by,
            hours: 0,
        };
        match (engineer, day) {
            // The third engineer was busy elsewhere and watched.
            (C, day) if LED.contains(&day) => Self {
                people: vec![(EXPERT, Help::Alone), (C, Help::Watched)],
                by: EXPERT,
                confirmed_by: Some(LEAD),
                hours: 200,
            },
            (C, ..=12) => own(Help::Asked, Some(LEAD)),
            (_, ..=6) => guided(Help::Told, 150),
            (_, ..=8) => guided(Help::Asked, 100),
            (_, 9) => own(Help::Alone, Some(EXPERT)),
            (_, UNCONFIRMED_FROM..) => own(Help::Alone, None),
            _ => own(Help::Alone, Some(LEAD)),
        }
    }
}

impl Story {
    /// What everybody did, from the first day with the expert on.
    pub(crate) fn executions(&mut self, days: &[NaiveDate]) {
        let expert = self.person(EXPERT);
        let third = self.person(C);
        self.act(4, LEAD, move |_| vec![Change::field(expert, path::OUTSIDE, true)]);
        self.act(17, C, move |_| {
            vec![
                Change::field(third, path::element(path::ASSESSMENT, "pipeline"), 3),
                Change::field(third, path::element(path::ASSESSMENT, "cutover"), 2),
                Change::field(third, path::OPEN_ASSESSMENT, true),
            ]
        });
        for service in &SERVICES {
            let Some(engineer) = service.engineers.first().copied() else { continue };
            debug_assert!([A, B, C].contains(&engineer), "an engineer does it");
            // Discovered and assessed came before anybody was asked who did it.
            for (check, day) in CHECKS.into_iter().zip(service.climb.iter().skip(2)) {
                let id = self.id(service.name);
                self.execute(id, check, *day, days.get(*day).copied(), &Cast::of(engineer, *day));
            }
        }
        // payment-gateway fell back, and its cut-over had left the memory limit of the old server.
        let service = self.id("payment-gateway");
        self.act(18, LEAD, move |at| {
            vec![happened(
                at,
                Happening::RegressionTraced {
                    service,
                    check: "LI-02".to_owned(),
                    finding: None,
                    note: "Users were moved over with the old server\u{2019}s memory limit."
                        .to_owned(),
                },
            )]
        });
    }

    fn execute(
        &mut self,
        service: Uuid,
        check: &str,
        day: usize,
        on: Option<NaiveDate>,
        cast: &Cast,
    ) {
        let people = cast
            .people
            .iter()
            .map(|(person, help)| Participant { person: self.person(*person), help: *help });
        let execution = Box::new(Execution {
            check: check.to_owned(),
            check_version: 1,
            people: people.collect(),
            ..Execution::default()
        });
        let id = Uuid::now_v7();
        self.act(day, cast.by, move |at| {
            let what = Happening::StepExecuted { service, execution };
            vec![Change::Happened { id, fact: Fact { occurred_at: at, what } }]
        });
        if let Some(by) = cast.confirmed_by {
            self.act(day, by, move |at| {
                vec![happened(at, Happening::ExecutionConfirmed { of: id, service })]
            });
        }
        if let Some(on) = on.filter(|_| cast.hours > 0) {
            let (person, hundredths) = (self.person(EXPERT), cast.hours);
            self.act(day, EXPERT, move |at| {
                let note = String::new();
                let what = Happening::ExpertHours { service, person, on, hundredths, note };
                vec![happened(at, what)]
            });
        }
    }
}

fn happened(occurred_at: Millis, what: Happening) -> Change {
    Change::Happened { id: Uuid::now_v7(), fact: Fact { occurred_at, what } }
}
