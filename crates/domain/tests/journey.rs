//! The stage computation against stories worked out by hand from DESIGN section 2, and against
//! properties. A story is a script; see [`Story::read`] for its words and [`say`] for what can be
//! expected of it.

use pilotage_domain::fact::{Fact, Happening, Recorded, Scope, Seen, Source};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::journey::{Journey, Standing, Subject, Summary, walk};
use pilotage_domain::operation::Version;
use pilotage_domain::playbook::{CheckKind, Ladder, Playbook, Rule, Rules, StageRule, ladders};
use pilotage_domain::{DAY, Millis};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Day 0 of every story; far from 0, so that a forgotten offset shows.
const START: Millis = 1_772_442_000_000;
const SERVICE: Uuid = Uuid::from_u128(77);

/// The playbook of most stories. `staging` applies where there is an environment of that name.
const BASE: &str = "found: F1 manual | built: B1 auto, B2 manual, V1 auto visible | \
                    staging(staging>live): S1 auto | live: L1 auto, L2 manual for worker";

// ------------------------------------------------------------------------------- the script

struct Story {
    facts: Vec<Recorded>,
    adoptions: Vec<(Millis, Rules)>,
    presences: Vec<(Millis, String, bool)>,
    archetype: Option<String>,
    labels: BTreeMap<String, Uuid>,
}

/// `d3`, `d3.25`, and `d3-` for the last millisecond before.
fn moment(word: &str) -> Millis {
    let word = word
        .strip_prefix('d')
        .unwrap_or_else(|| panic!("{word:?} is no moment"));
    let (word, before) = word.strip_suffix('-').map_or((word, 0), |word| (word, 1));
    let (days, hundredths) = word.split_once('.').unwrap_or((word, "0"));
    let number = |text: &str| text.parse::<Millis>().expect("a number");
    let part = if hundredths.len() == 1 { 10 } else { 1 };
    START + number(days) * DAY + number(hundredths) * part * DAY / 100 - before
}

fn in_days(at: Millis) -> String {
    let (days, rest) = ((at - START).div_euclid(DAY), (at - START).rem_euclid(DAY));
    if rest == 0 {
        format!("d{days}")
    } else {
        format!("d{days}.{:02}", rest * 100 / DAY)
    }
}

/// `stage: CHECK KIND [vN] [visible] [for ARCHETYPE], … | stage(ENVIRONMENT>OTHERWISE): …`
fn rules(text: &str) -> Rules {
    let mut stages = Vec::new();
    let mut checks = Vec::new();
    for part in text.split('|') {
        let (stage, list) = part.split_once(':').expect("stage: checks");
        let (id, environment) = stage.trim().split_once('(').unwrap_or((stage.trim(), ""));
        let environment = environment.trim_end_matches(')').split_once('>');
        stages.push(StageRule {
            id: id.to_owned(),
            environment: environment.map(|(name, _)| name.to_owned()),
            otherwise: environment.map(|(_, otherwise)| otherwise.to_owned()),
        });
        for check in list.split(',') {
            let words: Vec<&str> = check.split_whitespace().collect();
            let version = words
                .iter()
                .find_map(|word| word.strip_prefix('v')?.parse().ok());
            let archetype = words
                .iter()
                .position(|word| *word == "for")
                .map(|at| words[at + 1]);
            checks.push(Rule {
                id: words[0].to_owned(),
                version: version.unwrap_or(1),
                stage: id.to_owned(),
                kind: match words[1] {
                    "auto" => CheckKind::Auto,
                    "manual" => CheckKind::Manual,
                    "approval" => CheckKind::Approval,
                    other => panic!("{other:?} is no kind of check"),
                },
                counted: !words.contains(&"visible"),
                archetypes: archetype.into_iter().map(str::to_owned).collect(),
                stale_after_days: None,
            });
        }
    }
    Rules {
        playbook: "test".into(),
        version: 1,
        stages,
        checks,
    }
}

impl Story {
    /// Lines in order of recording; the day at the front of each says when it occurred.
    ///
    /// ```text
    /// is worker                                     the service's archetype
    /// d0 playbook found: F1 manual | …              without one, BASE counts from the start
    /// d0 environment staging comes | goes
    /// d1 F1 pass [person|cluster|…] [v2] [until d9] [as NAME]
    /// d1 waive F1 until d9 [as NAME]
    /// d1 retract NAME [as NAME]
    /// d1 block [as NAME]      d2 unblock NAME [as NAME]
    /// d1 scope retire [as NAME]
    /// ```
    fn read(script: &str) -> Self {
        let mut story = Self {
            facts: Vec::new(),
            adoptions: Vec::new(),
            presences: Vec::new(),
            archetype: None,
            labels: BTreeMap::new(),
        };
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            story.line(line);
        }
        if story.adoptions.is_empty() {
            story.adoptions.push((START, rules(BASE)));
        }
        story
    }

    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words[0] == "is" {
            self.archetype = Some(words[1].to_owned());
            return;
        }
        let at = moment(words[0]);
        let after = |key: &str| {
            words
                .iter()
                .position(|word| *word == key)
                .map(|position| words[position + 1])
        };
        let named = |name: &str| *self.labels.get(name).expect("a name given by `as`");
        let what = match words[1] {
            "playbook" => {
                let text = line.split_once("playbook").expect("rules").1;
                self.adoptions.push((at, rules(text)));
                return;
            }
            "environment" => {
                self.presences
                    .push((at, words[2].to_owned(), words[3] == "comes"));
                return;
            }
            "waive" => Happening::Waiver {
                service: SERVICE,
                check: words[2].to_owned(),
                reason: "later".into(),
                expires_at: moment(after("until").expect("until")),
            },
            "retract" => Happening::Retraction {
                of: named(words[2]),
                service: Some(SERVICE),
                note: String::new(),
            },
            "block" => Happening::BlockerOpened {
                service: SERVICE,
                reason: "access".into(),
                waiting_for: "platform team".into(),
            },
            "unblock" => Happening::BlockerClosed {
                of: named(words[2]),
                service: SERVICE,
                note: String::new(),
            },
            "scope" => Happening::ScopeChanged {
                service: SERVICE,
                scope: match words[2] {
                    "in" => Scope::In,
                    "retire" => Scope::Retire,
                    _ => Scope::Retain,
                },
                reason: "decided".into(),
            },
            check => Happening::Finding {
                service: SERVICE,
                check: check.to_owned(),
                check_version: words
                    .iter()
                    .find_map(|word| word.strip_prefix('v')?.parse().ok())
                    .unwrap_or(1),
                result: match words[2] {
                    "pass" => Seen::Pass,
                    "fail" => Seen::Fail,
                    "unknown" => Seen::Unknown,
                    "n/a" => Seen::NotApplicable,
                    other => panic!("{other:?} is no result"),
                },
                source: if words.contains(&"person") {
                    Source::Person
                } else {
                    Source::Cluster
                },
                observed: String::new(),
                link: None,
                stale_after: after("until").map(moment),
            },
        };
        let id = self.record(at, what);
        if let Some(name) = after("as") {
            self.labels.insert(name.to_owned(), id);
        }
    }

    fn record(&mut self, occurred_at: Millis, what: Happening) -> Uuid {
        let seq = u64::try_from(self.facts.len()).expect("few facts") + 1;
        let id = Uuid::from_u128(1_000 + u128::from(seq));
        self.facts.push(Recorded {
            id,
            version: Version {
                hlc: seq,
                device: DeviceId([1; 16]),
                seq,
            },
            actor: Uuid::from_u128(1),
            fact: Fact { occurred_at, what },
        });
        id
    }

    fn ladders(&self) -> Vec<(Millis, Ladder)> {
        ladders(&self.adoptions, &self.presences)
    }

    fn walk(&self, now: Millis) -> Journey {
        let subject = Subject {
            created_at: START,
            archetype: self.archetype.as_deref(),
            facts: &self.facts,
        };
        walk(&subject, &self.ladders(), now)
    }
}

// -------------------------------------------------------------------------- the expectation

/// What a journey says of one thing, in words.
fn say(journey: &Journey, key: &str) -> String {
    let or_dash = |text: String| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text
        }
    };
    let stage = |stage: &Option<String>| stage.clone().unwrap_or_else(|| "none".into());
    match key {
        "stage" => stage(&journey.stage),
        "since" => in_days(journey.stage_since),
        "reached" => {
            let mut reached: Vec<_> = journey.first_reached.iter().collect();
            reached.sort_by_key(|(_, at)| **at);
            let words = reached
                .into_iter()
                .map(|(stage, at)| format!("{stage} {}", in_days(*at)));
            or_dash(words.collect::<Vec<_>>().join(", "))
        }
        "moves" => {
            let words = journey.moves.iter().map(|step| {
                let out = if step.in_scope { "" } else { " out" };
                format!("{} {}{out}", in_days(step.at), stage(&step.stage))
            });
            words.collect::<Vec<_>>().join(", ")
        }
        "flags" => {
            let mut flags = Vec::new();
            if journey.regressed {
                flags.push("regressed".to_owned());
            }
            if journey.reproving {
                flags.push("re-proving".to_owned());
            }
            if let Some(since) = journey.unproven_since {
                flags.push(format!("unproven since {}", in_days(since)));
            }
            if let Some(since) = journey.blocked_since {
                flags.push(format!("blocked since {}", in_days(since)));
            }
            or_dash(flags.join(", "))
        }
        "counts" => {
            let counts = journey.counts;
            format!(
                "{}/{} proved {} waived {} n/a {}",
                counts.passed, counts.counted, counts.proved, counts.waived, counts.not_applicable
            )
        }
        "scope" => journey.scope.word().to_owned(),
        "blockers" => journey.open_blockers.len().to_string(),
        "valid" => journey.valid_until.map_or_else(|| "-".into(), in_days),
        "next" => or_dash(Summary::from(journey).next_check.unwrap_or_default()),
        check => {
            let standing = journey
                .checks
                .iter()
                .find(|standing| standing.check == check)
                .unwrap_or_else(|| panic!("{check:?} is neither a key nor a check"));
            let mut words = vec![standing.result.word().to_owned()];
            words.extend(standing.reason.map(|reason| reason.word().to_owned()));
            words.extend(standing.claimed.then(|| "claimed".to_owned()));
            if let Standing::Regressed { at, from, .. } = standing.standing {
                words.push(format!("regressed {} from {from}", in_days(at)));
            }
            words.join(" ")
        }
    }
}

/// Each line expects of one moment: `d5 stage built; flags -; B1 fail`.
fn verdict(script: &str, expect: &str) -> Result<(), String> {
    let story = Story::read(script);
    for line in expect
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (at, wanted) = line
            .split_once(' ')
            .expect("a moment, then what is expected");
        let journey = story.walk(moment(at));
        for wanted in wanted.split(';').map(str::trim) {
            let (key, value) = wanted.split_once(' ').expect("a key and a value");
            let said = say(&journey, key);
            if said != value {
                return Err(format!(
                    "{script}\nat {at}: {key} is {said:?}, expected {value:?}"
                ));
            }
        }
    }
    Ok(())
}

fn check(script: &str, expect: &str) {
    if let Err(difference) = verdict(script, expect) {
        panic!("{difference}");
    }
}

/// The expectation holds, and changing one input breaks it.
fn check_and_control(script: &str, expect: &str, from: &str, to: &str) {
    check(script, expect);
    let changed = script.replacen(from, to, 1);
    assert_ne!(changed, script, "{from:?} must occur");
    let verdict = verdict(&changed, expect);
    assert!(
        verdict.is_err(),
        "{from:?} → {to:?} must make a difference to\n{script}\n{expect}"
    );
}

// -------------------------------------------------------------------------------- the stories

#[test]
fn a_playbook_in_yaml_gives_the_rules_of_the_stories() {
    let check = |id: &str, stage: &str, rest: &str| {
        format!(
            "  - {{id: {id}, version: 1, stage: {stage}, title: t, weight: 3, what: w, why: y, \
             how: {{steps: [s]}}, {rest}}}\n"
        )
    };
    let yaml = format!(
        "playbook: test\nversion: 1\ntitle: Test\nstages:\n\
         \x20 - {{id: found, title: Found, meaning: m}}\n\
         \x20 - {{id: built, title: Built, meaning: m}}\n\
         \x20 - {{id: staging, title: S, meaning: m, environment: staging, otherwise: live}}\n\
         \x20 - {{id: live, title: Live, meaning: m}}\n\
         skills: []\nchecks:\n{}{}{}{}{}{}{}{}",
        check("F1", "found", "kind: manual, state: counted"),
        check("B1", "built", "kind: auto, state: counted"),
        check("B2", "built", "kind: manual, state: counted"),
        check("V1", "built", "kind: auto, state: visible"),
        check("D1", "built", "kind: auto, state: draft"),
        check("S1", "staging", "kind: auto, state: counted"),
        check("L1", "live", "kind: auto, state: counted"),
        check(
            "L2",
            "live",
            "kind: manual, state: counted, archetypes: [worker]"
        ),
    );
    let read = Playbook::parse(&yaml).unwrap().rules();
    assert_eq!(read, rules(BASE), "a draft check is in no rules");
}

#[test]
fn nothing_seen_is_no_stage() {
    check(
        "",
        "d0 stage none; since d0; reached -; flags -; counts 0/6 proved 0 waived 0 n/a 0
         d9 moves d0 none; next F1; F1 unknown never_seen; scope in; valid -",
    );
}

#[test]
fn unknown_never_counts() {
    check_and_control(
        "d1 F1 unknown person",
        "d1 stage none; F1 unknown; counts 0/6 proved 0 waived 0 n/a 0; next F1",
        "unknown",
        "pass",
    );
    check_and_control(
        "d1 F1 pass person
         d1 B1 unknown
         d1 B2 pass person",
        "d2 stage found; next B1",
        "unknown",
        "n/a",
    );
}

#[test]
fn a_stage_is_reached_when_all_its_checks_pass() {
    check_and_control(
        "d1 F1 pass person
         d2 B1 pass
         d3 B2 pass person
         d4 L1 pass
         d5 S1 pass
         d6 L2 pass person",
        "d1- stage none
         d1 stage found; since d1; next B1
         d2 stage found; since d1; next B2
         d3 stage built; reached found d1, built d3
         d4 stage built; next S1
         d5 stage built; next L2
         d6 stage live; since d6; reached found d1, built d3, live d6; next -
         d9 counts 6/6 proved 6 waived 0 n/a 0; moves d0 none, d1 found, d3 built, d6 live",
        "d3 B2 pass",
        "d3 B2 fail",
    );
}

#[test]
fn a_later_stage_is_not_reached_with_an_earlier_one_open() {
    check_and_control(
        "d1 B1 pass
         d1 B2 pass person
         d1 S1 pass
         d1 L1 pass
         d1 L2 pass person
         d2 F1 fail person",
        "d3 stage none; reached -; counts 5/6 proved 5 waived 0 n/a 0; next F1",
        "F1 fail",
        "F1 pass",
    );
    // One fact more, and all of them are reached at one moment.
    check(
        "d1 B1 pass
         d1 B2 pass person
         d3 F1 pass person",
        "d3 stage built; reached built d3, found d3; moves d0 none, d3 built",
    );
}

const BUILT: &str = "d1 F1 pass person
     d2 B1 pass
     d2 B2 pass person
";

fn after_built(rest: &str) -> String {
    format!("{BUILT}{rest}")
}

#[test]
fn pass_to_fail_regresses_and_a_repair_ends_it() {
    check_and_control(
        &after_built("d5 B1 fail\nd8 B1 pass"),
        "d5- stage built; flags -
         d5 stage found; since d5; flags regressed; B1 fail regressed d5 from 2; next B1
         d7 stage found; flags regressed; reached found d1, built d2
         d8 stage built; since d8; flags -; B1 pass; reached found d1, built d2
         d9 moves d0 none, d1 found, d2 built, d5 found, d8 built",
        "d5 B1 fail",
        "d5 B1 unknown",
    );
    // The lowest failing stage decides; the lost stage is the one held.
    check(
        &after_built("d5 F1 fail person"),
        "d5 stage none; flags regressed; F1 fail regressed d5 from 2; counts 2/6 proved 2 waived 0 n/a 0",
    );
    // Going quiet is no repair.
    check(
        &after_built("d5 B1 fail\nd6 B1 unknown"),
        "d7 stage found; flags regressed; B1 unknown regressed d5 from 2",
    );
}

#[test]
fn a_fail_that_never_passed_is_no_regression() {
    check_and_control(
        &after_built("d3 S1 fail"),
        "d4 stage built; flags -; S1 fail",
        "d3 S1 fail",
        "d3 B1 fail",
    );
    // Passed once, on a stage that was never reached.
    check(
        &after_built("d3 L1 pass\nd4 L1 fail"),
        "d4 stage built; flags -; L1 fail",
    );
    // Held by a waiver, then failing without it: the waiver ended, nothing regressed.
    check(
        "d1 waive F1 until d5\nd2 F1 fail person",
        "d4 stage found; F1 waived
         d5 stage none; flags -; F1 fail waiver_ended",
    );
    // A check that is only visible decides nothing.
    check(
        &after_built("d3 V1 pass\nd4 V1 fail"),
        "d4 stage built; flags -; V1 fail",
    );
}

const STRICTER: &str = "found: F1 manual | built: B1 auto v2, B2 manual | live: L1 auto";

fn adopted(rest: &str) -> String {
    format!(
        "d0 playbook found: F1 manual | built: B1 auto, B2 manual, V1 auto visible | live: L1 auto
         {BUILT}{rest}"
    )
}

#[test]
fn a_stricter_check_is_proved_again_and_takes_nothing() {
    check_and_control(
        &adopted(&format!("d5 playbook {STRICTER}\nd9 B1 fail v2\nd12 B1 pass v2\nd15 B1 fail v2")),
        "d5- flags -
         d5 stage built; since d2; reached found d1, built d2; flags re-proving; B1 unknown older_version; next B1
         d9 stage built; since d2; flags re-proving; B1 fail
         d11 stage built; flags re-proving
         d12 stage built; since d2; flags -; B1 pass
         d15 stage found; flags regressed; B1 fail regressed d15 from 2
         d16 moves d0 none, d1 found, d2 built, d15 found; reached found d1, built d2",
        "d9 B1 fail v2",
        "d9 F1 fail person",
    );
    // It holds for longer than the grace: re-proving has no end.
    check(
        &adopted(&format!("d5 playbook {STRICTER}")),
        "d99 stage built; flags re-proving",
    );
}

#[test]
fn a_new_check_is_proved_and_takes_nothing() {
    let with_new = "found: F1 manual, F2 manual | built: B1 auto, B2 manual | live: L1 auto";
    check_and_control(
        &adopted(&format!(
            "d5 playbook {with_new}\nd6 F2 fail person\nd7 F2 pass person\nd8 F2 fail person"
        )),
        "d5 stage built; flags re-proving; F2 unknown never_seen; next F2
         d6 stage built; flags re-proving; F2 fail
         d7 stage built; flags -
         d8 stage none; flags regressed",
        "d7 F2 pass",
        "d7 F2 unknown",
    );
    // Visible and failing for long, then counted: new in the sense that it decides.
    let counting = "found: F1 manual | built: B1 auto, B2 manual, V1 auto | live: L1 auto";
    for last in ["fail", "unknown"] {
        check(
            &adopted(&format!(
                "d3 V1 pass\nd4 V1 {last}\nd30 playbook {counting}"
            )),
            "d30- stage built; flags -
             d30 stage built; flags re-proving; next V1
             d90 stage built; flags re-proving",
        );
    }
    // Moved from a stage that was lost for it to one that is held.
    let moved = "found: F1 manual, B1 auto | built: B2 manual | live: L1 auto";
    check(
        &adopted(&format!("d5 B1 fail\nd6 playbook {moved}")),
        "d5 stage found; flags regressed
         d6 stage found; flags re-proving",
    );
    // Taken out, failing meanwhile, and back.
    let without = "found: F1 manual | built: B2 manual | live: L1 auto";
    let back = "found: F1 manual | built: B1 auto, B2 manual | live: L1 auto";
    check(
        &adopted(&format!(
            "d5 playbook {without}\nd6 B1 fail\nd7 playbook {back}"
        )),
        "d6 stage built; flags -
         d7 stage built; flags re-proving; B1 fail",
    );
    // For one kind of service first, then for all.
    let some = "found: F1 manual, F2 manual for worker | built: B1 auto, B2 manual | live: L1 auto";
    let all = "found: F1 manual, F2 manual | built: B1 auto, B2 manual | live: L1 auto";
    check(
        &format!("is web\nd0 playbook {some}\n{BUILT}d5 playbook {all}"),
        "d4 stage built; F2 not_applicable archetype
         d5 stage built; flags re-proving",
    );
}

#[test]
fn a_check_to_prove_again_supports_no_new_stage() {
    check_and_control(
        &adopted(&format!(
            "d5 playbook {STRICTER}\nd6 L1 pass\nd8 B1 pass v2"
        )),
        "d6 stage built; flags re-proving; reached found d1, built d2
         d8 stage live; reached found d1, built d2, live d8",
        "B1 pass v2",
        "B1 pass v1",
    );
}

#[test]
fn findings_of_an_older_version_do_not_satisfy() {
    let script = format!("d0 playbook {STRICTER}\n{BUILT}");
    check_and_control(
        &script,
        "d3 stage found; B1 unknown older_version",
        "B1 pass",
        "B1 pass v2",
    );
    // A newer one than the playbook knows does: the stricter check was passed.
    check(&after_built("d3 S1 pass v7"), "d3 S1 pass");
}

#[test]
fn a_stale_pass_keeps_the_stage_for_exactly_fourteen_days() {
    check_and_control(
        "d1 F1 pass person
         d2 B1 pass until d10
         d2 B2 pass person",
        "d9 stage built; flags -; valid d10
         d10- flags -
         d10 stage built; since d2; flags unproven since d10; B1 unknown stale; valid d24; next B1
         d24- stage built; flags unproven since d10
         d24 stage found; since d24; flags -; valid -
         d30 moves d0 none, d1 found, d2 built, d24 found; reached found d1, built d2",
        "until d10",
        "until d11",
    );
    // Unknown does the same; proof ends it; a fail meanwhile is a regression.
    check(
        &after_built("d5 B1 unknown\nd18 B1 pass\nd20 B1 unknown\nd33 B1 fail"),
        "d5 flags unproven since d5
         d18- stage built; flags unproven since d5
         d18 stage built; flags -
         d20 flags unproven since d20
         d33 stage found; flags regressed; B1 fail regressed d33 from 2",
    );
    // The oldest counts; a second unknown does not start the grace anew.
    check(
        &after_built("d5 B1 unknown\nd7 B2 unknown person\nd9 B1 unknown"),
        "d9 flags unproven since d5
         d19 stage found; flags -",
    );
    // After the grace a fail is no regression any more: the pass was long gone.
    check(
        &after_built("d5 B1 unknown\nd20 B1 fail"),
        "d20 stage found; flags -",
    );
}

#[test]
fn a_stale_pass_supports_no_new_stage() {
    check_and_control(
        "d1 F1 pass person until d5
         d6 B1 pass
         d6 B2 pass person",
        "d6 stage found; flags unproven since d5; counts 2/6 proved 2 waived 0 n/a 0
         d19 stage none",
        "until d5",
        "until d7",
    );
}

#[test]
fn a_waiver_satisfies_until_it_expires_or_is_revoked() {
    check_and_control(
        &after_built("d3 S1 pass\nd3 L2 pass person\nd4 waive L1 until d9"),
        "d4 stage live; L1 waived never_seen; valid d9; counts 5/5 proved 5 waived 1 n/a 0; next -
         d9- stage live
         d9 stage built; flags -; L1 unknown waiver_ended; valid -; reached found d1, built d2, live d4",
        "until d9",
        "until d8",
    );
    // Revoked: it held until then, so the day the stage was reached stays.
    check(
        &after_built(
            "d3 S1 pass\nd3 L2 pass person\nd4 waive L1 until d9 as w\nd6 retract w as r\nd7 retract r",
        ),
        "d5 stage live
         d6 stage built; flags -; L1 unknown waiver_ended; reached found d1, built d2, live d4
         d7 stage live; L1 waived never_seen; valid d9
         d9 stage built",
    );
    // A pass needs no waiver; of two waivers the longer holds.
    check(
        "d1 waive F1 until d9\nd2 F1 pass person\nd3 waive B1 until d20\nd4 waive B1 until d6\nd4 B2 pass person",
        "d2 F1 pass; counts 1/6 proved 1 waived 0 n/a 0
         d5 stage built
         d6 stage built; B1 waived never_seen
         d20 stage found",
    );
    // A waiver covers a fail of a reached stage and ends the regression.
    check(
        &after_built("d5 B1 fail\nd6 waive B1 until d8"),
        "d6 stage built; flags -; B1 waived
         d8 stage found; flags -; B1 fail waiver_ended",
    );
}

#[test]
fn waived_and_not_applicable_are_counted_apart() {
    check_and_control(
        "is web
         d1 F1 pass person
         d1 waive B1 until d9
         d1 S1 n/a",
        "d2 counts 1/3 proved 1 waived 1 n/a 2; L2 not_applicable archetype; S1 not_applicable",
        "is web",
        "is worker",
    );
}

#[test]
fn claims_count_and_a_verifier_replaces_them() {
    check_and_control(
        &after_built(
            "d3 S1 pass person\nd4 L1 pass person\nd4 L2 pass person\nd6 S1 pass\nd7 L1 fail\nd8 L1 pass person",
        ),
        "d4 stage live; S1 pass claimed; L1 pass claimed; counts 6/6 proved 4 waived 0 n/a 0
         d6 stage live; S1 pass; counts 6/6 proved 5 waived 0 n/a 0
         d7 stage built; L1 fail regressed d7 from 4; counts 5/6 proved 5 waived 0 n/a 0
         d8 stage built; L1 fail regressed d7 from 4",
        "d7 L1 fail",
        "d7 L1 fail person",
    );
    // What a person signs on a manual check is proof; a verifier has no say there.
    check(
        "d1 F1 pass person\nd2 F1 fail cluster\nd3 B2 pass cluster",
        "d3 F1 pass; counts 1/6 proved 1 waived 0 n/a 0; B2 unknown never_seen",
    );
    // The verifier's word replaces the claim even where it is older or says unknown.
    check("d1 B1 unknown\nd2 B1 pass person", "d3 B1 unknown");
}

#[test]
fn a_retraction_restores_what_was_before() {
    check_and_control(
        "d1 F1 pass person\nd3 F1 fail person as slip\nd4 retract slip",
        "d3 stage none; flags regressed
         d4 stage found; flags -; F1 pass; reached found d1
         d5 moves d0 none, d1 found, d3 none, d4 found",
        "retract slip",
        "block",
    );
    // An undone undo: the fail speaks again.
    check(
        "d1 F1 pass person\nd3 F1 fail person as slip\nd4 retract slip as undo\nd5 retract undo",
        "d4 stage found
         d5 stage none; flags regressed; F1 fail regressed d3 from 1",
    );
    // The redo comes from a device whose wall clock is slow.
    check(
        "d1 F1 pass person as p\nd4 retract p as undo\nd3 retract undo",
        "d4 stage found; reached found d1; moves d0 none, d1 found",
    );
    // Back to being unproven, with the days already spent.
    check(
        "d1 F1 pass person until d5\nd6 F1 fail person as slip\nd7 retract slip",
        "d6 stage none; flags regressed
         d7 stage found; flags unproven since d5
         d19 stage none; flags -",
    );
    // Back to being proved again: the stage was reached before the check existed.
    let with_new = "found: F1 manual, F2 manual | built: B1 auto, B2 manual | live: L1 auto";
    check(
        &adopted(&format!(
            "d5 playbook {with_new}\nd6 F2 pass person as slip\nd7 retract slip"
        )),
        "d6 stage built; flags -
         d7 stage built; flags re-proving; F2 unknown retracted; reached found d1, built d2",
    );
}

#[test]
fn a_stage_entered_in_error_was_never_reached_and_did_not_regress() {
    check_and_control(
        "d1 F1 pass person as slip\nd3 retract slip\nd9 F1 pass person",
        "d2 stage found; reached found d1
         d3 stage none; flags -; reached -; F1 unknown retracted
         d9 stage found; reached found d9
         d9 moves d0 none, d1 found, d3 none, d9 found",
        "d3 retract slip",
        "d3 F1 unknown person",
    );
    // The same with a fail before: what is restored is a fail, and nothing regressed.
    check(
        "d1 F1 fail person\nd2 F1 pass person as slip\nd3 retract slip",
        "d2 stage found
         d3 stage none; flags -; F1 fail; reached -",
    );
    // With a good pass before, the stage was reached and stays.
    check(
        "d1 F1 pass person\nd2 F1 pass person as slip\nd3 retract slip",
        "d3 stage found; reached found d1; moves d0 none, d1 found",
    );
    // A regression whose pass was entered in error was none.
    check(
        "d1 B1 pass person as slip\nd1 F1 pass person\nd1 B2 pass person\nd2 B1 fail\nd3 retract slip",
        "d2 stage found; flags regressed; reached built d1, found d1
         d3 stage found; flags -; reached found d1",
    );
}

#[test]
fn blockers_open_close_and_are_taken_back() {
    check_and_control(
        "d1 block as a
         d2 block as b
         d3 unblock a as closed
         d4 retract closed
         d5 retract a
         d6 unblock b",
        "d1- flags -
         d1 flags blocked since d1; blockers 1
         d2 blockers 2; flags blocked since d1
         d3 blockers 1; flags blocked since d2
         d4 blockers 2; flags blocked since d1
         d5 blockers 1; flags blocked since d2
         d6 blockers 0; flags -",
        "d4 retract closed",
        "d4 scope in",
    );
}

#[test]
fn scope_is_a_move_of_its_own_day() {
    check_and_control(
        "d1 F1 pass person
         d3 scope retire as gone
         d5 B1 pass
         d5 B2 pass person
         d7 retract gone
         d8 scope retain
         d9 scope in",
        "d2 scope in
         d3 scope retire; stage found; since d1
         d7 scope in
         d8 scope retain
         d9 scope in; since d5
         d9 moves d0 none, d1 found, d3 found out, d5 built out, d7 built, d8 built out, d9 built",
        "d8 scope retain",
        "d8 scope in",
    );
}

#[test]
fn a_late_entry_counts_from_when_it_occurred() {
    // Recorded last, occurred first.
    check_and_control(
        "d5 B1 pass
         d5 B2 pass person
         d1 F1 pass person",
        "d2 stage found; reached found d1
         d5 stage built; reached found d1, built d5; moves d0 none, d1 found, d5 built",
        "d1 F1",
        "d6 F1",
    );
    // A late fail that a later pass has already repaired shows in the past only.
    check(
        "d1 F1 pass person\nd6 F1 pass person\nd4 F1 fail person",
        "d5 stage none; flags regressed
         d9 stage found; flags -; moves d0 none, d1 found, d4 none, d6 found",
    );
    // Before the service was entered here: its arrival moves back.
    check(
        "d-2 F1 pass person",
        "d0 stage found; reached found d-2; moves d-2 found",
    );
}

#[test]
fn what_lies_in_the_future_waits() {
    check_and_control(
        "d1 F1 pass person\nd5 F1 fail person\nd7 scope retire\nd9 environment staging comes",
        "d2 stage found; flags -; valid d5; scope in; moves d0 none, d1 found
         d5 stage none; valid d7
         d7 scope retire; valid d9
         d9 valid -",
        "d5 F1 fail",
        "d4 F1 fail",
    );
}

#[test]
fn a_stage_without_its_environment_is_passed_over() {
    check_and_control(
        "d0 F1 pass person\nd1 B1 pass\nd1 B2 pass person\nd2 L1 pass\nd2 L2 pass person\nd3 S1 pass",
        "d1 stage built
         d2 stage built; next S1
         d3 stage live; moves d0 found, d1 built, d3 live; reached found d0, built d1, live d3",
        "d0 F1",
        "d0 environment Staging comes\nd0 F1",
    );
    // With the environment, staging is a stage to rest on. When it goes, nobody rests there.
    let on = "d0 environment staging comes
              d0 F1 pass person
              d1 B1 pass
              d1 B2 pass person
              d2 S1 pass
              ";
    check_and_control(
        &format!("{on}d5 environment staging goes\nd7 environment staging comes"),
        "d2 stage staging; reached found d0, built d1, staging d2; next L1
         d5 stage built; flags -; next L1; S1 pass
         d7 stage staging; moves d0 found, d1 built, d2 staging, d5 built, d7 staging",
        "d2 S1 pass",
        "d2 S1 unknown",
    );
    // It comes while a service is live: its check is known and passes, so nothing moves.
    check(
        "d0 F1 pass person\nd0 B1 pass\nd0 B2 pass person\nd0 S1 pass\nd0 L1 pass\nd0 L2 pass person
         d4 environment staging comes\nd5 S1 fail",
        "d4 stage live; flags -; moves d0 live
         d5 stage built; flags regressed; S1 fail regressed d5 from 4",
    );
}

#[test]
fn a_playbook_may_insert_a_stage() {
    let inserted =
        "found: F1 manual | sorted: N1 manual | built: B1 auto, B2 manual | live: L1 auto";
    check_and_control(
        &adopted(&format!(
            "d5 playbook {inserted}\nd6 L1 pass\nd8 N1 pass person\nd9 N1 fail person"
        )),
        "d5- stage built
         d5 stage built; since d2; flags re-proving; next N1; reached found d1, built d2
         d6 stage built; flags re-proving
         d8 stage live; flags -
         d9 stage found; flags regressed; N1 fail regressed d9 from 4",
        "d8 N1 pass",
        "d8 N1 unknown",
    );
    // Who had not reached the stage behind it must climb it.
    check(
        &format!(
            "d0 playbook found: F1 manual | built: B1 auto\nd1 F1 pass person\nd5 playbook {inserted}\nd6 B1 pass\nd6 B2 pass person\nd7 N1 pass person"
        ),
        "d5 stage found; flags -
         d6 stage found; next N1
         d7 stage built; reached found d1, built d7, sorted d7",
    );
    // The stage that a regression took keeps its name when numbers shift.
    check(
        &adopted(&format!("d3 B1 fail\nd5 playbook {inserted}")),
        "d3 B1 fail regressed d3 from 2
         d5 stage found; flags regressed; B1 fail regressed d3 from 3",
    );
}

#[test]
fn a_playbook_may_take_a_stage_out() {
    // Held by id; the stage below is what remains of one that is gone.
    let without = "found: F1 manual v2 | live: L1 auto";
    check_and_control(
        &adopted(&format!(
            "d5 playbook {without}\nd6 L1 pass\nd7 F1 pass person v2"
        )),
        "d5 stage found; flags re-proving
         d6 stage found; flags re-proving
         d7 stage live; flags -",
        "F1 pass person v2",
        "F1 pass person v1",
    );
}

#[test]
fn without_a_playbook_nothing_is_judged() {
    let subject = Subject {
        created_at: START,
        archetype: None,
        facts: &[],
    };
    let journey = walk(&subject, &[], START + DAY);
    assert_eq!(
        (say(&journey, "stage"), say(&journey, "moves")),
        ("none".into(), "d0 none".into())
    );
}

// ----------------------------------------------------------------------------- the properties

/// What a random story consists of.
#[derive(Clone, Copy, Debug)]
enum Step {
    Find {
        check: usize,
        result: usize,
        person: bool,
        old: bool,
        fresh_days: Option<i64>,
    },
    Waive {
        check: usize,
        days: i64,
    },
    Retract {
        earlier: usize,
    },
    Scope {
        choice: usize,
    },
    Adopt {
        playbook: usize,
    },
    Environment {
        comes: bool,
    },
}

const CHECKS: [&str; 8] = ["F1", "F2", "B1", "B2", "V1", "S1", "L1", "L2"];
const RESULTS: [Seen; 6] = [
    Seen::Pass,
    Seen::Pass,
    Seen::Pass,
    Seen::Fail,
    Seen::Unknown,
    Seen::NotApplicable,
];
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
    let find = (
        0..CHECKS.len(),
        0..RESULTS.len(),
        any::<bool>(),
        any::<bool>(),
        fresh(),
    );
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
            Step::Find {
                check,
                result,
                person,
                old,
                fresh_days,
            } => Happening::Finding {
                service: SERVICE,
                check: CHECKS[check].to_owned(),
                check_version: if old { 1 } else { 2 },
                result: RESULTS[result],
                source: if person {
                    Source::Person
                } else {
                    Source::Cluster
                },
                observed: String::new(),
                link: None,
                stale_after: fresh_days.map(|days| at + days * DAY),
            },
            Step::Waive { check, days } => Happening::Waiver {
                service: SERVICE,
                check: CHECKS[check].to_owned(),
                reason: "later".into(),
                expires_at: at + days * DAY,
            },
            Step::Retract { earlier } => {
                let Some(index) = story.facts.len().checked_sub(1) else {
                    continue;
                };
                let of = story.facts[index.saturating_sub(earlier % 8)].id;
                Happening::Retraction {
                    of,
                    service: Some(SERVICE),
                    note: String::new(),
                }
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

/// How many random stories each property is tried on.
const TRIES: u32 = 2_000;

fn holds(property: Property) {
    let config = ProptestConfig {
        cases: TRIES,
        failure_persistence: None,
        ..<_>::default()
    };
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
    assert!(
        caught,
        "500 stories and none that shows it: the property says nothing"
    );
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
                format!(
                    "{check} {result:?} by {source:?}: {} → {after}",
                    before.number
                )
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
            facts.sort_by_key(|recorded| recorded.id.as_u128() * 7 % 31)
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
        ensure(usize::try_from(sum) == Ok(counted), || {
            format!("{counts:?} of {counted}")
        })?;
        let last = moves.last().expect("the arrival");
        ensure(last.stage == journey.stage, || format!("{last:?}"))?;
        ensure(last.in_scope == (journey.scope == Scope::In), || {
            format!("{last:?}")
        })?;
        let forward = moves.windows(2).all(|pair| {
            pair[0].at < pair[1].at
                && (&pair[0].stage, pair[0].in_scope) != (&pair[1].stage, pair[1].in_scope)
        });
        ensure(forward, || format!("{moves:?}"))?;
        let since = moves
            .iter()
            .rev()
            .take_while(|step| step.stage == journey.stage)
            .last();
        ensure(
            since.map(|step| step.at) == Some(journey.stage_since),
            || format!("{moves:?}"),
        )
    });
}

/// Every counted check up to the stage is satisfied or held, and what is held is said.
fn supported(steps: &[(i64, Step)], held: fn(&Standing) -> bool) -> Result<(), String> {
    let journey = as_recorded(steps).walk(END);
    let below = |above: usize| {
        journey
            .checks
            .iter()
            .filter(move |check| check.counted && check.stage <= above)
    };
    for check in below(journey.number) {
        ensure(check.result.satisfies() || held(&check.standing), || {
            format!("{check:?}")
        })?;
        let said = match check.standing {
            Standing::Reproving { .. } => journey.reproving,
            Standing::Unproven { .. } => journey.unproven_since.is_some(),
            _ => true,
        };
        ensure(said, || format!("{check:?} is not said"))?;
    }
    // And it is no lower than what the results alone support.
    let stages = journey.checks.iter().map(|check| check.stage);
    let full = stages
        .filter(|stage| below(*stage).all(|check| check.result.satisfies()))
        .max();
    ensure(full.unwrap_or(0) <= journey.number, || {
        format!("{full:?}, {journey:?}")
    })
}

fn held(standing: &Standing) -> bool {
    matches!(
        standing,
        Standing::Unproven { .. } | Standing::Reproving { .. }
    )
}

#[test]
fn the_stage_is_supported_by_its_checks() {
    holds(|steps| supported(steps, held));
    breaks(|steps| {
        supported(steps, |standing| {
            matches!(standing, Standing::Unproven { .. })
        })
    });
    breaks(|steps| {
        supported(steps, |standing| {
            matches!(standing, Standing::Reproving { .. })
        })
    });
}

/// Adopting a playbook at the end leaves every service where it is, or higher.
fn adopting(steps: &[(i64, Step)], failing: bool) -> Result<(), String> {
    for playbook in PLAYBOOKS {
        let mut story = in_order(steps.to_vec());
        let before = story.walk(END);
        story.adoptions.push((END, rules(playbook)));
        if failing {
            story
                .facts
                .extend(Story::read("d45 F1 fail person\nd45 F1 fail").facts);
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
        ensure(after.number >= floor, || {
            format!("{playbook}: {floor} → {}", after.number)
        })?;
        let regressed = after.regressed && !before.regressed;
        ensure(!regressed, || {
            format!("{playbook} regressed the service: {:?}", after.checks)
        })?;
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
        let shown = moves
            .iter()
            .rev()
            .find(|step| step.at <= at)
            .expect("the arrival");
        ensure(shown.stage == journey.stage, || {
            format!("quarter {quarter}: {shown:?}")
        })?;
        ensure(shown.in_scope == (journey.scope == Scope::In), || {
            format!("{quarter}: {shown:?}")
        })?;
    }
    Ok(())
}

#[test]
fn a_fold_up_to_a_moment_is_what_the_moves_say_of_it() {
    holds(|steps| past(&in_order(steps.to_vec())));
    // A late entry changes the past as we know it now.
    breaks(|steps| past(&as_recorded(steps)));
}

/// What is entered and taken back leaves no trace but in the moves.
fn taken_back(steps: &[(i64, Step)], retract: bool) -> Result<(), String> {
    let mut story = in_order(steps.to_vec());
    let before = story.walk(END);
    for (check, result) in [
        ("F1", Seen::Fail),
        ("B1", Seen::Pass),
        ("L2", Seen::Unknown),
    ] {
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
                Happening::Retraction {
                    of: slip,
                    service: Some(SERVICE),
                    note: String::new(),
                },
            );
        }
        let after = story.walk(END);
        ensure(before.stage == after.stage, || {
            format!("{check}: {before:?}\n{after:?}")
        })?;
        ensure(before.first_reached == after.first_reached, || {
            format!(
                "{check}: {:?} {:?}",
                before.first_reached, after.first_reached
            )
        })?;
        let flags = |journey: &Journey| {
            (
                journey.regressed,
                journey.reproving,
                journey.unproven_since,
                journey.counts,
            )
        };
        ensure(flags(&before) == flags(&after), || {
            format!("{check}: {before:?}\n{after:?}")
        })?;
    }
    Ok(())
}

#[test]
fn what_is_taken_back_leaves_no_trace_but_in_the_moves() {
    holds(|steps| taken_back(steps, true));
    breaks(|steps| taken_back(steps, false));
}
