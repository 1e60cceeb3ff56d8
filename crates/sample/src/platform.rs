//! The invented platform: nodes, who calls whom, who works on what, and how far each service came.

use pilotage_domain::words::NodeClass;

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
