//! The programme's settings, people and environments.

use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::actions::{
    AddEnvironment, AddPerson, AddTarget, ById, EditPerson, EditProgramme, KeepView,
};
use crate::dto::session::{Nothing, PersonRef, Saved};
use crate::dto::settings::{
    EnvironmentView, PersonView, PlaybookSummary, SettingsView, TargetView, TellDesktop,
    WorkspaceFacts,
};
use crate::error::{ApiError, Code};
use crate::handlers::actions::{name, parse_day};
use crate::handlers::services::stage_refs;
use crate::names::Names;
use crate::programme::{Programme, parse_zone};
use pilotage_domain::change::{Change, Entity, Kind, path};
use pilotage_domain::ids;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) async fn settings(app: &App, _: Nothing) -> Result<SettingsView, ApiError> {
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let nodes = app.store.nodes(app.clock.now()).await?;
    let facts = app.store.log_facts().await?;
    let works_on = |person: Uuid| {
        let person = person.to_string();
        nodes.iter().filter(|node| node.listed.assignees.contains(&person)).count()
    };
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let (playbook, version, adopted_at) = programme.playbook();
    let checks = &programme.ladder.checks;
    let tells_desktop = !app.notes().quiet;
    Ok(SettingsView {
        name: programme.name().to_owned(),
        tells_desktop,
        time_zone: programme.zone.name().to_owned(),
        time_zones: chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect(),
        deadline: programme.entity.text(path::DEADLINE).map(str::to_owned),
        done_stage: programme.done_stage().to_owned(),
        names_shown: programme.entity.registers.get(path::NAMES_SHOWN) == Some(&Value::Bool(true)),
        stages: stage_refs(&programme),
        calendar: super::calendar::calendar_view(&programme.timetable),
        people: names
            .present()
            .into_iter()
            .map(|person| PersonView {
                person: PersonRef { id: person.id.to_string(), name: person.name().to_owned() },
                email: person.text(path::EMAIL).map(str::to_owned),
                services: number(works_on(person.id) as u64),
            })
            .collect(),
        environments: environments(app).await?,
        playbook: PlaybookSummary {
            name: playbook,
            version,
            adopted_at: rfc3339(adopted_at),
            checks: number(checks.len() as u64),
            counted: number(checks.iter().filter(|(_, rule)| rule.counted).count() as u64),
        },
        workspace: WorkspaceFacts {
            id: app.store.workspace().to_string(),
            device: app.device().short(),
            batches: number(facts.batches),
            writes: number(facts.writes),
            quarantined: number(facts.quarantined),
            conflicts: number(facts.conflicts),
        },
    })
}

pub(crate) async fn tell_desktop(app: &App, request: TellDesktop) -> Result<Nothing, ApiError> {
    app.notebook.amend(|notes| notes.quiet = !request.on)?;
    Ok(Nothing {})
}

async fn environments(app: &App) -> Result<Vec<EnvironmentView>, ApiError> {
    let targets = living(app, Kind::Target).await?;
    let mut environments: Vec<EnvironmentView> = living(app, Kind::Environment)
        .await?
        .into_iter()
        .map(|environment| {
            let id = environment.id.to_string();
            let targets = targets
                .iter()
                .filter(|target| target.text(path::ENVIRONMENT) == Some(&id))
                .map(|target| TargetView {
                    id: target.id.to_string(),
                    context: target.text(path::CONTEXT).unwrap_or_default().to_owned(),
                    namespaces: target
                        .registers
                        .get(path::NAMESPACES)
                        .and_then(|value| serde_json::from_value(value.clone()).ok())
                        .unwrap_or_default(),
                })
                .collect();
            EnvironmentView { name: environment.name().to_owned(), id, targets }
        })
        .collect();
    // Production last: the order in which a change travels.
    environments.sort_by_key(|environment| {
        (environment.name.eq_ignore_ascii_case("production"), environment.name.to_lowercase())
    });
    Ok(environments)
}

async fn living(app: &App, kind: Kind) -> Result<Vec<Entity>, ApiError> {
    let mut entities = app.store.entities(kind).await?;
    entities.retain(Entity::lives);
    Ok(entities)
}

pub(crate) async fn edit_programme(app: &App, request: EditProgramme) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let programme = Programme::load(app).await?;
    let id = app.store.workspace();
    let mut changes = Vec::new();
    if let Some(entered) = &request.name {
        changes.push(Change::field(id, path::NAME, name("name", entered)?));
    }
    if let Some(zone) = &request.time_zone {
        changes.push(Change::field(id, path::TIME_ZONE, parse_zone(zone)?.name()));
    }
    if let Some(day) = request.deadline.as_deref().map(str::trim) {
        let value = if day.is_empty() {
            Value::Null
        } else {
            json!(parse_day("deadline", day)?.to_string())
        };
        changes.push(Change::field(id, path::DEADLINE, value));
    }
    if let Some(stage) = request.done_stage.as_deref().map(str::trim) {
        let number = programme.ladder.number(Some(stage));
        if number == 0 || !programme.ladder.applicable[number - 1] {
            let stages = programme.ladder.stages.join(", ");
            return Err(ApiError::argument("done stage", format!("must be one of {stages}")));
        }
        changes.push(Change::field(id, path::DONE_STAGE, stage));
    }
    if let Some(shown) = request.names_shown {
        changes.push(Change::field(id, path::NAMES_SHOWN, shown));
    }
    app.save(actor, changes, "programme changed", None).await
}

pub(crate) async fn keep_view(app: &App, request: KeepView) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let entered = name("name", &request.name)?;
    let address = request.address.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(address) = address {
        let plain = address.starts_with("#/") && address.chars().all(|c| c.is_ascii_graphic());
        if !plain || address.len() > 2_000 {
            return Err(ApiError::argument("address", "is none of this window"));
        }
    }
    let summary = match address {
        Some(_) => format!("view {entered} kept"),
        None => format!("view {entered} removed"),
    };
    let field = path::element(path::VIEWS, &entered);
    let change = Change::field(app.store.workspace(), field, json!(address));
    app.save(actor, vec![change], summary, None).await
}

pub(crate) async fn add_person(app: &App, request: AddPerson) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let entered = name("name", &request.name)?;
    taken(&names, &entered, None)?;
    let id = Uuid::now_v7();
    let email = email(request.email)?;
    // The first person has nobody to be added by.
    let actor = app.actor(&names).unwrap_or(id);
    let changes = vec![
        Change::Created { entity: id, kind: Kind::Person },
        Change::field(id, path::NAME, entered.clone()),
        Change::field(id, path::EMAIL, email),
    ];
    app.save(actor, changes, format!("{entered} added"), Some(id)).await
}

pub(crate) async fn edit_person(app: &App, request: EditPerson) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let id = names.need(&request.person)?;
    let entered = name("name", &request.name)?;
    taken(&names, &entered, Some(id))?;
    let changes = vec![
        Change::field(id, path::NAME, entered.clone()),
        Change::field(id, path::EMAIL, email(request.email)?),
    ];
    app.save(actor, changes, format!("{entered} changed"), Some(id)).await
}

pub(crate) async fn remove_person(app: &App, request: ById) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let id = names.need(&request.id)?;
    if id == actor {
        return Err(ApiError::new(
            Code::NotPossible,
            "You are working as this person. Act as somebody else first. Nothing was changed.",
        ));
    }
    let summary = format!("{} removed", names.of(id));
    app.save(actor, vec![Change::Deleted { entity: id }], summary, Some(id)).await
}

pub(crate) async fn act_as(app: &App, request: ById) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let id = names.need(&request.id)?;
    app.remember_actor(Some(id))?;
    Ok(Saved {
        batch: None,
        summary: format!("working as {}", names.of(id)),
        id: Some(id.to_string()),
    })
}

impl App {
    /// Acts as the person of that name for this session; makes him a person of the programme where
    /// nobody goes by the name. `Name <e-mail>` gives both. Says whether he is new.
    pub async fn act_as_named(&self, entered: &str) -> Result<(PersonRef, Acquaintance), ApiError> {
        let names = Names::load(self).await?;
        let (given, address) =
            match entered.trim().strip_suffix('>').and_then(|rest| rest.split_once('<')) {
                Some((given, address)) => (given.trim(), Some(address.trim().to_owned())),
                None => (entered.trim(), None),
            };
        if let Some(id) = names.find(given) {
            self.act_for_now(id);
            return Ok((names.reference(id), Acquaintance::Known));
        }
        let added = self.add_person(AddPerson { name: given.to_owned(), email: address }).await?;
        let id = added.id.as_deref().and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_default();
        self.act_for_now(id);
        let names = Names::load(self).await?;
        Ok((names.reference(id), Acquaintance::New))
    }

    /// Remembers the acting person of this session for the next ones on this device.
    pub fn keep_acting(&self) -> Result<(), ApiError> {
        let person = self.notes().acting_as;
        self.notes().acting_as = None;
        self.remember_actor(person)
    }

    /// Who is working, by name.
    pub async fn acting(&self) -> Result<Option<PersonRef>, ApiError> {
        let names = Names::load(self).await?;
        Ok(self.actor(&names).map(|id| names.reference(id)))
    }

    /// A name the environment suggests for whoever is working.
    pub fn suggested_name() -> Option<String> {
        super::session::suggested_person().0
    }
}

/// Whether a person was known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquaintance {
    /// He was.
    Known,
    /// He was added just now.
    New,
}

pub(crate) async fn add_environment(app: &App, request: AddEnvironment) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let entered = name("name", &request.name)?;
    let id = ids::environment(app.store.workspace(), &entered);
    if living(app, Kind::Environment).await?.iter().any(|other| other.id == id) {
        return Err(ApiError::new(
            Code::NameTaken,
            "There is an environment of that name already. Nothing was changed.",
        ));
    }
    let changes = vec![
        Change::Created { entity: id, kind: Kind::Environment },
        Change::field(id, path::NAME, entered.clone()),
    ];
    app.save(actor, changes, format!("environment {entered} added"), Some(id)).await
}

pub(crate) async fn remove_environment(app: &App, request: ById) -> Result<Saved, ApiError> {
    let (actor, environment) = need_entity(app, Kind::Environment, &request.id).await?;
    let id = environment.id.to_string();
    let mut changes = vec![Change::Deleted { entity: environment.id }];
    for target in living(app, Kind::Target).await? {
        if target.text(path::ENVIRONMENT) == Some(&id) {
            changes.push(Change::Deleted { entity: target.id });
        }
    }
    let summary = format!("environment {} removed", environment.name());
    app.save(actor, changes, summary, None).await
}

pub(crate) async fn add_target(app: &App, request: AddTarget) -> Result<Saved, ApiError> {
    let (actor, environment) = need_entity(app, Kind::Environment, &request.environment).await?;
    let context = name("context", &request.context)?;
    let namespaces = request
        .namespaces
        .iter()
        .filter(|namespace| !namespace.trim().is_empty())
        .map(|namespace| name("namespace", namespace))
        .collect::<Result<Vec<_>, _>>()?;
    let id = Uuid::now_v7();
    let changes = vec![
        Change::Created { entity: id, kind: Kind::Target },
        Change::field(id, path::ENVIRONMENT, environment.id.to_string()),
        Change::field(id, path::CONTEXT, context.clone()),
        Change::field(id, path::NAMESPACES, json!(namespaces)),
    ];
    let summary = format!("target {context} added to {}", environment.name());
    app.save(actor, changes, summary, Some(id)).await
}

pub(crate) async fn remove_target(app: &App, request: ById) -> Result<Saved, ApiError> {
    let (actor, target) = need_entity(app, Kind::Target, &request.id).await?;
    let summary = format!("target {} removed", target.text(path::CONTEXT).unwrap_or_default());
    app.save(actor, vec![Change::Deleted { entity: target.id }], summary, None).await
}

async fn need_entity(app: &App, kind: Kind, id: &str) -> Result<(Uuid, Entity), ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let found = living(app, kind).await?.into_iter().find(|entity| entity.id.to_string() == id);
    Ok((actor, found.ok_or_else(|| ApiError::not_found(kind.word(), id))?))
}

fn taken(names: &Names, entered: &str, but: Option<Uuid>) -> Result<(), ApiError> {
    match names.find(entered) {
        Some(other) if Some(other) != but => Err(ApiError::new(
            Code::NameTaken,
            format!(
                "{} is a person of the programme already. Nothing was changed.",
                names.of(other)
            ),
        )),
        _ => Ok(()),
    }
}

fn email(entered: Option<String>) -> Result<Value, ApiError> {
    let entered = entered.unwrap_or_default();
    if entered.trim().is_empty() {
        return Ok(Value::Null);
    }
    let email = name("e-mail", &entered)?;
    if email.contains('@') {
        Ok(json!(email))
    } else {
        Err(ApiError::argument("e-mail", "has no @"))
    }
}
