//! Properties of random stories, each with a control: a property like it that is false, and seen
//! to be.

use crate::story::{BASE, SERVICE, START, Story, rules};
use pilotage_domain::fact::{Happening, Recorded, Scope, Seen, Source};
use pilotage_domain::journey::{Journey, Standing, Summary};
use pilotage_domain::playbook::ladders;
use pilotage_domain::{DAY, Millis};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

/// What a random story consists of.
#[derive(Clone, Copy, Debug)]
enum Step {
    Find { check: usize, result: usize, person: bool, old: bool, fresh_days: Option<i64> },
    Waive { check: usize, days: i64 },
    Retract { earlier: usize },
    Scope { choice: usize },
    Adopt { playbook: usize },
    Environment { comes: bool },
    Block,
    Unblock { earlier: usize },
}

const CHECKS: [&str; 8] = ["F1", "F2", "B1", "B2", "V1", "S1", "L1", "L2"];
const RESULTS: [Seen; 6] =
    [Seen::Pass, Seen::Pass, Seen::Pass, Seen::Fail, Seen::Unknown, Seen::NotApplicable];
const PLAYBOOKS: [&str; 5] = [
    BASE,
    "found: F1 manual, F2 manual | built: B1 auto v2, B2 manual, V1 auto | \
     staging(staging>live): S1 auto | live: L1 auto, L2 manual",
    "found: F1 manual, B1 auto | built: B2 manual, V1 auto visible | live: L1 auto v2",
    "found: F1 auto v2, L2 manual for worker | built: V1 auto, B2 manual | \
     staging(staging>live): S1 auto, B1 auto | live: L1 auto, F2 manual visible",
    "found: F1 manual | sorted: L2 manual | built: B1 auto, B2 manual v2 | live: S1 auto, L1 auto",
];

/// Steps with their quarter days. Passes are frequent, so that stages are reached and lost.
fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let find = (0..CHECKS.len(), 0..RESULTS.len(), any::<bool>(), any::<bool>(), fresh());
    let find = find.prop_map(|(check, result, person, old, fresh_days)| Step::Find {
        check,
        result,
        person,
        old,
        fresh_days,
    });
    let step = prop_oneof![
        20 => find,
        3 => (0..CHECKS.len(), 1..20_i64).prop_map(|(check, days)| Step::Waive { check, days }),
        3 => (0..100_usize).prop_map(|earlier| Step::Retract { earlier }),
        1 => (0..3_usize).prop_map(|choice| Step::Scope { choice }),
        1 => (0..PLAYBOOKS.len()).prop_map(|playbook| Step::Adopt { playbook }),
        1 => any::<bool>().prop_map(|comes| Step::Environment { comes }),
        2 => Just(Step::Block),
        2 => (0..100_usize).prop_map(|earlier| Step::Unblock { earlier }),
    ];
    proptest::collection::vec((0..160_i64, step), 0..40)
}

fn fresh() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![2 => Just(None), 1 => (1..25_i64).prop_map(Some)]
}

/// In order of occurrence: recorded as it happened.
fn in_order(mut steps: Vec<(i64, Step)>) -> Story {
    steps.sort_by_key(|(at, _)| *at);
    as_recorded(&steps)
}

fn as_recorded(steps: &[(i64, Step)]) -> Story {
    let mut story = Story::read("is web");
    for (quarter, step) in steps {
        let at = START + quarter * DAY / 4;
        let what = match *step {
            Step::Find { check, result, person, old, fresh_days } => Happening::Finding {
                service: SERVICE,
                check: CHECKS[check].to_owned(),
                check_version: if old { 1 } else { 2 },
                result: RESULTS[result],
                source: if person { Source::Person } else { Source::Cluster },
                observed: String::new(),
                link: None,
                stale_after: fresh_days.map(|days| at + days * DAY),
            },
            Step::Waive { check, days } => Happening::Waiver {
                service: SERVICE,
                check: CHECKS[check].to_owned(),
                reason: "later".into(),
                expires_at: at + days * DAY,
                request: None,
            },
            Step::Retract { earlier } => {
                let Some(index) = story.facts.len().checked_sub(1) else {
                    continue;
                };
                let of = story.facts[index.saturating_sub(earlier % 8)].id;
                Happening::Retraction { of, service: Some(SERVICE), note: String::new() }
            }
            Step::Block => Happening::BlockerOpened {
                service: SERVICE,
                reason: "stuck".into(),
                waiting_for: "them".into(),
            },
            Step::Unblock { earlier } => {
                let opened = story.facts.iter().rev().filter(|recorded| {
                    matches!(recorded.fact.what, Happening::BlockerOpened { .. })
                });
                let Some(of) = opened.map(|recorded| recorded.id).nth(earlier % 3) else {
                    continue;
                };
                Happening::BlockerClosed { of, service: SERVICE, note: String::new() }
            }
            Step::Scope { choice } => Happening::ScopeChanged {
                service: SERVICE,
                scope: [Scope::In, Scope::Retire, Scope::Retain][choice],
                reason: "decided".into(),
            },
            Step::Adopt { playbook } => {
                story.adoptions.push((at, rules(PLAYBOOKS[playbook])));
                continue;
            }
            Step::Environment { comes } => {
                story.presences.push((at, "staging".into(), comes));
                continue;
            }
        };
        story.record(at, what);
    }
    story.adoptions.sort_by_key(|(at, _)| *at);
    story.presences.sort_by_key(|(at, ..)| *at);
    story
}

const END: Millis = START + 45 * DAY;

type Property = fn(&[(i64, Step)]) -> Result<(), String>;

/// How many random stories a property is tried on.
const TRIES: u32 = 400;

fn holds(property: Property) {
    holds_in(TRIES, property);
}

fn holds_in(cases: u32, property: Property) {
    let config = ProptestConfig { cases, failure_persistence: None, ..<_>::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        property(&steps).map_err(|fault| TestCaseError::fail(fault.clone()))
    });
    if let Err(counterexample) = outcome {
        panic!("{counterexample}");
    }
}

/// A negative control: the property is false, and few stories are needed to see it.
fn breaks(property: Property) {
    let mut runner = TestRunner::deterministic();
    let caught = (0..500).any(|_| {
        let steps = steps().new_tree(&mut runner).expect("a story").current();
        property(&steps).is_err()
    });
    assert!(caught, "500 stories and none that shows it: the property says nothing");
}

fn ensure(truth: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if truth { Ok(()) } else { Err(fault()) }
}

/// Adds a finding of that result, of each check and source in turn, at the end.
fn adding(steps: &[(i64, Step)], result: Seen) -> Result<(), String> {
    let mut story = in_order(steps.to_vec());
    let before = story.walk(END);
    for check in CHECKS {
        for source in [Source::Person, Source::Cluster] {
            story.record(
                END,
                Happening::Finding {
                    service: SERVICE,
                    check: check.to_owned(),
                    check_version: 2,
                    result,
                    source,
                    observed: String::new(),
                    link: None,
                    stale_after: None,
                },
            );
            let after = story.walk(END).number;
            story.facts.pop();
            ensure(after >= before.number, || {
                format!("{check} {result:?} by {source:?}: {} → {after}", before.number)
            })?;
        }
    }
    Ok(())
}

#[test]
fn a_pass_never_lowers_the_stage() {
    holds(|steps| adding(steps, Seen::Pass));
    breaks(|steps| adding(steps, Seen::Fail));
}

/// Facts come from the store in any order.
fn reordered(steps: &[(i64, Step)], order: fn(&mut Vec<Recorded>)) -> Result<(), String> {
    let mut story = as_recorded(steps);
    let before = story.walk(END);
    order(&mut story.facts);
    let after = story.walk(END);
    ensure(before == after, || format!("{before:?}\n{after:?}"))
}

#[test]
fn the_order_of_the_slice_does_not_matter() {
    holds(|steps| reordered(steps, |facts| facts.reverse()));
    holds(|steps| {
        reordered(steps, |facts| {
            facts.sort_by_key(|recorded| recorded.id.as_u128() * 7 % 31);
        })
    });
    // Which was recorded first does.
    breaks(|steps| {
        reordered(steps, |facts| {
            for recorded in facts {
                recorded.version.hlc = 1_000 - recorded.version.hlc;
            }
        })
    });
}

/// Until `valid_until`, the result is the same.
fn steady(steps: &[(i64, Step)], past_the_end: Millis) -> Result<(), String> {
    let story = as_recorded(steps);
    for quarter in (0..180).step_by(7) {
        let journey = story.walk(START + quarter * DAY / 4);
        let last = journey.valid_until.unwrap_or(END + 400 * DAY) - 1 + past_the_end;
        let later = story.walk(last);
        ensure(journey == later, || {
            format!("quarter {quarter}: {journey:?}\nat {last}: {later:?}")
        })?;
    }
    Ok(())
}

#[test]
fn nothing_changes_before_valid_until() {
    holds(|steps| steady(steps, 0));
    breaks(|steps| steady(steps, 1));
}

#[test]
fn counts_and_moves_agree_with_the_rest() {
    holds(|steps| {
        let story = as_recorded(steps);
        let journey = story.walk(END);
        let Journey { counts, moves, .. } = &journey;
        ensure(counts.passed <= counts.counted, || format!("{counts:?}"))?;
        ensure(counts.proved <= counts.passed, || format!("{counts:?}"))?;
        let counted = journey.checks.iter().filter(|check| check.counted).count();
        let sum = counts.counted + counts.waived + counts.not_applicable;
        ensure(usize::try_from(sum) == Ok(counted), || format!("{counts:?} of {counted}"))?;
        let last = moves.last().expect("the arrival");
        ensure(last.stage == journey.stage, || format!("{last:?}"))?;
        ensure(last.in_scope == (journey.scope == Scope::In), || format!("{last:?}"))?;
        let forward = moves.windows(2).all(|pair| {
            pair[0].at < pair[1].at
                && (&pair[0].stage, pair[0].in_scope) != (&pair[1].stage, pair[1].in_scope)
        });
        ensure(forward, || format!("{moves:?}"))?;
        let since = moves.iter().rev().take_while(|step| step.stage == journey.stage).last();
        ensure(since.map(|step| step.at) == Some(journey.stage_since), || format!("{moves:?}"))
    });
}

/// Every counted check up to the stage is satisfied or held, and what is held is said.
fn supported(steps: &[(i64, Step)], held: fn(&Standing) -> bool) -> Result<(), String> {
    let journey = as_recorded(steps).walk(END);
    let below = |above: usize| {
        journey.checks.iter().filter(move |check| check.counted && check.stage <= above)
    };
    for check in below(journey.number) {
        ensure(check.result.satisfies() || held(&check.standing), || format!("{check:?}"))?;
        let said = match check.standing {
            Standing::Reproving { .. } => journey.reproving,
            Standing::Unproven { .. } => journey.unproven_since.is_some(),
            _ => true,
        };
        ensure(said, || format!("{check:?} is not said"))?;
    }
    // And it is no lower than what the results alone support.
    let stages = journey.checks.iter().map(|check| check.stage);
    let full = stages.filter(|stage| below(*stage).all(|check| check.result.satisfies())).max();
    ensure(full.unwrap_or(0) <= journey.number, || format!("{full:?}, {journey:?}"))
}

fn held(standing: &Standing) -> bool {
    matches!(standing, Standing::Unproven { .. } | Standing::Reproving { .. })
}

#[test]
fn the_stage_is_supported_by_its_checks() {
    holds(|steps| supported(steps, held));
    breaks(|steps| supported(steps, |standing| matches!(standing, Standing::Unproven { .. })));
    breaks(|steps| supported(steps, |standing| matches!(standing, Standing::Reproving { .. })));
}

/// Adopting a playbook at the end leaves every service where it is, or higher.
fn adopting(steps: &[(i64, Step)], failing: bool) -> Result<(), String> {
    for playbook in PLAYBOOKS {
        let mut story = in_order(steps.to_vec());
        let before = story.walk(END);
        story.adoptions.push((END, rules(playbook)));
        if failing {
            story.facts.extend(Story::read("d45 F1 fail person\nd45 F1 fail").facts);
        }
        let after = story.walk(END);
        let ladders = story.ladders();
        let (_, ladder) = ladders.last().expect("a ladder");
        // A stage that the new playbook does not have, or that does not apply, counts as the one
        // before it.
        let floor = (1..=before.number)
            .filter_map(|number| {
                let old = before_ladder(&story, number)?;
                Some(ladder.number(Some(&old)))
                    .filter(|new| *new > 0 && ladder.applicable[*new - 1])
            })
            .next_back()
            .unwrap_or(0);
        ensure(after.number >= floor, || format!("{playbook}: {floor} → {}", after.number))?;
        let regressed = after.regressed && !before.regressed;
        ensure(!regressed, || format!("{playbook} regressed the service: {:?}", after.checks))?;
    }
    Ok(())
}

fn before_ladder(story: &Story, number: usize) -> Option<String> {
    let before = &story.adoptions[..story.adoptions.len() - 1];
    let ladders = ladders(before, &story.presences);
    ladders.last()?.1.stage(number).map(str::to_owned)
}

#[test]
fn a_playbook_regresses_nobody() {
    holds(|steps| adopting(steps, false));
    breaks(|steps| adopting(steps, true));
}

/// Where the service stood at each moment is what the moves say of it at the end.
fn past(story: &Story) -> Result<(), String> {
    let moves = story.walk(END).moves;
    for quarter in 0..180 {
        let at = START + quarter * DAY / 4;
        let then = Story {
            facts: story
                .facts
                .clone()
                .into_iter()
                .take_while(|f| f.fact.occurred_at <= at)
                .collect(),
            adoptions: story.adoptions.clone(),
            presences: story.presences.clone(),
            archetype: story.archetype.clone(),
            labels: BTreeMap::new(),
        };
        let journey = then.walk(at);
        let shown = moves.iter().rev().find(|step| step.at <= at).expect("the arrival");
        ensure(shown.stage == journey.stage, || format!("quarter {quarter}: {shown:?}"))?;
        ensure(shown.in_scope == (journey.scope == Scope::In), || format!("{quarter}: {shown:?}"))?;
    }
    Ok(())
}

#[test]
fn a_fold_up_to_a_moment_is_what_the_moves_say_of_it() {
    // Each try folds 180 times.
    holds_in(TRIES / 8, |steps| past(&in_order(steps.to_vec())));
    // A late entry changes the past as we know it now.
    breaks(|steps| past(&as_recorded(steps)));
}

/// What is entered and taken back leaves no trace but in the moves.
fn taken_back(steps: &[(i64, Step)], retract: bool) -> Result<(), String> {
    let mut story = in_order(steps.to_vec());
    let before = story.walk(END);
    for (check, result) in [("F1", Seen::Fail), ("B1", Seen::Pass), ("L2", Seen::Unknown)] {
        let slip = story.record(
            END - 3 * DAY,
            Happening::Finding {
                service: SERVICE,
                check: check.to_owned(),
                check_version: 2,
                result,
                source: Source::Person,
                observed: String::new(),
                link: None,
                stale_after: None,
            },
        );
        if retract {
            story.record(
                END - DAY,
                Happening::Retraction { of: slip, service: Some(SERVICE), note: String::new() },
            );
        }
        let after = story.walk(END);
        ensure(before.stage == after.stage, || format!("{check}: {before:?}\n{after:?}"))?;
        ensure(before.first_reached == after.first_reached, || {
            format!("{check}: {:?} {:?}", before.first_reached, after.first_reached)
        })?;
        let flags = |journey: &Journey| {
            (journey.regressed, journey.reproving, journey.unproven_since, journey.counts)
        };
        ensure(flags(&before) == flags(&after), || format!("{check}: {before:?}\n{after:?}"))?;
    }
    Ok(())
}

#[test]
fn what_is_taken_back_leaves_no_trace_but_in_the_moves() {
    holds(|steps| taken_back(steps, true));
    breaks(|steps| taken_back(steps, false));
}

/// What a course says of every moment is what a walk up to that moment says.
fn course(story: &Story, of: &Story) -> Result<(), String> {
    // Wherever the walk was when the course was noted.
    let now = START + 20 * DAY;
    let (journey, course) = of.walk_on(now);
    ensure(journey == of.walk(now), || "the same journey".to_owned())?;
    let late = of.walk_on(END).1;
    // Lists need the present and what time alone will make of it; charts need the past.
    let outdated = |moment: i64| journey.valid_until.is_some_and(|until| until <= moment);
    let past = |summary: Option<Summary>| summary.map(Summary::of_the_past);
    for quarter in 0..300 {
        let moment = START + quarter * DAY / 4;
        let walked = story.walk(moment);
        let marks = course.marks_at(moment);
        ensure(marks == walked.marks(), || format!("quarter {quarter}: {marks:?}"))?;
        let walked = Some(Summary::from(&walked));
        let noted = course.at(moment);
        ensure(past(late.at(moment)) == past(noted.clone()), || {
            format!("quarter {quarter}: the past does not depend on now")
        })?;
        let same = if outdated(moment) {
            noted == walked
        } else {
            past(noted.clone()) == past(walked.clone())
        };
        ensure(same, || format!("quarter {quarter}: {noted:?}, walked {walked:?}"))?;
    }
    ensure(
        course.at(START - 1).is_none_or(|_| story.facts.iter().any(|f| f.fact.occurred_at < START)),
        || "nobody stands anywhere before his arrival".to_owned(),
    )
}

#[test]
fn a_course_is_the_walk_of_every_moment() {
    // Each try walks 300 times.
    holds_in(TRIES / 16, |steps| {
        let story = as_recorded(steps);
        course(&story, &story)
    });
    // Without the last fact it is another one.
    breaks(|steps| {
        let story = as_recorded(steps);
        let mut without = as_recorded(steps);
        without.facts.pop();
        course(&story, &without)
    });
}

#[test]
fn a_course_is_kept_as_text() {
    holds_in(TRIES / 16, |steps| {
        let (_, course) = as_recorded(steps).walk_on(END);
        let text = serde_json::to_string(&course).map_err(|error| error.to_string())?;
        let read = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        ensure(course == read, || text)
    });
}
