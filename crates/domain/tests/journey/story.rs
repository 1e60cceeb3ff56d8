//! A story is a script; see [`Story::line`] for its words and [`say`] for what can be expected.

use pilotage_domain::fact::{Fact, Happening, Recorded, Scope, Seen, Source};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::journey::{Course, Journey, Standing, Subject, Summary, walk, walk_on};
use pilotage_domain::operation::Version;
use pilotage_domain::playbook::{CheckKind, Ladder, Rule, Rules, StageRule, WaiverPolicy, ladders};
use pilotage_domain::{DAY, Millis};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Day 0 of every story; far from 0, so that a forgotten offset shows.
pub const START: Millis = 1_772_442_000_000;
pub const SERVICE: Uuid = Uuid::from_u128(77);

/// The playbook of most stories. `staging` applies where there is an environment of that name.
pub const BASE: &str = "found: F1 manual | built: B1 auto, B2 manual, V1 auto visible | \
                    staging(staging>live): S1 auto | live: L1 auto, L2 manual for worker";

pub struct Story {
    pub facts: Vec<Recorded>,
    pub adoptions: Vec<(Millis, Rules)>,
    pub presences: Vec<(Millis, String, bool)>,
    pub archetype: Option<String>,
    pub labels: BTreeMap<String, Uuid>,
}

/// `d3`, `d3.25`, and `d3-` for the last millisecond before.
fn moment(word: &str) -> Millis {
    let word = word.strip_prefix('d').unwrap_or_else(|| panic!("{word:?} is no moment"));
    let (word, before) = word.strip_suffix('-').map_or((word, 0), |word| (word, 1));
    let (days, hundredths) = word.split_once('.').unwrap_or((word, "0"));
    let number = |text: &str| text.parse::<Millis>().expect("a number");
    let part = if hundredths.len() == 1 { 10 } else { 1 };
    START + number(days) * DAY + number(hundredths) * part * DAY / 100 - before
}

fn in_days(at: Millis) -> String {
    let (days, rest) = ((at - START).div_euclid(DAY), (at - START).rem_euclid(DAY));
    if rest == 0 { format!("d{days}") } else { format!("d{days}.{:02}", rest * 100 / DAY) }
}

/// `stage: CHECK KIND [vN] [visible] [for ARCHETYPE], … | stage(ENVIRONMENT>OTHERWISE): …`
pub fn rules(text: &str) -> Rules {
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
            let version = words.iter().find_map(|word| word.strip_prefix('v')?.parse().ok());
            let archetype = words.iter().position(|word| *word == "for").map(|at| words[at + 1]);
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
                counted_from: None,
                archetypes: archetype.into_iter().map(str::to_owned).collect(),
                stale_after_days: None,
            });
        }
    }
    Rules { playbook: "test".into(), version: 1, waivers: WaiverPolicy::Anyone, stages, checks }
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
    pub fn read(script: &str) -> Self {
        let mut story = Self {
            facts: Vec::new(),
            adoptions: Vec::new(),
            presences: Vec::new(),
            archetype: None,
            labels: BTreeMap::new(),
        };
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
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
            words.iter().position(|word| *word == key).map(|position| words[position + 1])
        };
        let named = |name: &str| *self.labels.get(name).expect("a name given by `as`");
        let what = match words[1] {
            "playbook" => {
                let text = line.split_once("playbook").expect("rules").1;
                self.adoptions.push((at, rules(text)));
                return;
            }
            "environment" => {
                self.presences.push((at, words[2].to_owned(), words[3] == "comes"));
                return;
            }
            "waive" => Happening::Waiver {
                service: SERVICE,
                check: words[2].to_owned(),
                reason: "later".into(),
                expires_at: moment(after("until").expect("until")),
                request: None,
            },
            "ask" => Happening::WaiverRequested {
                service: SERVICE,
                check: words[2].to_owned(),
                reason: "later".into(),
                expires_at: moment(after("until").expect("until")),
            },
            "grant" => Happening::Waiver {
                service: SERVICE,
                check: words[2].to_owned(),
                reason: "later".into(),
                expires_at: moment(after("until").expect("until")),
                request: Some(named(words[3])),
            },
            "decline" => Happening::WaiverDeclined {
                of: named(words[2]),
                service: SERVICE,
                note: String::new(),
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
                    "archived" => Scope::Archived,
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
                source: if words.contains(&"person") { Source::Person } else { Source::Cluster },
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

    pub fn record(&mut self, occurred_at: Millis, what: Happening) -> Uuid {
        let seq = u64::try_from(self.facts.len()).expect("few facts") + 1;
        let id = Uuid::from_u128(1_000 + u128::from(seq));
        self.facts.push(Recorded {
            id,
            version: Version { hlc: seq, device: DeviceId([1; 16]), seq },
            actor: Uuid::from_u128(1),
            fact: Fact { occurred_at, what },
        });
        id
    }

    pub fn ladders(&self) -> Vec<(Millis, Ladder)> {
        ladders(&self.adoptions, &self.presences)
    }

    pub fn walk(&self, now: Millis) -> Journey {
        let subject =
            Subject { created_at: START, archetype: self.archetype.as_deref(), facts: &self.facts };
        walk(&subject, &self.ladders(), now)
    }

    /// The journey at `now`, and the course over all time.
    pub fn walk_on(&self, now: Millis) -> (Journey, Course) {
        let subject =
            Subject { created_at: START, archetype: self.archetype.as_deref(), facts: &self.facts };
        walk_on(&subject, &self.ladders(), now)
    }
}

// -------------------------------------------------------------------------- the expectation

/// What a journey says of one thing, in words.
pub fn say(journey: &Journey, key: &str) -> String {
    let or_dash = |text: String| {
        if text.is_empty() { "-".to_owned() } else { text }
    };
    let stage = |stage: &Option<String>| stage.clone().unwrap_or_else(|| "none".into());
    match key {
        "stage" => stage(&journey.stage),
        "since" => in_days(journey.stage_since),
        "reached" => {
            let mut reached: Vec<_> = journey.first_reached.iter().collect();
            reached.sort_by_key(|(_, at)| **at);
            let words = reached.into_iter().map(|(stage, at)| format!("{stage} {}", in_days(*at)));
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
        "requests" => journey.open_requests.len().to_string(),
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
    for line in expect.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (at, wanted) = line.split_once(' ').expect("a moment, then what is expected");
        let journey = story.walk(moment(at));
        for wanted in wanted.split(';').map(str::trim) {
            let (key, value) = wanted.split_once(' ').expect("a key and a value");
            let said = say(&journey, key);
            if said != value {
                return Err(format!("{script}\nat {at}: {key} is {said:?}, expected {value:?}"));
            }
        }
    }
    Ok(())
}

pub fn check(script: &str, expect: &str) {
    if let Err(difference) = verdict(script, expect) {
        panic!("{difference}");
    }
}

/// The expectation holds, and changing one input breaks it.
pub fn check_and_control(script: &str, expect: &str, from: &str, to: &str) {
    check(script, expect);
    let changed = script.replacen(from, to, 1);
    assert_ne!(changed, script, "{from:?} must occur");
    let verdict = verdict(&changed, expect);
    assert!(verdict.is_err(), "{from:?} → {to:?} must make a difference to\n{script}\n{expect}");
}
