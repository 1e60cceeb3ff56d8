//! Four weeks: the import and the assessment, a sprint that an expert leads, two weeks in which the
//! team goes on alone. Each step is one action of one person.

use crate::cluster::{NAMESPACE, context};
use crate::platform::{A, B, C, CTO, EXPERT, LEAD, OTHERS, PEOPLE, SERVICES, SPRINTS, Service};
use crate::{SampleError, ZONE, retro};
use chrono::NaiveDate;
use pilotage_domain::change::{Change, Evidence, Kind, Presence, path};
use pilotage_domain::cluster::{Mapping, WorkloadName};
use pilotage_domain::fact::{Fact, Happening, Scope, Seen, Source};
use pilotage_domain::playbook::{Check, CheckKind, CheckState, DEFAULT, Playbook};
use pilotage_domain::sprint::{self, Plan, Turn};
use pilotage_domain::words::{DependencyKind, NodeClass};
use pilotage_domain::{DAY, Millis, flow, ids};
use serde_json::json;
use uuid::Uuid;

/// The file that the inventory was read from.
const COMPOSE: &str = "docker-compose.yml";

/// One action.
pub struct Step {
    /// Who acts.
    pub actor: Uuid,
    /// When.
    pub at: Millis,
    /// What changes.
    pub changes: Vec<Change>,
    /// The retrospective whose facts are frozen just before it.
    pub freezes: Option<Uuid>,
}

/// The whole story in order of time.
pub fn steps(workspace: Uuid, days: &[NaiveDate]) -> Result<Vec<Step>, SampleError> {
    let mut story = Story {
        workspace,
        playbook: Playbook::parse(DEFAULT)?,
        people: PEOPLE.map(|_| Uuid::now_v7()).to_vec(),
        sprints: Vec::new(),
        acts: Vec::new(),
    };
    story.begin();
    story.import();
    for service in &SERVICES {
        story.assign(service);
        for (stage, day) in service.climb.iter().enumerate() {
            story.climb(service, stage, *day);
        }
    }
    story.map();
    story.happenings();
    story.executions(days);
    story.sprints(days);
    let service = |name: &str| story.id(name);
    story.acts.extend(retro::acts(&story.people, &story.sprints, service));
    Ok(story.told(days))
}

/// Something that happens on a day; what exactly waits for its moment.
pub struct Act {
    day: usize,
    actor: usize,
    changes: Box<dyn FnOnce(Millis) -> Vec<Change>>,
    freezes: Option<Uuid>,
}

impl Act {
    /// On a working day, by a person of the sample.
    pub fn new(
        day: usize,
        actor: usize,
        changes: impl FnOnce(Millis) -> Vec<Change> + 'static,
    ) -> Self {
        Self { day, actor, changes: Box::new(changes), freezes: None }
    }

    /// The same, with the facts of a retrospective frozen just before.
    pub fn freezing(self, retrospective: Uuid) -> Self {
        Self { freezes: Some(retrospective), ..self }
    }
}

pub(crate) struct Story {
    workspace: Uuid,
    playbook: Playbook,
    people: Vec<Uuid>,
    /// The sprints in the order of their days.
    sprints: Vec<Uuid>,
    acts: Vec<Act>,
}

impl Story {
    /// Gives each act its moment: spread over the working day, in the order told.
    fn told(self, days: &[NaiveDate]) -> Vec<Step> {
        let mut acts = self.acts;
        acts.sort_by_key(|act| act.day);
        let mut steps = Vec::with_capacity(acts.len());
        let of_day = |day: usize, acts: &[Act]| acts.iter().filter(|act| act.day == day).count();
        let counts: Vec<usize> = (0..days.len()).map(|day| of_day(day, &acts)).collect();
        let mut told = vec![0_usize; days.len()];
        for act in acts {
            let Some(day) = days.get(act.day) else {
                continue;
            };
            let working_day: Millis = 8 * 60 * 60 * 1_000;
            let share = |part: usize| Millis::try_from(part).unwrap_or(0);
            let into = working_day * share(told[act.day]) / share(counts[act.day].max(1));
            told[act.day] += 1;
            let at = flow::start_of(*day, ZONE) + 9 * 60 * 60 * 1_000 + into;
            steps.push(Step {
                actor: self.people[act.actor],
                at,
                changes: (act.changes)(at),
                freezes: act.freezes,
            });
        }
        steps
    }

    pub(crate) fn act(
        &mut self,
        day: usize,
        actor: usize,
        changes: impl FnOnce(Millis) -> Vec<Change> + 'static,
    ) {
        self.acts.push(Act::new(day, actor, changes));
    }

    pub(crate) fn person(&self, person: usize) -> Uuid {
        self.people[person]
    }

    pub(crate) fn id(&self, name: &str) -> Uuid {
        ids::service(self.workspace, name)
    }

    fn begin(&mut self) {
        let workspace = self.workspace;
        let playbook = self.playbook.clone();
        let people = self.people.clone();
        self.act(0, LEAD, move |at| {
            let deadline = flow::day_of(at + 70 * DAY, ZONE).to_string();
            let mut changes = vec![
                Change::Created { entity: workspace, kind: Kind::Programme },
                Change::field(workspace, path::NAME, "Northlight Lending"),
                Change::field(workspace, path::TIME_ZONE, ZONE.name()),
                Change::field(workspace, path::DONE_STAGE, "live"),
                Change::field(workspace, path::DEADLINE, deadline),
                Change::field(workspace, path::SAMPLE, true),
            ];
            for environment in ["staging", "production"] {
                let entity = ids::environment(workspace, environment);
                let target = target_of(workspace, environment);
                changes.extend([
                    Change::Created { entity, kind: Kind::Environment },
                    Change::field(entity, path::NAME, environment),
                    Change::Created { entity: target, kind: Kind::Target },
                    Change::field(target, path::ENVIRONMENT, entity.to_string()),
                    Change::field(target, path::CONTEXT, context(environment)),
                    Change::field(target, path::NAMESPACES, json!([NAMESPACE])),
                ]);
            }
            for (person, name) in people.iter().zip(PEOPLE) {
                changes.push(Change::Created { entity: *person, kind: Kind::Person });
                changes.push(Change::field(*person, path::NAME, name));
            }
            changes.extend(Change::adopt(&playbook, DEFAULT, ZONE, Uuid::now_v7(), at));
            changes
        });
    }

    fn import(&mut self) {
        let workspace = self.workspace;
        self.act(0, LEAD, move |_| {
            let mut changes = Vec::new();
            let services = SERVICES.iter().map(|service| {
                let image = format!("northlight/{}:1", service.name);
                (service.name, NodeClass::Service, image, "own image".to_owned())
            });
            let others = OTHERS.iter().map(|(name, class, image, why)| {
                (*name, *class, (*image).to_owned(), (*why).to_owned())
            });
            for (name, class, image, why) in services.chain(others) {
                let id = ids::service(workspace, name);
                changes.push(Change::Created { entity: id, kind: Kind::Service });
                changes.push(Change::field(id, path::NAME, name));
                changes.push(Change::field(id, path::CLASS_REASON, why));
                for (field, value) in [(path::CLASS, class.word()), (path::IMAGE, image.as_str())] {
                    changes.push(Change::field(id, field, value));
                    changes.push(Change::field(id, path::element(path::IMPORTED, field), value));
                }
            }
            for service in &SERVICES {
                let id = ids::service(workspace, service.name);
                changes.push(Change::field(id, path::DIFFICULTY, service.difficulty().word()));
            }
            let mut line = 12;
            for service in &SERVICES {
                line += 9;
                for callee in service.calls {
                    line += 1;
                    let evidence = Evidence {
                        file: COMPOSE.to_owned(),
                        line,
                        text: format!("depends_on: {callee}"),
                    };
                    changes.extend(Change::declare(
                        workspace,
                        DependencyKind::StartOrder,
                        ids::service(workspace, service.name),
                        ids::service(workspace, callee),
                        70,
                        &[evidence],
                    ));
                }
            }
            changes
        });
    }

    fn assign(&mut self, service: &'static Service) {
        let id = self.id(service.name);
        let engineers: Vec<String> =
            service.engineers.iter().map(|person| self.people[*person].to_string()).collect();
        if engineers.is_empty() {
            return;
        }
        let due = service.due;
        self.act(4, LEAD, move |at| {
            let mut changes: Vec<Change> = engineers
                .iter()
                .map(|person| Change::element(id, path::ASSIGNEES, person, Presence::In))
                .collect();
            if let Some(due) = due {
                // Working days to calendar days: a weekend after every five.
                let ahead = due.saturating_sub(4);
                let days = Millis::try_from(ahead + ahead / 5 * 2).unwrap_or(0);
                let day = flow::day_of(at + days * DAY, ZONE).to_string();
                changes.push(Change::field(id, path::TARGET_DATE, day));
            }
            changes
        });
    }

    /// On the day on which a service reaches staging somebody says which workload it runs as; of two
    /// services nobody has said it yet.
    fn map(&mut self) {
        let workspace = self.workspace;
        for service in &SERVICES {
            let id = self.id(service.name);
            if matches!(service.name, "broker-api" | "repayment-scheduler") {
                continue;
            }
            let by = service.engineers.first().copied().unwrap_or(LEAD);
            for (environment, climbed) in [("staging", 5), ("production", 6)] {
                let Some(day) = service.climb.get(climbed - 1) else { continue };
                let workload = WorkloadName {
                    target: target_of(workspace, environment),
                    namespace: NAMESPACE.to_owned(),
                    kind: "Deployment".to_owned(),
                    name: service.name.to_owned(),
                };
                self.act(*day, by, move |_| vec![workload.map(id, Mapping::Confirmed)]);
            }
        }
    }

    /// A sprint that an expert leads, one that the team does alone, and one that runs.
    fn sprints(&mut self, days: &[NaiveDate]) {
        for planned in &SPRINTS {
            let sprint = Uuid::now_v7();
            self.sprints.push(sprint);
            let (Some(first), Some(last)) = (days.get(planned.first), planned.last(days)) else {
                continue;
            };
            let plan = Plan {
                name: planned.name.to_owned(),
                goal: planned.goal.to_owned(),
                kind: planned.kind,
                first: *first,
                last,
                leader: Some(self.people[planned.leader]),
                members: planned.members.iter().map(|person| self.people[*person]).collect(),
            };
            let services: Vec<Uuid> = planned.services.iter().map(|name| self.id(name)).collect();
            let happened = |fact| Change::Happened { id: Uuid::now_v7(), fact };
            self.act_first(planned.first - 1, LEAD, move |at| {
                let mut changes = plan.create(sprint);
                changes.extend(services.into_iter().map(|service| {
                    happened(sprint::scope(sprint, service, Some(planned.target), "planned", at))
                }));
                changes
            });
            self.act_first(planned.first, planned.leader, move |at| {
                vec![happened(sprint::turn(sprint, Turn::Started, "", at))]
            });
            if let Some(ended) = planned.ended {
                let note = planned.note;
                self.act(ended, planned.leader, move |at| {
                    vec![happened(sprint::turn(sprint, Turn::Ended, note, at))]
                });
            }
        }
    }

    /// Before everything else that is told of the day.
    fn act_first(
        &mut self,
        day: usize,
        actor: usize,
        changes: impl FnOnce(Millis) -> Vec<Change> + 'static,
    ) {
        self.acts.insert(0, Act::new(day, actor, changes));
    }

    /// One stage of one service, attested in one sitting; its approval by somebody else.
    fn climb(&mut self, service: &'static Service, stage: usize, day: usize) {
        let engineer = match (day, service.engineers) {
            (5..=9, [first, EXPERT]) => *first,
            (5..=9, _) => EXPERT,
            (_, [first, ..]) => *first,
            (_, []) => LEAD,
        };
        let stage_id = self.playbook.stages[stage].id.clone();
        let checks: Vec<Check> = self
            .playbook
            .checks
            .iter()
            .filter(|check| check.stage == stage_id && check.state == CheckState::Counted)
            .filter(|check| !Self::is_special(service.name, &check.id))
            .cloned()
            .collect();
        let (approvals, rest): (Vec<Check>, Vec<Check>) =
            checks.into_iter().partition(|check| check.kind == CheckKind::Approval);
        let id = self.id(service.name);
        let (name, proves) = (service.name, service.engineers.first() != Some(&A));
        for (by, checks) in [(engineer, rest), (LEAD, approvals)] {
            if checks.is_empty() {
                continue;
            }
            self.act(day, by, move |at| {
                checks.iter().map(|check| finding(id, name, check, proves, at)).collect()
            });
        }
    }

    /// Checks that take another way than a plain pass.
    fn is_special(service: &str, check: &str) -> bool {
        matches!((service, check), ("notification-hub", "CD-18") | ("rate-feed", "AS-03"))
    }

    /// What does not go by plan.
    fn happenings(&mut self) {
        let fact = |what: Happening| {
            move |at: Millis| {
                vec![Change::Happened { id: Uuid::now_v7(), fact: Fact { occurred_at: at, what } }]
            }
        };
        let seen =
            |service: Uuid, check: &str, result, source, observed: &str| Happening::Finding {
                service,
                check: check.to_owned(),
                check_version: 1,
                result,
                source,
                observed: observed.to_owned(),
                link: None,
                stale_after: None,
            };
        self.act(
            3,
            CTO,
            fact(Happening::ScopeChanged {
                service: self.id("legacy-scoring"),
                scope: Scope::Retire,
                reason: "credit-scoring replaces it; it is switched off in January".to_owned(),
            }),
        );
        self.act(
            4,
            LEAD,
            fact(seen(
                self.id("rate-feed"),
                "AS-03",
                Seen::NotApplicable,
                Source::Person,
                "It keeps nothing and runs no jobs: rates are fetched on demand.",
            )),
        );
        self.act(
            11,
            C,
            fact(Happening::BlockerOpened {
                service: self.id("kyc-check"),
                reason: "The document scanner may only be reached from the old data centre. \
                         A firewall rule for the cluster is requested."
                    .to_owned(),
                waiting_for: "Security team".to_owned(),
            }),
        );
        let blocker = Uuid::now_v7();
        let statement_builder = self.id("statement-builder");
        self.act(13, A, move |at| {
            let what = Happening::BlockerOpened {
                service: statement_builder,
                reason: "The nightly print run still reads files from the old server.".to_owned(),
                waiting_for: "Print provider".to_owned(),
            };
            vec![Change::Happened { id: blocker, fact: Fact { occurred_at: at, what } }]
        });
        self.act(
            16,
            A,
            fact(Happening::BlockerClosed {
                of: blocker,
                service: statement_builder,
                note: "The provider takes the files from object storage now.".to_owned(),
            }),
        );
        let notification_hub = self.id("notification-hub");
        self.act(15, LEAD, move |at| {
            let what = Happening::Waiver {
                service: notification_hub,
                check: "CD-18".to_owned(),
                reason: "One replica until the mail queue takes competing consumers.".to_owned(),
                expires_at: at + 60 * DAY,
                request: None,
            };
            vec![Change::Happened { id: Uuid::now_v7(), fact: Fact { occurred_at: at, what } }]
        });
        let attested = Uuid::now_v7();
        let mistaken = seen(
            statement_builder,
            "PI-02",
            Seen::Pass,
            Source::Person,
            "The pipeline has its own account.",
        );
        self.act(15, A, move |at| {
            vec![Change::Happened { id: attested, fact: Fact { occurred_at: at, what: mistaken } }]
        });
        self.act(
            16,
            A,
            fact(Happening::Retraction {
                of: attested,
                service: Some(statement_builder),
                note: "It was the shared account of the old jobs.".to_owned(),
            }),
        );
        for (day, by, service, check, note) in [
            (17, B, "identity-provider", "LI-01", "Plan walked through with the portal team."),
            (18, B, "identity-provider", "LI-02", "All sign-ins go to the cluster since Tuesday."),
            (18, C, "broker-api", "LI-01", "Plan agreed with the two largest brokers."),
        ] {
            self.act(
                day,
                by,
                fact(seen(self.id(service), check, Seen::Pass, Source::Person, note)),
            );
        }
        self.act(
            18,
            B,
            fact(seen(
                self.id("payment-gateway"),
                "CD-09",
                Seen::Fail,
                Source::Cluster,
                "deployment/payment-gateway: 7 restarts in 24 h, last OOMKilled, limit 256Mi",
            )),
        );
    }
}

/// The target of an environment.
fn target_of(workspace: Uuid, environment: &str) -> Uuid {
    Uuid::new_v5(&workspace, format!("sample target {environment}").as_bytes())
}

/// A passing finding. Where a service's cluster is connected, automatic checks are proved by it;
/// elsewhere they are claimed.
fn finding(service: Uuid, name: &str, check: &Check, proves: bool, at: Millis) -> Change {
    let source = match (check.kind, check.id.starts_with("CD-")) {
        (CheckKind::Auto, true) if proves => Source::Cluster,
        (CheckKind::Auto, false) if proves => Source::Repository,
        _ => Source::Person,
    };
    let observed = match source {
        Source::Cluster => format!("deployment/{name} in lending: as expected"),
        Source::Repository => format!("{name}: main branch, last run passed"),
        Source::Person | Source::Delivery => String::new(),
    };
    let link = (check.kind == CheckKind::Manual && check.weight == 5)
        .then(|| format!("https://wiki.northlight.example/{name}/{}", check.id.to_lowercase()));
    let stale_after = match source {
        Source::Person => check.stale_after_days.map(|days| at + Millis::from(days) * DAY),
        _ => None,
    };
    let what = Happening::Finding {
        service,
        check: check.id.clone(),
        check_version: check.version,
        result: Seen::Pass,
        source,
        observed,
        link,
        stale_after,
    };
    Change::Happened { id: Uuid::now_v7(), fact: Fact { occurred_at: at, what } }
}
