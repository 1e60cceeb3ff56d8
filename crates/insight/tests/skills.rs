//! Skills and transfer against hand-worked tables.

use chrono::NaiveDate;
use pilotage_domain::calendar::Calendar;
use pilotage_insight::skills::{
    Candidate, Coverage, Execution, Help, Independence, PairRequest, Standing, Standings, Support,
    Traced, coverage, guided_to_independence, half_lost, independence, standings, suggest_leader,
    suggest_pairs, times_to_independence, unaided,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const SKILL: &str = "cut-over";

fn day(offset: u32) -> NaiveDate {
    // A Monday.
    let monday = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
    monday + chrono::Days::new(offset.into())
}

fn person(letter: char) -> Uuid {
    Uuid::from_u128(u128::from(u32::from(letter)))
}

fn service(number: u32) -> Uuid {
    Uuid::from_u128(1_000 + u128::from(number))
}

fn step(on: u32, number: u32, people: &[(char, Help)]) -> Execution {
    Execution {
        service: service(number),
        check: "LI-02".to_owned(),
        skills: vec![SKILL.to_owned()],
        on: day(on),
        people: people.iter().map(|(letter, help)| (person(*letter), *help)).collect(),
        confirmed: true,
        exceptional: false,
        imported: false,
    }
}

fn alone(on: u32, number: u32) -> Execution {
    step(on, number, &[('A', Help::Alone)])
}

fn words(executions: &[Execution], regressions: &[Traced], as_of: u32) -> String {
    let all = standings(executions, regressions, day(as_of));
    all.get(&(person('A'), SKILL.to_owned())).copied().unwrap_or_default().words()
}

/// The level after each event, by the day on which it happened.
fn check(name: &str, executions: &[Execution], regressions: &[Traced], expect: &[(u32, &str)]) {
    for (on, level) in expect {
        assert_eq!(words(executions, regressions, *on), *level, "{name}: after day {on}");
    }
}

#[test]
fn levels_rise_with_evidence() {
    let watched = step(1, 1, &[('A', Help::Watched), ('X', Help::Alone)]);
    let guided = step(2, 2, &[('A', Help::Asked), ('X', Help::Guided)]);
    let events = [watched, guided, alone(3, 3), alone(4, 3), alone(5, 4)];
    let expect = [(0, "L0"), (1, "L1"), (2, "L2"), (3, "L2"), (4, "L2"), (5, "L3")];
    check("the way to L3", &events, &[], &expect);
    let mut events = vec![alone(1, 1), alone(2, 2), alone(3, 6)];
    events[2].exceptional = true;
    check("a hard one", &events, &[], &[(2, "L3"), (3, "L4")]);
    let mut hard_first = vec![alone(1, 1)];
    hard_first[0].exceptional = true;
    check("a hard one alone is not L4", &hard_first, &[], &[(1, "L2")]);
}

#[test]
fn what_is_not_confirmed_imported_or_done_by_two_raises_nobody_to_l3() {
    let mut unconfirmed = vec![alone(1, 1), alone(2, 2)];
    unconfirmed[1].confirmed = false;
    check("unconfirmed", &unconfirmed, &[], &[(1, "L2"), (2, "L2")]);
    unconfirmed[1].confirmed = true;
    check("confirmed later", &unconfirmed, &[], &[(2, "L3")]);
    let mut imported = vec![alone(1, 1), alone(2, 2)];
    imported[0].imported = true;
    check("imported", &imported, &[], &[(2, "L2")]);
    let both = [('A', Help::Alone), ('B', Help::Alone)];
    let together = [alone(1, 1), step(2, 2, &both), step(3, 3, &both)];
    check("two doers", &together, &[], &[(3, "L2")]);
    check(
        "a guide beside is no second doer",
        &[alone(1, 1), step(2, 2, &[('A', Help::Alone), ('B', Help::Guided)])],
        &[],
        &[(2, "L3")],
    );
}

#[test]
fn a_traced_regression_reopens_until_one_more_passes() {
    let traced =
        |number, on| Traced { service: service(number), check: "LI-02".to_owned(), on: day(on) };
    let events = [alone(1, 1), alone(2, 2), alone(20, 5)];
    let regressed = [traced(2, 12)];
    let expect = [(1, "L2"), (2, "L3"), (11, "L3"), (12, "L3?"), (19, "L3?"), (20, "L3")];
    check("reopened", &events, &regressed, &expect);
    let all = standings(&events, &regressed, day(12));
    let standing = all[&(person('A'), SKILL.to_owned())];
    assert_eq!((standing.counted(), standing.holds()), (2, false), "counts as L2 meanwhile");
    check("too late", &events, &[traced(2, 17)], &[(17, "L3")]);
    check("before it", &events, &[traced(5, 19)], &[(20, "L3")]);
    let other = Traced { check: "LI-03".to_owned(), ..traced(2, 12) };
    check("another check", &events, &[other], &[(12, "L3")]);
    let early = [alone(1, 1), alone(9, 2), alone(10, 3)];
    check("before L3", &early, &[traced(1, 5)], &[(5, "L2"), (9, "L2"), (10, "L3")]);
}

#[test]
fn guiding_two_people_to_l3_is_l5() {
    let guided =
        |on, number, letter| step(on, number, &[(letter, Help::Told), ('A', Help::Guided)]);
    let own = |on, number, letter| step(on, number, &[(letter, Help::Alone)]);
    let events = [
        alone(1, 1),
        alone(2, 2),
        guided(3, 3, 'B'),
        own(4, 4, 'B'),
        own(5, 5, 'B'),
        guided(6, 6, 'C'),
        own(7, 7, 'C'),
        own(8, 8, 'C'),
    ];
    check("guide", &events, &[], &[(2, "L3"), (5, "L3"), (7, "L3"), (8, "L5")]);
    let all = standings(&events, &[], day(8));
    let people = guided_to_independence(person('A'), SKILL, &events, &all);
    assert_eq!(people, BTreeSet::from([person('B'), person('C')]));
    // Guidance after somebody was independent already brought nobody there.
    let late = [own(1, 1, 'B'), own(2, 2, 'B'), alone(3, 3), alone(4, 4), guided(5, 5, 'B')];
    let all = standings(&late, &[], day(5));
    assert!(guided_to_independence(person('A'), SKILL, &late, &all).is_empty());
}

#[test]
fn a_level_fades_and_stays() {
    let events = [alone(1, 1), alone(2, 2)];
    let standing = |on| standings(&events, &[], day(on))[&(person('A'), SKILL.to_owned())];
    assert!(!standing(62).faded && standing(62).alone_lately, "60 days after");
    assert!(standing(63).faded && standing(63).level == 3, "61 days after");
    assert!(!standing(63).alone_lately, "61 days after");
}

#[test]
fn independence_counts_what_the_team_did() {
    let team = BTreeSet::from([person('A'), person('B')]);
    let mut events = vec![
        alone(1, 1),
        step(2, 2, &[('B', Help::Asked), ('X', Help::Guided)]),
        step(3, 3, &[('X', Help::Alone), ('A', Help::Watched)]),
        alone(4, 4),
    ];
    events[3].confirmed = false;
    let figures = independence(&events, &team);
    assert_eq!(
        figures,
        Independence { alone: 1, all: 2, alone_with_unconfirmed: 2, all_with_unconfirmed: 3 }
    );
    assert_eq!(figures.ratio(), Some(0.5));
    assert_eq!(independence(&[], &team).ratio(), None, "no execution is no 0 %");
    let done: BTreeSet<Uuid> = (1..=6).map(service).collect();
    let hours = BTreeMap::from([(service(4), 2.0)]);
    events.push(alone(5, 5));
    let found = unaided(&done, &events, &team, &hours);
    assert_eq!(found, BTreeSet::from([service(1), service(5)]));
}

fn skills(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn at(level: u8) -> Standing {
    Standing { level, alone_lately: true, ..Standing::default() }
}

fn table(rows: &[(char, &[(&str, u8)])]) -> Standings {
    let mut all = Standings::new();
    for (letter, levels) in rows {
        for (skill, level) in *levels {
            all.insert((person(*letter), (*skill).to_owned()), at(*level));
        }
    }
    all
}

#[test]
fn truck_factor_and_orphaned_skills_are_two_findings() {
    let all = table(&[
        ('A', &[("cut-over", 4), ("pipeline", 3)]),
        ('B', &[("pipeline", 3), ("rollback", 5), ("data", 2)]),
        ('C', &[("rollback", 3)]),
        ('X', &[("data", 5)]),
    ]);
    let mandatory = skills(&["cut-over", "pipeline", "rollback", "data"]);
    let team: BTreeSet<Uuid> = ['A', 'B', 'C'].map(person).into();
    let coverage = coverage(&mandatory, &all, &team);
    let transfer = coverage.transfer();
    assert_eq!(transfer.truck_factor, Some(1));
    assert_eq!(transfer.weakest, ["cut-over"]);
    assert_eq!(transfer.orphaned, ["data"], "the expert is no member");
    assert_eq!(half_lost(&coverage), Some(2));
    let nobody = Coverage { holders: BTreeMap::from([("data".to_owned(), BTreeSet::new())]) };
    assert_eq!(nobody.transfer().truck_factor, None);
    assert_eq!(half_lost(&nobody), None);
    let one = Coverage { holders: BTreeMap::from([("data".to_owned(), [person('A')].into())]) };
    assert_eq!(one.transfer().truck_factor, Some(1), "a team of one");
    assert_eq!(half_lost(&one), Some(1));
    let many = |count: u32| (0..count).map(|at| Uuid::from_u128(at.into())).collect();
    let crowd = |count| Coverage { holders: BTreeMap::from([("data".to_owned(), many(count))]) };
    assert_eq!(half_lost(&crowd(10)), Some(10));
    assert_eq!(half_lost(&crowd(11)), None, "not tried");
}

#[test]
fn times_to_independence_count_working_days_and_services() {
    let own = |on, number, letter| step(on, number, &[(letter, Help::Alone)]);
    // A from Monday to the next Monday, B on two days, C from Friday to Monday.
    let events = [
        own(0, 1, 'A'),
        own(7, 2, 'A'),
        own(1, 3, 'B'),
        own(2, 4, 'B'),
        own(4, 5, 'C'),
        own(5, 5, 'C'),
        own(7, 6, 'C'),
        own(8, 7, 'D'),
    ];
    let all = standings(&events, &[], day(9));
    let calendar = Calendar::weekly(chrono_tz::Europe::Berlin);
    let (times, median) = times_to_independence(SKILL, &all, &events, &calendar);
    let found: Vec<(u32, usize)> = times.iter().map(|it| (it.working_days, it.services)).collect();
    assert_eq!(found, [(6, 2), (2, 2), (2, 2)]);
    assert_eq!(median, Some(2));
    let early = standings(&events, &[], day(6));
    assert_eq!(times_to_independence(SKILL, &early, &events, &calendar).1, None, "too few");
}

fn candidate(letter: char, levels: &[(&str, u8)], guided: u32) -> Candidate {
    Candidate {
        person: person(letter),
        present: true,
        willing: true,
        standings: levels.iter().map(|(skill, level)| ((*skill).to_owned(), at(*level))).collect(),
        guided,
        sprints_led: 1,
        last_led: None,
        led_last_sprint: false,
    }
}

#[test]
fn the_next_leader_is_suggested_with_reasons() {
    let five = ["a", "b", "c", "d", "e"];
    let mandatory = skills(&five);
    let a = |guided| Candidate {
        led_last_sprint: true,
        ..candidate('A', &[("a", 4), ("b", 5), ("c", 4), ("d", 3), ("e", 3)], guided)
    };
    let mut b = candidate('B', &[("a", 4), ("b", 4), ("c", 3), ("d", 3), ("e", 3)], 1);
    b.standings.insert("e".to_owned(), Standing { alone_lately: false, ..at(3) });
    let c = candidate('C', &[("a", 4), ("b", 4), ("c", 5), ("d", 5), ("e", 2)], 9);
    let suggestion = suggest_leader(&mandatory, &[b.clone(), c.clone(), a(2)]);
    let ranked: Vec<(Uuid, f64)> =
        suggestion.ranked.iter().map(|score| (score.person, score.total())).collect();
    assert_eq!(ranked[0], (person('A'), 7.0));
    assert!(ranked[1].0 == person('B') && (ranked[1].1 - 5.8).abs() < 1e-12, "{ranked:?}");
    assert_eq!(suggestion.one_step_away, [(person('C'), "e".to_owned())]);
    assert!(suggestion.nearest.is_empty());
    let without = suggest_leader(&mandatory, &[a(0), b.clone()]);
    assert_eq!(without.ranked[0].person, person('B'), "5.8 against 5");
    let away = Candidate { present: false, ..a(2) };
    let unwilling = Candidate { willing: false, ..b.clone() };
    let nobody = suggest_leader(&mandatory, &[away, unwilling, c.clone()]);
    assert!(nobody.ranked.is_empty());
    assert_eq!(nobody.nearest, [(person('C'), vec!["e".to_owned()])]);
    // Ties: fewer sprints led, then the longer time since, then the id.
    let tie = |letter, led, last: Option<u32>| Candidate {
        sprints_led: led,
        last_led: last.map(day),
        ..candidate(letter, &[("a", 3)], 0)
    };
    let tied =
        [tie('D', 2, Some(1)), tie('E', 1, Some(9)), tie('F', 1, Some(8)), tie('G', 1, Some(8))];
    let order: Vec<Uuid> =
        suggest_leader(&skills(&["a"]), &tied).ranked.iter().map(|score| score.person).collect();
    assert_eq!(order, ['F', 'G', 'E', 'D'].map(person));
}

fn request<'a>(people: &str, needed: &[&str], standings: &'a Standings) -> PairRequest<'a> {
    PairRequest {
        people: people.chars().map(person).collect(),
        needed: skills(needed),
        mandatory: skills(needed),
        standings,
        last: BTreeSet::new(),
        before_last: BTreeSet::new(),
        locked: BTreeSet::new(),
        forbidden: BTreeSet::new(),
    }
}

fn four() -> Standings {
    table(&[
        ('A', &[("pipeline", 4), ("cut-over", 4)]),
        ('B', &[("pipeline", 3), ("cut-over", 1)]),
        ('C', &[("pipeline", 2), ("cut-over", 0)]),
        ('D', &[("pipeline", 3), ("cut-over", 3)]),
    ])
}

fn named(groups: &[pilotage_insight::skills::Group]) -> String {
    let letter = |person: &Uuid| {
        u32::try_from(person.as_u128()).ok().and_then(char::from_u32).expect("a letter")
    };
    let group = |group: &pilotage_insight::skills::Group| -> String {
        group.people.iter().map(letter).collect()
    };
    groups.iter().map(group).collect::<Vec<_>>().join(" ")
}

#[test]
fn pairs_are_suggested_with_the_skills_they_move() {
    let all = four();
    let request = request("ABCD", &["pipeline", "cut-over"], &all);
    let plans = suggest_pairs(&request).unwrap();
    assert_eq!(named(&plans.best.groups), "AB CD");
    assert!((plans.best.score() - 2.25).abs() < 1e-12);
    let runner_up = plans.runner_up.unwrap();
    assert_eq!(named(&runner_up.groups), "AD BC");
    assert!((runner_up.score() - 1.75).abs() < 1e-12);
    assert!(plans.best.support.is_empty(), "A and D hold cut-over");
    let support = Support { group: 1, skill: "cut-over".to_owned(), person: Some(person('A')) };
    assert_eq!(runner_up.support, [support], "B and C need somebody beside them");
    assert_eq!(plans.best.groups[0].moves, ["cut-over"]);
    assert_eq!(plans.best.groups[1].moves, ["pipeline"]);
    assert!(!plans.greedy);
}

#[test]
fn wishes_refusals_and_recent_pairs_count() {
    let all = four();
    let base = || request("ABCD", &["pipeline", "cut-over"], &all);
    let set = |a, b| BTreeSet::from([(person(a), person(b))]);
    let best = |request: &PairRequest<'_>| suggest_pairs(request).map(|it| named(&it.best.groups));
    assert_eq!(best(&PairRequest { locked: set('A', 'C'), ..base() }).unwrap(), "AC BD");
    assert_eq!(best(&PairRequest { forbidden: set('A', 'B'), ..base() }).unwrap(), "AD BC");
    assert_eq!(best(&PairRequest { last: set('A', 'B'), ..base() }).unwrap(), "AD BC");
    assert_eq!(best(&PairRequest { before_last: set('C', 'D'), ..base() }).unwrap(), "AD BC");
    let contradiction = PairRequest { locked: set('A', 'B'), forbidden: set('C', 'D'), ..base() };
    assert_eq!(best(&contradiction), None);
    assert_eq!(best(&request("A", &["pipeline"], &all)), None, "no pairs in a team of one");
    let missing = request("BC", &["cut-over"], &all);
    let plan = suggest_pairs(&missing).unwrap().best;
    assert_eq!(plan.support[0].person, None, "nobody holds it: the skill is missing");
}

#[test]
fn an_odd_number_has_one_group_of_three() {
    let all = four();
    let three = request("ABC", &["pipeline", "cut-over"], &all);
    let plans = suggest_pairs(&three).unwrap();
    assert_eq!(named(&plans.best.groups), "ABC");
    assert_eq!(plans.runner_up, None);
    // Weights: pipeline 2 (A, B), cut-over 3 (A). AB 0.5 + 1.5, AC 2 − 1.5, BC 2 + 0.
    assert!((plans.best.score() - 4.5 / 3.0).abs() < 1e-12, "{}", plans.best.score());
}

#[test]
fn more_than_ten_people_are_paired_greedily() {
    let levels: Vec<(char, Vec<(&str, u8)>)> = ('A'..='L')
        .map(|letter| (letter, vec![("pipeline", if letter < 'G' { 4 } else { 2 })]))
        .collect();
    let rows: Vec<(char, &[(&str, u8)])> =
        levels.iter().map(|(letter, levels)| (*letter, levels.as_slice())).collect();
    let all = table(&rows);
    let plans = suggest_pairs(&request("ABCDEFGHIJKL", &["pipeline"], &all)).unwrap();
    assert!(plans.greedy);
    assert_eq!(named(&plans.best.groups), "AG BH CI DJ EK FL");
    let eleven = suggest_pairs(&request("ABCDEFGHIJK", &["pipeline"], &all)).unwrap();
    assert_eq!(named(&eleven.best.groups), "AFG BH CI DJ EK");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Everybody is in one group, no plan of the enumeration is better, and the order of input does
    /// not matter (sets have none).
    #[test]
    fn every_plan_holds_everybody_once(
        levels in proptest::collection::vec((0_u8..6, 0_u8..6), 2..9),
    ) {
        let mut all = Standings::new();
        let letters: String = ('A'..).take(levels.len()).collect();
        for (letter, (pipeline, data)) in letters.chars().zip(&levels) {
            all.insert((person(letter), "pipeline".to_owned()), at(*pipeline));
            all.insert((person(letter), "data".to_owned()), at(*data));
        }
        let plans = suggest_pairs(&request(&letters, &["pipeline", "data"], &all)).unwrap();
        let mut people: Vec<Uuid> =
            plans.best.groups.iter().flat_map(|group| group.people.clone()).collect();
        people.sort_unstable();
        prop_assert_eq!(people, letters.chars().map(person).collect::<Vec<_>>());
        let sizes: Vec<usize> = plans.best.groups.iter().map(|group| group.people.len()).collect();
        prop_assert_eq!(sizes.iter().filter(|size| **size == 3).count(), levels.len() % 2);
        if let Some(runner_up) = plans.runner_up {
            prop_assert!(runner_up.score() <= plans.best.score() + 1e-9);
        }
    }

    /// More evidence of one's own work never lowers a level.
    #[test]
    fn more_work_never_lowers_a_level(
        steps in proptest::collection::vec((1_u32..20, 1_u32..5, 0_usize..3), 1..8),
    ) {
        let help = [Help::Watched, Help::Asked, Help::Alone];
        let events: Vec<Execution> =
            steps.iter().map(|(on, number, kind)| step(*on, *number, &[('A', help[*kind])])).collect();
        let level = |count: usize| {
            standings(&events[..count], &[], day(30)).values().map(|it| it.level).max().unwrap_or(0)
        };
        for count in 0..events.len() {
            prop_assert!(level(count) <= level(count + 1));
        }
    }
}
