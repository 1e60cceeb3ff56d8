//! Facts of the past: insert-only entities with `occurred_at` beside the recording clock. A fact
//! is one register, `fact`, of its own entity; a correction is a new fact that points to the old
//! one. What is deliberately absent: any fact that *sets* a stage. Stages are computed.

use crate::Millis;
use crate::cluster::Rollout;
use crate::delivery::Delivery;
use crate::execution::Execution;
use crate::issued::{FrozenReport, IssuedForecast};
use crate::operation::Version;
use crate::playbook::Rules;
use crate::sprint::Turn;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use uuid::Uuid;

/// The register that holds a fact.
pub const PATH: &str = "fact";

/// What a check was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
    /// It cannot be told. Never counts as pass.
    Unknown,
    /// It does not apply to this service.
    NotApplicable,
}

impl Seen {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// Who or what found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person signs: an attestation.
    Person,
    /// Read from a cluster.
    Cluster,
    /// Read from a repository.
    Repository,
    /// Read from a delivery system.
    Delivery,
}

impl Source {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Cluster => "cluster",
            Self::Repository => "repository",
            Self::Delivery => "delivery",
        }
    }
}

/// Whether a service takes part in the migration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// It migrates.
    #[default]
    In,
    /// It will be switched off.
    Retire,
    /// It stays where it is.
    Retain,
    /// It is listed no more; what it was stays in the history.
    Archived,
}

impl Scope {
    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Retire => "retire",
            Self::Retain => "retain",
            Self::Archived => "archived",
        }
    }
}

/// A look at a service's health around its cut-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Before.
    Before,
    /// An hour after.
    Hour,
    /// A day after.
    Day,
    /// A week after.
    Week,
}

impl Look {
    /// All looks, in order.
    pub const ALL: [Self; 4] = [Self::Before, Self::Hour, Self::Day, Self::Week];

    /// When it is due, counted from the cut-over, in milliseconds.
    pub fn due(self) -> Millis {
        match self {
            Self::Before => 0,
            Self::Hour => 3_600_000,
            Self::Day => crate::DAY,
            Self::Week => 7 * crate::DAY,
        }
    }

    /// The word, as written in the log, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happening {
    /// A check was looked at.
    Finding {
        /// The service.
        service: Uuid,
        /// Check id.
        check: String,
        /// Version of the check that was judged.
        check_version: u32,
        /// The result.
        result: Seen,
        /// Who or what looked.
        source: Source,
        /// What was seen, or the person's note.
        #[serde(default)]
        observed: String,
        /// Link to evidence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
        /// From when on the finding reads unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stale_after: Option<Millis>,
    },
    /// An earlier fact does not hold from here on; it was entered in error or is undone.
    Retraction {
        /// The earlier fact.
        of: Uuid,
        /// The service it was about.
        service: Option<Uuid>,
        /// Why.
        #[serde(default)]
        note: String,
    },
    /// A check is waived.
    Waiver {
        /// The service.
        service: Uuid,
        /// Check id.
        check: String,
        /// Why.
        reason: String,
        /// First moment at which it no longer holds.
        expires_at: Millis,
        /// The request that it grants.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<Uuid>,
    },
    /// A person asks that a check be waived; it counts for nothing until another one grants it.
    WaiverRequested {
        /// The service.
        service: Uuid,
        /// Check id.
        check: String,
        /// Why.
        reason: String,
        /// First moment at which the waiver would no longer hold.
        expires_at: Millis,
    },
    /// A request for a waiver is turned down.
    WaiverDeclined {
        /// The request.
        of: Uuid,
        /// The service.
        service: Uuid,
        /// Why.
        #[serde(default)]
        note: String,
    },
    /// Work on a service cannot go on.
    BlockerOpened {
        /// The service.
        service: Uuid,
        /// Why.
        reason: String,
        /// For whom or what it waits.
        waiting_for: String,
    },
    /// It can go on.
    BlockerClosed {
        /// The opening fact.
        of: Uuid,
        /// The service.
        service: Uuid,
        /// How it was solved.
        #[serde(default)]
        note: String,
    },
    /// A service was taken into scope or out of it.
    ScopeChanged {
        /// The service.
        service: Uuid,
        /// The choice.
        scope: Scope,
        /// Why.
        reason: String,
    },
    /// A pod template was seen to change.
    RolloutSeen {
        /// The service that runs as the workload, where one is mapped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<Uuid>,
        /// The rollout.
        rollout: Box<Rollout>,
    },
    /// The history of a delivery controller was seen to tell of a delivery.
    DeliverySeen {
        /// The service that runs as the workload, where one is mapped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<Uuid>,
        /// The delivery.
        delivery: Box<Delivery>,
    },
    /// A person records the moment at which users were moved over.
    CutOver {
        /// The service.
        service: Uuid,
        /// What he says about it.
        #[serde(default)]
        note: String,
    },
    /// How a service fared around its cut-over.
    HealthSeen {
        /// The service.
        service: Uuid,
        /// Which look.
        look: Look,
        /// The verdict, or nothing where nobody looked in time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verdict: Option<String>,
        /// What was seen, in a sentence.
        #[serde(default)]
        observed: String,
    },
    /// A sprint started, paused, resumed or ended.
    SprintTurned {
        /// The sprint.
        sprint: Uuid,
        /// Which of it.
        turn: Turn,
        /// Why, or what there is to say.
        #[serde(default)]
        note: String,
    },
    /// A sprint takes a service on, or leaves it out.
    SprintScopeChanged {
        /// The sprint.
        sprint: Uuid,
        /// The service.
        service: Uuid,
        /// The stage it shall reach; nothing where it is taken out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target_stage: Option<String>,
        /// Why.
        reason: String,
    },
    /// Somebody did a step.
    StepExecuted {
        /// The service.
        service: Uuid,
        /// Who did what.
        execution: Box<Execution>,
    },
    /// A second person confirms an execution; see [`crate::execution::Told::bars`].
    ExecutionConfirmed {
        /// The execution.
        of: Uuid,
        /// The service.
        service: Uuid,
    },
    /// A person doubts an execution.
    ExecutionContested {
        /// The execution.
        of: Uuid,
        /// The service.
        service: Uuid,
        /// What is doubted.
        note: String,
    },
    /// A doubt is settled.
    ContestSettled {
        /// The doubt.
        of: Uuid,
        /// The service.
        service: Uuid,
        /// How.
        note: String,
    },
    /// An expert reports hours on a service.
    ExpertHours {
        /// The service.
        service: Uuid,
        /// Who spent them.
        person: Uuid,
        /// On which local day.
        on: NaiveDate,
        /// How many, in hundredths of an hour.
        hundredths: u32,
        /// What there is to say.
        #[serde(default)]
        note: String,
    },
    /// A person says which check a regression comes from. It occurred when the service regressed.
    RegressionTraced {
        /// The service that regressed.
        service: Uuid,
        /// The check that is the cause.
        check: String,
        /// The finding by which it regressed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        finding: Option<Uuid>,
        /// What there is to say.
        #[serde(default)]
        note: String,
    },
    /// A forecast was issued.
    ForecastIssued {
        /// The forecast.
        forecast: Box<IssuedForecast>,
    },
    /// A report was frozen.
    ReportFrozen {
        /// The report.
        report: Box<FrozenReport>,
    },
    /// The programme judges by these rules from here on.
    PlaybookAdopted {
        /// The rules.
        rules: Rules,
    },
}

impl Happening {
    /// The service it is about, if it is about one.
    pub fn service(&self) -> Option<Uuid> {
        match self {
            Self::Finding { service, .. }
            | Self::Waiver { service, .. }
            | Self::WaiverRequested { service, .. }
            | Self::WaiverDeclined { service, .. }
            | Self::BlockerOpened { service, .. }
            | Self::BlockerClosed { service, .. }
            | Self::ScopeChanged { service, .. }
            | Self::CutOver { service, .. }
            | Self::SprintScopeChanged { service, .. }
            | Self::StepExecuted { service, .. }
            | Self::ExecutionConfirmed { service, .. }
            | Self::ExecutionContested { service, .. }
            | Self::ContestSettled { service, .. }
            | Self::ExpertHours { service, .. }
            | Self::RegressionTraced { service, .. }
            | Self::HealthSeen { service, .. } => Some(*service),
            Self::Retraction { service, .. }
            | Self::RolloutSeen { service, .. }
            | Self::DeliverySeen { service, .. } => *service,
            Self::PlaybookAdopted { .. }
            | Self::SprintTurned { .. }
            | Self::ForecastIssued { .. }
            | Self::ReportFrozen { .. } => None,
        }
    }
}

/// A fact as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// When it happened.
    pub occurred_at: Millis,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// A finding, field by field. Nearly all facts are findings, and the way for all kinds, which has to
/// keep every field until it knows the kind, takes several times as long.
#[derive(Deserialize)]
struct FindingRow<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    occurred_at: Millis,
    service: Uuid,
    check: String,
    check_version: u32,
    result: Seen,
    source: Source,
    #[serde(default)]
    observed: String,
    link: Option<String>,
    stale_after: Option<Millis>,
}

/// An execution, field by field: the next in number.
#[derive(Deserialize)]
struct StepRow<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    occurred_at: Millis,
    service: Uuid,
    execution: Box<Execution>,
}

/// A confirmation, field by field.
#[derive(Deserialize)]
struct ConfirmedRow<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    occurred_at: Millis,
    service: Uuid,
    of: Uuid,
}

/// Reads what the canonical form of its kind begins like; none where it is something else after
/// all.
fn parse_execution(text: &str) -> Option<Fact> {
    if text.starts_with(r#"{"execution":"#) {
        let row: StepRow<'_> = serde_json::from_str(text).ok()?;
        let what = Happening::StepExecuted { service: row.service, execution: row.execution };
        return (row.kind == "step_executed")
            .then_some(Fact { occurred_at: row.occurred_at, what });
    }
    if text.starts_with(r#"{"kind":"execution_confirmed""#) {
        let row: ConfirmedRow<'_> = serde_json::from_str(text).ok()?;
        let what = Happening::ExecutionConfirmed { of: row.of, service: row.service };
        let is_one = row.kind == "execution_confirmed";
        return is_one.then_some(Fact { occurred_at: row.occurred_at, what });
    }
    None
}

impl Fact {
    /// Reads a fact as it is written.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        if let Some(fact) = parse_execution(text) {
            return Ok(fact);
        }
        match serde_json::from_str::<FindingRow<'_>>(text) {
            Ok(row) if row.kind == "finding" => Ok(Self {
                occurred_at: row.occurred_at,
                what: Happening::Finding {
                    service: row.service,
                    check: row.check,
                    check_version: row.check_version,
                    result: row.result,
                    source: row.source,
                    observed: row.observed,
                    link: row.link,
                    stale_after: row.stale_after,
                },
            }),
            // Another kind, or not well formed: the verdict is that of the way for all kinds.
            _ => serde_json::from_str(text),
        }
    }
}

/// A fact as it is read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its entity.
    pub id: Uuid,
    /// Version of the register.
    pub version: Version,
    /// Who recorded it.
    pub actor: Uuid,
    /// The fact.
    pub fact: Fact,
}

impl Recorded {
    /// Facts fold in this order.
    pub fn order(&self) -> (Millis, Version) {
        (self.fact.occurred_at, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::Fact;

    #[test]
    fn both_ways_to_read_a_fact_agree() {
        let check = |text: &str, reads: bool| {
            let (plain, all) = (Fact::parse(text), serde_json::from_str::<Fact>(text));
            assert_eq!(plain.as_ref().ok(), all.as_ref().ok(), "{text}");
            assert_eq!(plain.is_ok(), reads, "{text}: {plain:?}");
        };
        let finding = r#"{"check":"DI-01","check_version":2,"kind":"finding","link":"https://ci.example/7","observed":"seen \"here\"","occurred_at":5,"result":"pass","service":"00000000-0000-0000-0000-000000000001","source":"person","stale_after":9}"#;
        check(finding, true);
        let changed = |from: &str, to: &str, reads: bool| {
            let text = finding.replacen(from, to, 1);
            assert_ne!(text, finding, "{from:?} occurs");
            check(&text, reads);
        };
        changed(r#""link":"https://ci.example/7","#, "", true);
        changed(r#""https://ci.example/7""#, "null", true);
        changed(r#""observed":"seen \"here\"","#, "", true);
        changed(r#","stale_after":9"#, "", true);
        changed(r#","stale_after":9"#, r#","stale_after":9,"zeal":[1]"#, true);
        changed(r#"{"check":"#, r#"{"again":{"kind":"waiver"},"check":"#, true);
        changed("finding", "f\\u0069nding", true);
        changed(r#""check":"DI-01","#, "", false);
        changed(r#""DI-01""#, "7", false);
        changed(":2,", ":-2,", false);
        changed("pass", "perhaps", false);
        changed("finding", "later_kind", false);
        changed("-000000000001", "", false);
        check(
            r#"{"kind":"scope_changed","occurred_at":5,"reason":"","scope":"in","service":"00000000-0000-0000-0000-000000000001"}"#,
            true,
        );
        let step = r#"{"execution":{"check":"DI-01","check_version":1,"people":[{"help":3,"person":"00000000-0000-0000-0000-00000000000b"}]},"kind":"step_executed","occurred_at":5,"service":"00000000-0000-0000-0000-000000000001"}"#;
        check(step, true);
        check(&step.replacen("step_executed", "later_kind", 1), false);
        check(&step.replacen("\"help\":3", "\"help\":9", 1), false);
        check(&step.replacen("\"check\":\"DI-01\",", "", 1), false);
        check(&step.replacen("\"kind\"", "\"kinds\"", 1), false);
        let confirmed = r#"{"kind":"execution_confirmed","occurred_at":5,"of":"00000000-0000-0000-0000-000000000002","service":"00000000-0000-0000-0000-000000000001"}"#;
        check(confirmed, true);
        check(&confirmed.replacen("\"of\"", "\"off\"", 1), false);
        // A finding whose fields would do for another kind as well is a finding still.
        changed(
            r#""kind":"finding","#,
            r#""kind":"blocker_closed","of":"00000000-0000-0000-0000-000000000002","#,
            true,
        );
    }
}
