//! The playbook: stages, and the checks by which a service leaves them. A team edits it as YAML
//! (docs/playbook.md). Adopting a version writes its [`Rules`], all that the stage computation
//! needs, as a fact, and its text beside it.

mod reading;

use crate::DAY;
use crate::Millis;
use crate::flow;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The playbook that ships with the product.
pub const DEFAULT: &str = include_str!("../playbook/default.yaml");

/// How a check is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// By a verifier; until one speaks, a person may claim it.
    Auto,
    /// By a person.
    Manual,
    /// By a person who does not work on the service.
    Approval,
}

impl CheckKind {
    /// The word, as written in the playbook and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Manual => "manual",
            Self::Approval => "approval",
        }
    }
}

/// How much a check matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Being written; shown nowhere but in the playbook.
    Draft,
    /// Shown and judged, decides nothing.
    Visible,
    /// Decides the stage.
    Counted,
}

impl CheckState {
    /// The word, as written in the playbook and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Visible => "visible",
            Self::Counted => "counted",
        }
    }
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// What being here means.
    pub meaning: String,
    /// The stage applies where the programme has an environment of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Where it does not apply, its checks are judged with this later stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

/// A skill that checks need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The team cannot do without it: coverage and truck factor are told over these.
    #[serde(default, skip_serializing_if = "is_no")]
    pub mandatory: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_no(flag: &bool) -> bool {
    !flag
}

/// How to pass a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct How {
    /// Steps.
    pub steps: Vec<String>,
    /// A script to copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Id, stable for ever.
    pub id: String,
    /// Raised when the check becomes stricter: earlier findings no longer satisfy it.
    pub version: u32,
    /// Stage it is judged with.
    pub stage: String,
    /// Title.
    pub title: String,
    /// How it is judged.
    pub kind: CheckKind,
    /// How much it matters.
    pub state: CheckState,
    /// First day on which a counted check decides the stage; until then it is visible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_from: Option<NaiveDate>,
    /// 5 blocker, 3 major, 1 minor, 0 information.
    pub weight: u32,
    /// What must be true.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// How to get there.
    pub how: How,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix_link: Option<String>,
    /// Skills it needs.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Kinds of service it is for; none means all.
    #[serde(default)]
    pub archetypes: Vec<String>,
    /// Days until an attestation must be renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_after_days: Option<u32>,
    /// How a verifier judges it. Without it, the rule that bears the check's id, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<Verify>,
}

/// A verifier's rule as a check uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// Id or name of the rule; see [`RULES`].
    pub rule: String,
    /// Environment on whose target it is judged; without it, the rule's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Its thresholds; what is not named has a default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Parameter>,
}

/// A threshold of a verifier's rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameter {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Words.
    List(Vec<String>),
}

impl Parameter {
    /// The word for what it is.
    fn word(&self) -> &'static str {
        match self {
            Self::Flag(_) => "yes or no",
            Self::Number(_) => "a whole number, at least 0",
            Self::List(_) => "a list of words",
        }
    }
}

/// Id, name and parameters of a rule.
pub type RuleWords = (&'static str, &'static str, &'static [(&'static str, Parameter)]);

/// The rules of verifiers: id, name, and the parameters each has beside `hold_minutes` and
/// `stale_after_hours`, with what they are. The verifiers themselves live above this crate.
pub const RULES: &[RuleWords] = {
    const NUMBER: Parameter = Parameter::Number(0);
    const FLAG: Parameter = Parameter::Flag(false);
    const LIST: Parameter = Parameter::List(Vec::new());
    &[
        ("CD-01", "workload-exists", &[]),
        ("CD-02", "workload-available", &[]),
        ("CD-03", "rollout-complete", &[]),
        ("CD-04", "rollout-not-stuck", &[]),
        ("CD-05", "not-paused", &[]),
        ("CD-06", "not-scaled-to-zero", &[]),
        ("CD-07", "pods-not-crashing", &[]),
        ("CD-08", "pods-schedulable", &[("minutes", NUMBER)]),
        ("CD-09", "restarts-bounded", &[("restarts", NUMBER), ("hours", NUMBER)]),
        ("CD-10", "controller-owned", &[]),
        ("CD-11", "image-pinned", &[("floating", LIST)]),
        ("CD-12", "image-consistent", &[]),
        ("CD-13", "image-registry-allowed", &[("registries", LIST)]),
        ("CD-14", "readiness-probe", &[]),
        ("CD-15", "liveness-sane", &[]),
        ("CD-16", "requests-set", &[]),
        ("CD-17", "memory-limit", &[]),
        ("CD-18", "two-replicas", &[("replicas", NUMBER), ("singletons", LIST)]),
        ("CD-19", "hpa-working", &[]),
        ("CD-20", "hpa-not-fought", &[]),
        ("CD-21", "pdb-present", &[]),
        ("CD-22", "pdb-not-blocking", &[]),
        ("CD-23", "rolling-update", &[]),
        ("CD-24", "spread", &[]),
        ("CD-25", "service-endpoints", &[("replicas", NUMBER), ("singletons", LIST)]),
        ("CD-26", "route-resolves", &[]),
        ("CD-27", "namespace-not-default", &[]),
        ("CD-28", "service-account", &[]),
        ("CD-29", "references-exist", &[]),
        ("CD-30", "labels", &[("labels", LIST)]),
        ("CD-31", "deployed-by-pipeline", &[]),
        ("CD-32", "no-manual-drift", &[("days", NUMBER), ("restarts_count", FLAG)]),
        (
            "CD-33",
            "gitops-synced",
            &[("hours", NUMBER), ("period_minutes", NUMBER), ("automated", FLAG)],
        ),
        ("CD-34", "deploy-traceable", &[]),
        ("CD-35", "deployed-repeatedly", &[("rollouts", NUMBER), ("days", NUMBER)]),
        ("CD-36", "rollback-possible", &[]),
        ("CD-37", "cron-last-ok", &[]),
        ("CD-38", "hardening", &[]),
    ]
};

/// Parameters that every rule has.
const HOLDS: [&str; 2] = ["hold_minutes", "stale_after_hours"];

impl Verify {
    /// What is wrong with it, in words.
    fn fault(&self) -> Option<String> {
        let known = |(id, name, _): &&RuleWords| *id == self.rule || *name == self.rule;
        let Some((_, _, own)) = RULES.iter().find(known) else {
            return Some(format!("`{}` is no rule of a verifier", self.rule));
        };
        self.parameters.iter().find_map(|(name, value)| {
            let number = Parameter::Number(0);
            let wanted = if HOLDS.contains(&name.as_str()) {
                &number
            } else if let Some((_, wanted)) = own.iter().find(|(one, _)| one == name) {
                wanted
            } else {
                return Some(format!("`{name}` is no parameter of the rule `{}`", self.rule));
            };
            let kind = std::mem::discriminant(wanted) == std::mem::discriminant(value);
            let fits = kind && !matches!(value, Parameter::Number(number) if *number < 0);
            (!fits).then(|| format!("the parameter `{name}` is {}", wanted.word()))
        })
    }
}

/// Who may waive a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaiverPolicy {
    /// Anybody, with a reason.
    #[default]
    Anyone,
    /// One person asks, another one grants.
    SecondPerson,
}

impl WaiverPolicy {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A playbook, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// Its name.
    pub playbook: String,
    /// Its version.
    pub version: u32,
    /// Title.
    pub title: String,
    /// Who may waive a check.
    #[serde(default)]
    pub waivers: WaiverPolicy,
    /// Stages in climbing order.
    pub stages: Vec<Stage>,
    /// Skills.
    pub skills: Vec<Skill>,
    /// Checks.
    pub checks: Vec<Check>,
}

/// One thing that is wrong with a playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line of the text, from 1, where it is known.
    pub line: Option<u32>,
    /// Which part, and what is wrong with it.
    pub text: String,
}

/// Why a playbook is refused: every fault that was found, never none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", said(.0))]
pub struct PlaybookRefused(pub Vec<Fault>);

fn said(faults: &[Fault]) -> String {
    let sentence = |fault: &Fault| match fault.line {
        Some(line) => format!("line {line}: {}", fault.text),
        None => fault.text.clone(),
    };
    faults.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

/// Longest text of a playbook, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;

/// Line, from 1, at which the entry with this id begins in a playbook's text.
pub fn line_of(text: &str, id: &str) -> Option<u32> {
    lines_of(text, id).next()
}

fn lines_of<'a>(text: &'a str, id: &'a str) -> impl Iterator<Item = u32> + 'a {
    (1..).zip(text.lines()).filter_map(move |(number, line)| {
        let entry = line.trim_start().trim_start_matches(['-', '{', ' ']).strip_prefix("id:")?;
        let value = entry.split(['#', ',', '}']).next().unwrap_or_default();
        (value.trim().trim_matches(['"', '\'']) == id).then_some(number)
    })
}

/// Ids of checks stand in addresses, on command lines and in registers.
fn is_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=40).contains(&id.len()) && id.chars().all(plain)
}

impl Playbook {
    /// Reads and validates a playbook.
    pub fn parse(yaml: &str) -> Result<Self, PlaybookRefused> {
        let refuse = |line, text: String| Err(PlaybookRefused(vec![Fault { line, text }]));
        if yaml.len() > MAX_TEXT {
            return refuse(None, "the text is longer than 1 MB".to_owned());
        }
        let playbook: Self = match serde_saphyr::from_str(yaml) {
            Ok(playbook) => playbook,
            Err(error) => {
                let line = error.location().and_then(|place| u32::try_from(place.line()).ok());
                let text = reading::in_words(&error.to_string());
                return refuse(line.filter(|line| *line > 0), text);
            }
        };
        let faults = playbook.faults(yaml);
        if faults.is_empty() { Ok(playbook) } else { Err(PlaybookRefused(faults)) }
    }

    /// What contradicts itself. The text is only looked at for lines.
    fn faults(&self, yaml: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut refuse = |id: &str, nth: usize, fault: &str| {
            let line = lines_of(yaml, id).nth(nth);
            faults.push(Fault { line, text: format!("{id}: {fault}") });
        };
        let position = |id: &str| self.stages.iter().position(|stage| stage.id == id);
        if self.stages.is_empty() {
            refuse("stages", 0, "a playbook needs at least one stage");
        }
        for (index, stage) in self.stages.iter().enumerate() {
            if position(&stage.id) != Some(index) || stage.id == "none" {
                refuse(&stage.id, 1, "the stage id is used twice or reserved");
                continue;
            }
            let later = stage.otherwise.as_deref().map(position);
            if later.is_some_and(|later| later.is_none_or(|later| later <= index)) {
                refuse(&stage.id, 0, "`otherwise` must name a later stage");
            }
            if stage.environment.is_some() != stage.otherwise.is_some() {
                refuse(&stage.id, 0, "`environment` and `otherwise` go together");
            }
            let counts =
                |check: &Check| check.stage == stage.id && check.state == CheckState::Counted;
            if !self.checks.iter().any(counts) {
                refuse(&stage.id, 0, "the stage has no counted check");
            }
        }
        let mut skills = BTreeSet::new();
        for skill in &self.skills {
            if !skills.insert(skill.id.as_str()) {
                refuse(&skill.id, 1, "the skill id is used twice");
            }
            if !is_id(&skill.id) {
                refuse(
                    &skill.id,
                    0,
                    "a skill id has letters, digits, `-`, `_` and `.`, at most 40",
                );
            }
        }
        let mut ids = BTreeSet::new();
        for check in &self.checks {
            let id = check.id.as_str();
            if !ids.insert(id) {
                refuse(id, 1, "the check id is used twice");
            }
            if !is_id(id) {
                refuse(id, 0, "a check id has letters, digits, `-`, `_` and `.`, at most 40");
            }
            if position(&check.stage).is_none() {
                refuse(id, 0, "the check names an unknown stage");
            }
            if check.version == 0 {
                refuse(id, 0, "versions start at 1");
            }
            if ![0, 1, 3, 5].contains(&check.weight) {
                refuse(id, 0, "`weight` is 5, 3, 1 or 0");
            }
            if check.fix_link.as_deref().is_some_and(|link| !link.starts_with("https://")) {
                refuse(id, 0, "`fix_link` must start with https://");
            }
            if check.counted_from.is_some() && check.state != CheckState::Counted {
                refuse(id, 0, "`counted_from` is for counted checks");
            }
            if let Some(verify) = &check.verify {
                if check.kind != CheckKind::Auto {
                    refuse(id, 0, "`verify` is for checks of the kind auto");
                }
                if let Some(fault) = verify.fault() {
                    refuse(id, 0, &fault);
                }
            }
            if check.skills.iter().any(|skill| !skills.contains(skill.as_str())) {
                refuse(id, 0, "the check names an unknown skill");
            }
        }
        let size =
            serde_json::to_string(&self.rules(Tz::UTC)).map_or(usize::MAX, |text| text.len());
        if size > crate::operation::MAX_VALUE * 9 / 10 {
            refuse("checks", 0, "there are too many checks for one playbook (about 300 fit)");
        }
        faults
    }

    /// All that the stage computation needs. Days begin in the programme's zone.
    pub fn rules(&self, zone: Tz) -> Rules {
        Rules {
            playbook: self.playbook.clone(),
            version: self.version,
            waivers: self.waivers,
            stages: self
                .stages
                .iter()
                .map(|stage| StageRule {
                    id: stage.id.clone(),
                    environment: stage.environment.clone(),
                    otherwise: stage.otherwise.clone(),
                })
                .collect(),
            checks: self
                .checks
                .iter()
                .filter(|check| check.state != CheckState::Draft)
                .map(|check| Rule {
                    id: check.id.clone(),
                    version: check.version,
                    stage: check.stage.clone(),
                    kind: check.kind,
                    counted: check.state == CheckState::Counted,
                    counted_from: check.counted_from.map(|day| flow::start_of(day, zone)),
                    archetypes: check.archetypes.clone(),
                    stale_after_days: check.stale_after_days,
                })
                .collect(),
        }
    }
}

/// A playbook's skeleton, as adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Name of the playbook.
    pub playbook: String,
    /// Version of the playbook.
    pub version: u32,
    /// Who may waive a check.
    #[serde(default, skip_serializing_if = "WaiverPolicy::is_default")]
    pub waivers: WaiverPolicy,
    /// Stages in climbing order.
    pub stages: Vec<StageRule>,
    /// Visible and counted checks.
    pub checks: Vec<Rule>,
}

/// A stage's skeleton.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageRule {
    /// Stage id.
    pub id: String,
    /// Environment without which the stage does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The stage that judges its checks then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

/// A check's skeleton.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Check id.
    pub id: String,
    /// Version of the check.
    pub version: u32,
    /// Stage id.
    pub stage: String,
    /// How it is judged.
    pub kind: CheckKind,
    /// Whether it decides the stage.
    pub counted: bool,
    /// From when on it does, where that was later than the adoption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_from: Option<Millis>,
    /// Kinds of service it is for; none means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archetypes: Vec<String>,
    /// Days until an attestation must be renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_after_days: Option<u32>,
}

impl Rule {
    /// When an attestation made at `moment` goes stale.
    pub fn stale_after(&self, moment: Millis) -> Option<Millis> {
        self.stale_after_days.map(|days| moment + Millis::from(days) * DAY)
    }
}

impl Rules {
    /// The rules as they count at a moment: checks whose day has not come are only visible.
    #[must_use]
    pub fn at(&self, moment: Millis) -> Self {
        let mut rules = self.clone();
        for rule in &mut rules.checks {
            rule.counted &= rule.counted_from.is_none_or(|from| from <= moment);
            // What counts is all that a ladder says: a day that has come is no difference.
            rule.counted_from = rule.counted_from.filter(|from| *from > moment);
        }
        rules
    }

    /// The moments at which checks begin to count.
    fn begins(&self) -> impl Iterator<Item = Millis> {
        self.checks.iter().filter_map(|rule| rule.counted_from)
    }
}

/// Rules as they apply to one programme: stages that do not apply are out, and their checks stand
/// where they are judged instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// Stage ids in climbing order. Stage number n (from 1) is `stages[n - 1]`; 0 is before the
    /// first.
    pub stages: Vec<String>,
    /// Whether each stage applies.
    pub applicable: Vec<bool>,
    /// Checks, each with the number of the stage that judges it: in climbing order, and within a
    /// stage as the playbook lists them, which may mix stages.
    pub checks: Vec<(usize, Rule)>,
}

impl Ladder {
    /// Resolves the rules for a programme that has these environments.
    pub fn resolve(rules: &Rules, environments: &BTreeSet<String>) -> Self {
        let number = |id: &str| rules.stages.iter().position(|stage| stage.id == id).map(|i| i + 1);
        let applies = |stage: &StageRule| {
            stage
                .environment
                .as_ref()
                .is_none_or(|name| environments.iter().any(|has| has.eq_ignore_ascii_case(name)))
        };
        let judged = |stage: &str| -> Option<usize> {
            let mut stage = rules.stages.iter().find(|rule| rule.id == stage)?;
            // `otherwise` always names a later stage, so this ends.
            while !applies(stage) {
                let otherwise = stage.otherwise.as_deref()?;
                stage = rules.stages.iter().find(|rule| rule.id == otherwise)?;
            }
            number(&stage.id)
        };
        let mut checks: Vec<(usize, Rule)> = rules
            .checks
            .iter()
            .filter_map(|rule| Some((judged(&rule.stage)?, rule.clone())))
            .collect();
        checks.sort_by_key(|(number, _)| *number);
        Self {
            stages: rules.stages.iter().map(|stage| stage.id.clone()).collect(),
            applicable: rules.stages.iter().map(applies).collect(),
            checks,
        }
    }

    /// Number of a stage: 0 before the first.
    pub fn number(&self, stage: Option<&str>) -> usize {
        stage
            .and_then(|id| self.stages.iter().position(|stage| stage == id))
            .map_or(0, |index| index + 1)
    }

    /// Id of a stage number.
    pub fn stage(&self, number: usize) -> Option<&str> {
        number.checked_sub(1).and_then(|index| self.stages.get(index)).map(String::as_str)
    }
}

/// The ladders in force over time, oldest first. `presences` says when an environment of that name
/// came (true) or went (false). Charts of the past so keep the ladder of their day.
pub fn ladders(
    adoptions: &[(Millis, Rules)],
    presences: &[(Millis, String, bool)],
) -> Vec<(Millis, Ladder)> {
    let mut moments: Vec<Millis> = adoptions.iter().map(|(at, _)| *at).collect();
    moments.extend(presences.iter().map(|(at, ..)| *at));
    moments.extend(adoptions.iter().flat_map(|(_, rules)| rules.begins()));
    moments.sort_unstable();
    moments.dedup();
    let mut ladders: Vec<(Millis, Ladder)> = Vec::new();
    for moment in moments {
        let in_force = adoptions.iter().rev().find(|(at, _)| *at <= moment);
        let Some((_, rules)) = in_force else { continue };
        let mut environments = BTreeSet::new();
        for (_, name, present) in presences.iter().filter(|(at, ..)| *at <= moment) {
            if *present {
                environments.insert(name.clone());
            } else {
                environments.remove(name);
            }
        }
        let ladder = Ladder::resolve(&rules.at(moment), &environments);
        if ladders.last().is_none_or(|(_, last)| *last != ladder) {
            ladders.push((moment, ladder));
        }
    }
    ladders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_playbook_keeps_its_promises() {
        let playbook = Playbook::parse(DEFAULT).unwrap();
        assert_eq!(playbook.stages.len(), 7);
        assert!(playbook.checks.len() >= 30, "30 or more checks");
        for stage in &playbook.stages {
            let manual = playbook.checks.iter().filter(|check| {
                check.stage == stage.id
                    && check.kind == CheckKind::Manual
                    && check.state == CheckState::Counted
            });
            assert!(manual.count() >= 2, "{}: two counted manual checks", stage.id);
        }
        for check in &playbook.checks {
            let complete = !check.what.is_empty()
                && !check.why.is_empty()
                && !check.how.steps.is_empty()
                && check.fix_link.as_deref().is_some_and(|link| link.starts_with("https://"))
                && !check.skills.is_empty();
            assert!(complete, "{} has what, why, how, link and skills", check.id);
        }
        let rules = serde_json::to_string(&playbook.rules(Tz::UTC)).unwrap();
        assert!(rules.len() < crate::operation::MAX_VALUE, "an adoption fits one write");
    }

    #[test]
    fn contradictions_are_refused() {
        let check = |from: &str, to: &str, expect: &str| {
            let yaml = DEFAULT.replacen(from, to, 1);
            assert_ne!(yaml, DEFAULT, "{from:?} must occur");
            let fault = Playbook::parse(&yaml).unwrap_err().to_string();
            assert!(fault.contains(expect), "{to:?} gave {fault:?}, expected {expect:?}");
        };
        check("- id: assessed", "- id: discovered", "used twice");
        check("otherwise: live", "otherwise: pipeline", "later stage");
        check("stage: discovered", "stage: discoverd", "unknown stage");
        check("version: 1\n", "version: one\n", "line 2");
        check("playbook: default", "playbok: default", "playbok");
        check("- id: DI-02", "- id: DI-01", "line 102: DI-01: the check id is used twice");
        check("  - id: data\n", "  - id: discovery\n", "the skill id is used twice");
        check("  - id: discovery\n", "  - id: dis/covery\n", "a skill id has letters");
        check("mandatory: true", "mandatory: perhaps", "line ");
        check("weight: 5", "weight: 7", "`weight` is");
    }

    #[test]
    fn a_check_names_the_rule_of_its_verifier() {
        let check = |verify: &str, expect: Option<&str>| {
            let from = "  - id: CD-35\n    version: 1\n";
            let yaml = DEFAULT.replacen(from, &format!("{from}    verify: {verify}\n"), 1);
            assert_ne!(yaml, DEFAULT, "the check must be there");
            match (Playbook::parse(&yaml), expect) {
                (Ok(playbook), None) => {
                    let check = playbook.checks.iter().find(|check| check.id == "CD-35").unwrap();
                    assert!(check.verify.is_some(), "{verify}");
                }
                (Err(refused), Some(expect)) => {
                    let fault = refused.to_string();
                    assert!(fault.contains(expect), "{verify} gave {fault:?}");
                }
                (read, _) => panic!("{verify} gave {:?}", read.map(|_| ())),
            }
        };
        check("{rule: CD-35}", None);
        check("{rule: deployed-repeatedly, environment: production}", None);
        check("{rule: CD-35, parameters: {rollouts: 5, hold_minutes: 3}}", None);
        check("{rule: CD-32, parameters: {days: 30, restarts_count: true}}", None);
        check("{rule: CD-13, parameters: {registries: [registry.example]}}", None);
        check("{rule: CD-99}", Some("`CD-99` is no rule"));
        check("{rule: CD-35, parameters: {rolouts: 5}}", Some("`rolouts` is no parameter"));
        check("{rule: CD-35, parameters: {rollouts: [a]}}", Some("`rollouts` is a whole number"));
        check("{rule: CD-35, parameters: {rollouts: -1}}", Some("`rollouts` is a whole number"));
        check("{rule: CD-13, parameters: {registries: 5}}", Some("`registries` is a list"));
        check("{rules: CD-35}", Some("`rules` is no key here"));
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let yaml = DEFAULT.replacen("stage: assessed", "stage: asessed", 2).replacen(
            "- id: DI-01",
            "- id: \"D 1\"",
            1,
        );
        let faults = Playbook::parse(&yaml).unwrap_err().0;
        assert_eq!(faults.len(), 3, "{faults:?}");
        for fault in &faults {
            let id = fault.text.split(':').next().unwrap();
            let line = yaml.lines().nth(fault.line.unwrap() as usize - 1).unwrap();
            assert!(line.contains("id:") && line.contains(id), "{fault:?} points at {line:?}");
        }
    }

    #[test]
    fn a_check_counts_from_its_day_on() {
        let dated =
            DEFAULT.replacen("state: counted", "state: counted\n    counted_from: 2026-03-10", 1);
        let zone = Tz::Europe__Berlin;
        let rules = Playbook::parse(&dated).unwrap().rules(zone);
        let day = flow::start_of(NaiveDate::from_ymd_opt(2026, 3, 10).unwrap(), zone);
        let ladders = ladders(&[(day - 5 * DAY, rules)], &[]);
        let counts: Vec<(Millis, bool)> =
            ladders.iter().map(|(at, ladder)| (*at, ladder.checks[0].1.counted)).collect();
        assert_eq!(counts, [(day - 5 * DAY, false), (day, true)]);
    }

    #[test]
    fn a_ladder_lists_checks_in_climbing_order_whatever_the_file_mixes() {
        let mut rules = Playbook::parse(DEFAULT).unwrap().rules(Tz::UTC);
        let mut late = rules.checks[0].clone();
        late.id = "DI-99".into();
        rules.checks.push(late);
        let ladder = Ladder::resolve(&rules, &BTreeSet::new());
        assert!(ladder.checks.is_sorted_by_key(|(number, _)| *number));
        let first: Vec<&str> = ladder
            .checks
            .iter()
            .filter(|(number, _)| *number == 1)
            .map(|(_, rule)| rule.id.as_str())
            .collect();
        assert_eq!(first.last(), Some(&"DI-99"), "within its stage it stays where the file has it");
    }

    #[test]
    fn without_staging_its_checks_are_judged_at_live() {
        let rules = Playbook::parse(DEFAULT).unwrap().rules(Tz::UTC);
        let with = Ladder::resolve(&rules, &BTreeSet::from(["Staging".into()]));
        let without = Ladder::resolve(&rules, &BTreeSet::new());
        let at = |ladder: &Ladder, number: usize| {
            ladder.checks.iter().filter(|(judged, _)| *judged == number).count()
        };
        let (staging, live) = (with.number(Some("staging")), with.number(Some("live")));
        assert!(at(&with, staging) > 0);
        assert_eq!(at(&without, staging), 0);
        assert_eq!(at(&without, live), at(&with, live) + at(&with, staging));
    }
}
