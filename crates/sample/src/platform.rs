//! The invented platform: nodes, who calls whom, who works on what, and how far each service came.

use chrono::{Datelike as _, NaiveDate, Weekday};
use pilotage_domain::sprint::SprintKind;
use pilotage_domain::words::{Difficulty, NodeClass};

/// The people, by role.
pub const PEOPLE: [&str; 6] =
    ["Platform lead", "Expert", "Engineer A", "Engineer B", "Engineer C", "CTO"];

/// Index of a person in [`PEOPLE`].
pub const LEAD: usize = 0;
/// The expert who led the first sprint.
pub const EXPERT: usize = 1;
/// An engineer.
pub const A: usize = 2;
/// An engineer.
pub const B: usize = 3;
/// An engineer.
pub const C: usize = 4;
/// Decides on scope.
pub const CTO: usize = 5;

/// A service of the platform.
pub struct Service {
    /// Name.
    pub name: &'static str,
    /// Whom it calls.
    pub calls: &'static [&'static str],
    /// Who works on it.
    pub engineers: &'static [usize],
    /// Working day (from 0) on which each stage's checks were attested, in climbing order.
    pub climb: &'static [usize],
    /// Working day by whose end it should be live, counted from the first.
    pub due: Option<usize>,
}

impl Service {
    /// The more it calls, the harder it is to move.
    pub fn difficulty(&self) -> Difficulty {
        match self.calls.len() {
            0..=2 => Difficulty::Easy,
            3 => Difficulty::Moderate,
            _ => Difficulty::Hard,
        }
    }
}

/// The seventeen services.
pub const SERVICES: [Service; 17] = [
    Service {
        name: "loan-origination",
        calls: &[
            "credit-scoring",
            "pricing-engine",
            "kyc-check",
            "document-vault",
            "ledger",
            "loans-db",
            "events",
        ],
        engineers: &[A, EXPERT],
        climb: &[0, 2, 5, 6, 7, 8],
        due: Some(9),
    },
    Service {
        name: "credit-scoring",
        calls: &["fraud-screening", "rate-feed", "scoring-db", "session-cache"],
        engineers: &[B, EXPERT],
        climb: &[0, 2, 5, 6, 7, 8],
        due: Some(9),
    },
    Service {
        name: "pricing-engine",
        calls: &["rate-feed", "session-cache"],
        engineers: &[A],
        climb: &[0, 2, 5, 6, 7, 9],
        due: Some(9),
    },
    Service {
        name: "payment-gateway",
        calls: &["ledger", "fraud-screening", "notification-hub", "events"],
        engineers: &[B, EXPERT],
        climb: &[0, 2, 5, 7, 8, 11],
        due: Some(14),
    },
    Service {
        name: "ledger",
        calls: &["ledger-db", "events"],
        engineers: &[A],
        climb: &[0, 3, 6, 7, 9, 12],
        due: Some(14),
    },
    Service {
        name: "kyc-check",
        calls: &["document-vault", "identity-provider", "fraud-screening"],
        engineers: &[C],
        climb: &[0, 3, 6, 7, 9],
        due: Some(14),
    },
    Service {
        name: "fraud-screening",
        calls: &["scoring-db", "events"],
        engineers: &[B],
        climb: &[1, 3, 6, 8, 10, 13],
        due: Some(14),
    },
    Service {
        name: "document-vault",
        calls: &["documents-store"],
        engineers: &[C],
        climb: &[1, 3, 6, 8, 10, 14],
        due: Some(14),
    },
    Service {
        name: "notification-hub",
        calls: &["identity-provider", "events"],
        engineers: &[A],
        climb: &[1, 3, 7, 8, 11, 15],
        due: Some(17),
    },
    Service {
        name: "identity-provider",
        calls: &["identity-db", "session-cache"],
        engineers: &[B],
        climb: &[1, 4, 7, 9, 12],
        due: Some(22),
    },
    Service {
        name: "customer-portal",
        calls: &["loan-origination", "identity-provider", "statement-builder", "payment-gateway"],
        engineers: &[A],
        climb: &[1, 4, 10, 11, 12, 16],
        due: Some(17),
    },
    Service {
        name: "broker-api",
        calls: &["loan-origination", "pricing-engine", "identity-provider"],
        engineers: &[C],
        climb: &[1, 4, 10, 11, 13],
        due: Some(22),
    },
    Service {
        name: "repayment-scheduler",
        calls: &["payment-gateway", "ledger", "loans-db"],
        engineers: &[B],
        climb: &[2, 4, 11, 12, 14, 17],
        due: Some(18),
    },
    Service {
        name: "collections",
        calls: &["ledger", "notification-hub", "repayment-scheduler"],
        engineers: &[C],
        climb: &[2, 4, 12, 13],
        due: Some(24),
    },
    Service {
        name: "statement-builder",
        calls: &["ledger", "document-vault", "ledger-db"],
        engineers: &[A],
        climb: &[2, 4, 13],
        due: Some(26),
    },
    Service {
        name: "rate-feed",
        calls: &["session-cache"],
        engineers: &[],
        climb: &[2, 4],
        due: None,
    },
    Service {
        name: "legacy-scoring",
        calls: &["scoring-db"],
        engineers: &[],
        climb: &[2],
        due: None,
    },
];

/// Nodes that are no services: name, class, image, why that class.
pub const OTHERS: [(&str, NodeClass, &str, &str); 9] = [
    ("loans-db", NodeClass::Datastore, "postgres:17.6", "image postgres"),
    ("ledger-db", NodeClass::Datastore, "postgres:17.6", "image postgres"),
    ("scoring-db", NodeClass::Datastore, "mysql:8.4", "image mysql"),
    ("identity-db", NodeClass::Datastore, "postgres:17.6", "image postgres"),
    ("session-cache", NodeClass::Datastore, "valkey/valkey:9.0", "image valkey"),
    ("documents-store", NodeClass::Datastore, "minio/minio:2026-02", "image minio"),
    ("events", NodeClass::Datastore, "rabbitmq:4.1", "image rabbitmq"),
    ("telemetry", NodeClass::Platform, "otel/opentelemetry-collector:0.142.0", "image otel"),
    ("load-test", NodeClass::LoadGenerator, "northlight/load-test:3", "image load-test"),
];

/// A sprint of the story.
pub struct PlannedSprint {
    /// Name.
    pub name: &'static str,
    /// What shall be true at its end.
    pub goal: &'static str,
    /// Who leads the work.
    pub kind: SprintKind,
    /// First working day, from 0.
    pub first: usize,
    /// Last working day; it may lie ahead.
    pub last: usize,
    /// Working day on which it was ended; none while it runs.
    pub ended: Option<usize>,
    /// What was said at its end.
    pub note: &'static str,
    /// Index of its leader.
    pub leader: usize,
    /// Indexes of those who take part.
    pub members: &'static [usize],
    /// The stage its services shall reach.
    pub target: &'static str,
    /// Its services.
    pub services: &'static [&'static str],
}

impl PlannedSprint {
    /// The last day as a date; days that lie ahead are counted on from the last one, weekends
    /// passed over.
    pub fn last(&self, days: &[NaiveDate]) -> Option<NaiveDate> {
        if let Some(day) = days.get(self.last) {
            return Some(*day);
        }
        let ahead = self.last.checked_sub(days.len())?;
        let worked = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        days.last()?.succ_opt()?.iter_days().filter(worked).nth(ahead)
    }
}

/// The three sprints: ten services with the expert, six alone, and one that runs.
pub const SPRINTS: [PlannedSprint; 3] = [
    PlannedSprint {
        name: "Ten into the pipeline",
        goal: "The ten services that hang together most are built and rolled out by a pipeline.",
        kind: SprintKind::ExpertLed,
        first: 5,
        last: 9,
        ended: Some(9),
        note: "All ten. Three of them are live already.",
        leader: EXPERT,
        members: &[A, B],
        target: "pipeline",
        services: &[
            "loan-origination",
            "credit-scoring",
            "pricing-engine",
            "payment-gateway",
            "ledger",
            "kyc-check",
            "fraud-screening",
            "document-vault",
            "notification-hub",
            "identity-provider",
        ],
    },
    PlannedSprint {
        name: "Six alone",
        goal: "Six services reach staging without the expert.",
        kind: SprintKind::Regular,
        first: 10,
        last: 14,
        ended: Some(14),
        note: "All six, the last one on the last evening.",
        leader: LEAD,
        members: &[A, B, C],
        target: "staging",
        services: &[
            "fraud-screening",
            "notification-hub",
            "identity-provider",
            "customer-portal",
            "broker-api",
            "repayment-scheduler",
        ],
    },
    PlannedSprint {
        name: "Over to production",
        goal: "What stands at staging goes live; the portal first.",
        kind: SprintKind::Internal,
        first: 15,
        last: 24,
        ended: None,
        note: "",
        leader: A,
        members: &[B, C],
        target: "live",
        services: &[
            "notification-hub",
            "identity-provider",
            "customer-portal",
            "broker-api",
            "repayment-scheduler",
            "kyc-check",
            "collections",
        ],
    },
];
