//! The playbook at work: shown as text, tried before it is adopted, adopted, drafted into.

use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::playbook::{
    AdoptPlaybook, AdoptedText, AdoptionRequest, AdoptionView, AffectedService, DraftCheck,
    DraftedPlaybook, PlaybookDifference, PlaybookFault, PlaybookRow, PlaybookStage, PlaybookTrial,
    PlaybookView, TryPlaybook,
};
use crate::dto::session::{Nothing, Saved};
use crate::error::{ApiError, Code};
use crate::handlers::actions::{name, needed};
use crate::handlers::hosted::save;
use crate::names::{Names, find_node, node_ref};
use crate::programme::Programme;
use pilotage_domain::change::Change;
use pilotage_domain::fact::{Happening, Recorded, Scope};
use pilotage_domain::journey::{Journey, Result as CheckResult, Standing};
use pilotage_domain::playbook::{
    self, Check, CheckState, Fault, MAX_TEXT, Playbook, PlaybookRefused, WaiverPolicy, line_of,
};
use pilotage_domain::words::NodeClass;
use pilotage_store::NodeRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Sentences that say why a service is affected; the rest is counted.
const REASONS: usize = 5;

pub(crate) async fn playbook(app: &App, _: Nothing) -> Result<PlaybookView, ApiError> {
    let programme = Programme::load(app).await?;
    let names = Names::load(app).await?;
    let nodes = app.store.nodes(app.clock.now()).await?;
    let words = &programme.words;
    let text = text_in_force(app, &programme).await?;
    let standings = standings(&programme, &nodes);
    let stages = words
        .stages
        .iter()
        .map(|stage| PlaybookStage {
            id: stage.id.clone(),
            title: stage.title.clone(),
            meaning: stage.meaning.clone(),
            checks: words
                .checks
                .iter()
                .filter(|check| check.stage == stage.id)
                .map(|check| row(&programme, check, &text, &standings))
                .collect(),
        })
        .collect();
    let archetypes: BTreeSet<&String> = words
        .checks
        .iter()
        .flat_map(|check| &check.archetypes)
        .chain(nodes.iter().filter_map(|node| node.listed.archetype.as_ref()))
        .collect();
    Ok(PlaybookView {
        name: words.playbook.clone(),
        version: words.version,
        title: words.title.clone(),
        adopted_at: programme.adoption.as_ref().map(|fact| rfc3339(fact.fact.occurred_at)),
        adoption: programme.adoption.as_ref().map(|fact| fact.id.to_string()),
        waivers: match words.waivers {
            WaiverPolicy::Anyone => "anyone",
            WaiverPolicy::SecondPerson => "second_person",
        }
        .to_owned(),
        stages,
        archetypes: archetypes.into_iter().cloned().collect(),
        history: history(app, &names).await?,
        text,
    })
}

async fn history(app: &App, names: &Names) -> Result<Vec<AdoptionView>, ApiError> {
    let (adoptions, _) = app.store.rules().await?;
    Ok(adoptions.iter().rev().filter_map(|recorded| adoption_view(recorded, names)).collect())
}

fn adoption_view(recorded: &Recorded, names: &Names) -> Option<AdoptionView> {
    let Happening::PlaybookAdopted { rules } = &recorded.fact.what else { return None };
    let counted = rules.checks.iter().filter(|rule| rule.counted).count();
    Some(AdoptionView {
        id: recorded.id.to_string(),
        name: rules.playbook.clone(),
        version: rules.version,
        at: rfc3339(recorded.fact.occurred_at),
        by: names.of(recorded.actor),
        counted: u32::try_from(counted).unwrap_or(u32::MAX),
    })
}

pub(crate) async fn adopted_text(
    app: &App,
    request: AdoptionRequest,
) -> Result<AdoptedText, ApiError> {
    let unknown = || ApiError::not_found("adoption", &request.adoption);
    let (adoptions, _) = app.store.rules().await?;
    let recorded = adoptions.iter().find(|recorded| recorded.id.to_string() == request.adoption);
    let recorded = recorded.ok_or_else(unknown)?;
    let adoption = adoption_view(recorded, &Names::load(app).await?).ok_or_else(unknown)?;
    let text = app.store.entity(recorded.id).await?.playbook_text();
    let text = text.unwrap_or_else(|| playbook::DEFAULT.to_owned());
    Ok(AdoptedText { adoption, text })
}

/// The text of the playbook in force: the team's, or the one that comes with the product.
async fn text_in_force(app: &App, programme: &Programme) -> Result<String, ApiError> {
    let kept = match &programme.adoption {
        Some(adoption) => app.store.entity(adoption.id).await?.playbook_text(),
        None => None,
    };
    Ok(kept.unwrap_or_else(|| playbook::DEFAULT.to_owned()))
}

/// How many services in scope pass each check, and to how many it applies.
fn standings(programme: &Programme, nodes: &[NodeRow]) -> BTreeMap<String, (u32, u32)> {
    let mut standings: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for node in nodes {
        if node.class != NodeClass::Service || node.summary.scope != Scope::In {
            continue;
        }
        for ((_, rule), cell) in programme.ladder.checks.iter().zip(node.summary.cells.chars()) {
            let (passed, applies) = standings.entry(rule.id.clone()).or_default();
            *passed += u32::from(matches!(cell, 'p' | 'c'));
            *applies += u32::from(cell != 'n');
        }
    }
    standings
}

fn row(
    programme: &Programme,
    check: &Check,
    text: &str,
    standings: &BTreeMap<String, (u32, u32)>,
) -> PlaybookRow {
    let (passed, applies) = standings.get(&check.id).copied().unwrap_or_default();
    let title = |id: &String| programme.skills.get(id).unwrap_or(id).clone();
    PlaybookRow {
        id: check.id.clone(),
        title: check.title.clone(),
        version: check.version,
        kind: check.kind.word().to_owned(),
        state: check.state.word().to_owned(),
        counted_from: check.counted_from.map(|day| day.to_string()),
        weight: check.weight,
        archetypes: check.archetypes.clone(),
        line: line_of(text, &check.id).unwrap_or(1),
        passed,
        applies,
        what: check.what.clone(),
        why: check.why.clone(),
        steps: check.how.steps.clone(),
        script: check.how.script.clone(),
        fix_link: check.fix_link.clone(),
        skills: check.skills.iter().map(title).collect(),
        stale_after_days: check.stale_after_days,
    }
}

pub(crate) async fn try_playbook(
    app: &App,
    request: TryPlaybook,
) -> Result<PlaybookTrial, ApiError> {
    let programme = Programme::load(app).await?;
    let now = app.clock.now();
    let tried = match read(&programme, &request.text) {
        Ok(tried) => tried,
        Err(faults) => {
            return Ok(PlaybookTrial {
                faults,
                version: 0,
                differences: Vec::new(),
                affected: Vec::new(),
                services: 0,
            });
        }
    };
    let nodes = app.store.nodes(now).await?;
    let rules = tried.rules(programme.zone);
    let supposed: BTreeMap<Uuid, Journey> =
        app.store.suppose(rules.clone(), now).await?.into_iter().collect();
    let mut affected = Vec::new();
    let mut services = 0;
    for node in nodes.iter() {
        if node.class != NodeClass::Service || node.summary.scope != Scope::In {
            continue;
        }
        services += 1;
        let Some(then) = supposed.get(&node.id) else { continue };
        let summary = &node.summary;
        if summary.stage == then.stage && summary.reproving == then.reproving {
            continue;
        }
        let Some(detail) = app.store.node(node.id, now).await? else { continue };
        affected.push(affected_service(&programme, &tried, node, &detail.journey, then));
    }
    Ok(PlaybookTrial {
        faults: Vec::new(),
        version: tried.version,
        differences: differences(&programme.words, &tried),
        affected,
        services,
    })
}

/// Reads a playbook that is to follow the one in force.
fn read(programme: &Programme, text: &str) -> Result<Playbook, Vec<PlaybookFault>> {
    let plain = |fault: Fault| PlaybookFault { line: fault.line, text: fault.text, raise_to: None };
    let tried = match Playbook::parse(text) {
        Ok(tried) => tried,
        Err(PlaybookRefused(faults)) => return Err(faults.into_iter().map(plain).collect()),
    };
    let words = &programme.words;
    if tried.playbook == words.playbook && tried.version <= words.version && tried != **words {
        let next = words.version.saturating_add(1);
        return Err(vec![PlaybookFault {
            line: version_line(text),
            text: format!(
                "version {} is in force; give this one a higher number, such as {next}",
                words.version
            ),
            raise_to: Some(next),
        }]);
    }
    Ok(tried)
}

/// Line, from 1, at which the version of the whole playbook stands.
fn version_line(text: &str) -> Option<u32> {
    let mut lines = (1..).zip(text.lines());
    lines.find_map(|(number, line)| line.starts_with("version:").then_some(number))
}

fn affected_service(
    programme: &Programme,
    tried: &Playbook,
    node: &NodeRow,
    now: &Journey,
    then: &Journey,
) -> AffectedService {
    let title_then = |id: Option<&str>| {
        let stage = tried.stages.iter().find(|stage| Some(stage.id.as_str()) == id);
        stage.map_or_else(|| programme.title(id), |stage| stage.title.clone())
    };
    let place = |id: &Option<String>| {
        tried.stages.iter().position(|stage| Some(&stage.id) == id.as_ref()).map_or(0, |at| at + 1)
    };
    let up = (now.stage != then.stage).then(|| place(&then.stage) > place(&now.stage));
    AffectedService {
        service: node_ref(node),
        from: programme.title(now.stage.as_deref()),
        to: title_then(then.stage.as_deref()),
        up,
        reproving: then.reproving && !now.reproving,
        passed: (now.counts.passed, then.counts.passed),
        counted: (now.counts.counted, then.counts.counted),
        why: why(programme, tried, now, then),
    }
}

/// Which checks make the difference.
fn why(programme: &Programme, tried: &Playbook, now: &Journey, then: &Journey) -> Vec<String> {
    let titled = |id: &str, title: &str| format!("{id} \u{201c}{title}\u{201d}");
    let mut why = Vec::new();
    for check in then.checks.iter().filter(|check| check.counted && !check.result.satisfies()) {
        let title = tried.checks.iter().find(|words| words.id == check.check);
        let title = title.map_or("", |words| words.title.as_str());
        let before = now.checks.iter().find(|before| before.check == check.check);
        let change = match before {
            None => "is new",
            Some(before) if !before.counted => "counts now",
            Some(before) if before.result.satisfies() => "is stricter",
            Some(before) if before.stage != check.stage => "is judged with another stage",
            Some(_) => continue,
        };
        let result = match check.result {
            CheckResult::Fail => "fails",
            _ => "is not known",
        };
        let held = match check.standing {
            Standing::Reproving { .. } => "; the stage is kept while it is re-proved",
            _ => "",
        };
        why.push(format!("{} {change} and {result}{held}", titled(&check.check, title)));
    }
    for check in now.checks.iter().filter(|check| check.counted && !check.result.satisfies()) {
        let after = then.checks.iter().find(|after| after.check == check.check);
        if after.is_none_or(|after| !after.counted) {
            let title = programme.check_title(&check.check);
            why.push(format!("{} counts no more", titled(&check.check, &title)));
        }
    }
    let more = why.len().saturating_sub(REASONS);
    why.truncate(REASONS);
    if more > 0 {
        why.push(format!("and {more} more"));
    }
    why
}

fn differences(before: &Playbook, after: &Playbook) -> Vec<PlaybookDifference> {
    let mut differences = Vec::new();
    let mut note = |of: &str, id: &str, kind: &str, text: String| {
        differences.push(PlaybookDifference {
            of: of.to_owned(),
            id: id.to_owned(),
            kind: kind.to_owned(),
            text,
        });
    };
    for stage in &after.stages {
        match before.stages.iter().find(|other| other.id == stage.id) {
            None => note("stage", &stage.id, "added", format!("Stage {} is new", stage.title)),
            Some(other) if other != stage => {
                note(
                    "stage",
                    &stage.id,
                    "reworded",
                    format!("Stage {} reads otherwise", stage.title),
                );
            }
            Some(_) => {}
        }
    }
    for stage in &before.stages {
        if !after.stages.iter().any(|other| other.id == stage.id) {
            note("stage", &stage.id, "removed", format!("Stage {} is gone", stage.title));
        }
    }
    let order = |playbook: &Playbook| -> Vec<String> {
        playbook.stages.iter().map(|stage| stage.id.clone()).collect()
    };
    let (was, is) = (order(before), order(after));
    if was != is && was.iter().collect::<BTreeSet<_>>() == is.iter().collect::<BTreeSet<_>>() {
        note("stage", "", "moved", "The stages stand in another order".to_owned());
    }
    for check in &after.checks {
        let (id, title) = (&check.id, &check.title);
        let Some(other) = before.checks.iter().find(|other| other.id == *id) else {
            let how = match (check.state, check.counted_from) {
                (CheckState::Draft, _) => "a draft".to_owned(),
                (CheckState::Visible, _) => "visible".to_owned(),
                (CheckState::Counted, Some(day)) => format!("counted from {day}"),
                (CheckState::Counted, None) => "counted".to_owned(),
            };
            note("check", id, "added", format!("{id} \u{201c}{title}\u{201d} is new and {how}"));
            continue;
        };
        if other == check {
            continue;
        }
        let mut told = false;
        if check.state != other.state || check.counted_from != other.counted_from {
            let counts = check.state == CheckState::Counted;
            let kind = if counts { "counts" } else { "counts_no_more" };
            let from = check.counted_from.map_or_else(String::new, |day| format!(" from {day}"));
            let text = format!(
                "{id} \u{201c}{title}\u{201d} was {} and is {}{from}",
                other.state.word(),
                check.state.word()
            );
            note("check", id, kind, text);
            told = true;
        }
        if check.version > other.version {
            let text = format!(
                "{id} \u{201c}{title}\u{201d} is stricter: version {} after {}; it has to be proved again",
                check.version, other.version
            );
            note("check", id, "stricter", text);
            told = true;
        }
        if check.stage != other.stage {
            let text = format!(
                "{id} \u{201c}{title}\u{201d} moved from {} to {}",
                other.stage, check.stage
            );
            note("check", id, "moved", text);
            told = true;
        }
        if !told {
            let text = format!(
                "{id} \u{201c}{title}\u{201d} reads otherwise; its findings stay, since its version does"
            );
            note("check", id, "reworded", text);
        }
    }
    for check in &before.checks {
        if !after.checks.iter().any(|other| other.id == check.id) {
            let text = format!("{} \u{201c}{}\u{201d} is gone", check.id, check.title);
            note("check", &check.id, "removed", text);
        }
    }
    if before.waivers != after.waivers {
        let text = match after.waivers {
            WaiverPolicy::Anyone => "Anybody may waive a check, with a reason",
            WaiverPolicy::SecondPerson => "A waiver needs a second person from now on",
        };
        note("playbook", "waivers", "reworded", text.to_owned());
    }
    differences
}

pub(crate) async fn adopt_playbook(app: &App, request: AdoptPlaybook) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let programme = Programme::load(app).await?;
    let in_force = programme.adoption.as_ref().map(|adoption| adoption.id.to_string());
    if request.seen.is_some() && request.seen != in_force {
        return Err(ApiError::new(
            Code::NotPossible,
            "Another playbook was adopted since this one was opened. Nothing was changed. Keep \
             your text, look at the other one, and bring the two together.",
        ));
    }
    let adopted = read(&programme, &request.text).map_err(|faults| faulty(&faults))?;
    if adopted == *programme.words && request.text == text_in_force(app, &programme).await? {
        return Err(ApiError::new(
            Code::NotPossible,
            "This playbook is in force already. Nothing was changed.",
        ));
    }
    let id = Uuid::now_v7();
    let mut changes = Change::adopt(&adopted, &request.text, programme.zone, id, app.clock.now());
    if !request.closes.is_empty() {
        let reason = format!("{} version {} was adopted", adopted.playbook, adopted.version);
        changes.extend(crate::retro::adopted(app, &request.closes, &reason).await?);
    }
    let summary = format!("Playbook {} version {} adopted", adopted.playbook, adopted.version);
    app.save(actor, changes, summary, Some(id)).await
}

fn faulty(faults: &[PlaybookFault]) -> ApiError {
    let more = match faults.len().saturating_sub(1) {
        0 => String::new(),
        1 => " There is one more fault.".to_owned(),
        more => format!(" There are {more} more faults."),
    };
    let first = faults.first();
    let text = first.map_or("it is empty", |fault| fault.text.as_str());
    let place = first
        .and_then(|fault| fault.line)
        .map_or_else(String::new, |line| format!(" at line {line}"));
    let all = faults.iter().map(|fault| match fault.line {
        Some(line) => format!("line {line}: {}", fault.text),
        None => fault.text.clone(),
    });
    let mut error = ApiError::new(
        Code::FileRejected,
        format!("The playbook has a fault{place}: {text}.{more} The one in force stays."),
    )
    .with("detail", all.collect::<Vec<_>>().join("; "));
    if let Some(line) = first.and_then(|fault| fault.line) {
        error = error.with("line", line);
    }
    error
}

pub(crate) async fn draft_check(
    app: &App,
    request: DraftCheck,
) -> Result<DraftedPlaybook, ApiError> {
    let programme = Programme::load(app).await?;
    let (text, words) = match request.text {
        Some(text) => {
            let words = Playbook::parse(&text).map_err(|refused| in_the_editor(&refused))?;
            (text, Arc::new(words))
        }
        None => (text_in_force(app, &programme).await?, Arc::clone(&programme.words)),
    };
    let Some(stage) = words.stages.iter().find(|stage| stage.id == request.stage) else {
        return Err(ApiError::not_found("stage of the playbook", &request.stage));
    };
    let title = name("title", &request.title)?;
    let what = needed("field \u{201c}what\u{201d}", &request.what)?;
    let mut why = needed("field \u{201c}why\u{201d}", &request.why)?;
    if let Some(service) = &request.service {
        let nodes = app.store.nodes(app.clock.now()).await?;
        let name = &find_node(&nodes, service)?.name;
        let stop = if why.ends_with(['.', '!', '?', ':', ';']) { "" } else { "." };
        why = format!("{why}{stop} It came up on {name}.");
    }
    let id = free_id(app, &words).await?;
    let drafted = insert_check(&text, &id, &stage.id, &title, &what, &why)
        .map(|drafted| raise_version(&drafted, words.version.max(programme.words.version + 1)));
    match drafted {
        Some(text) if Playbook::parse(&text).is_ok() => {
            let line = line_of(&text, &id).unwrap_or(1);
            Ok(DraftedPlaybook { text, check: id, line })
        }
        _ => Err(ApiError::new(
            Code::NotPossible,
            "The playbook is written in a form into which a check cannot be inserted. Nothing was \
             changed. Add the check in the text by hand.",
        )),
    }
}

/// An id that no check has, and none ever had: findings refer to it for ever.
async fn free_id(app: &App, words: &Playbook) -> Result<String, ApiError> {
    let mut taken: BTreeSet<String> = words.checks.iter().map(|check| check.id.clone()).collect();
    for recorded in app.store.rules().await?.0 {
        if let Happening::PlaybookAdopted { rules } = recorded.fact.what {
            taken.extend(rules.checks.into_iter().map(|rule| rule.id));
        }
    }
    let free = (1..=taken.len() + 1).map(|number| format!("OWN-{number:02}"));
    Ok(free.into_iter().find(|id| !taken.contains(id)).unwrap_or_default())
}

fn in_the_editor(refused: &PlaybookRefused) -> ApiError {
    let first = refused.0.first();
    let place = first.and_then(|fault| fault.line);
    let place = place.map_or_else(String::new, |line| format!(" at line {line}"));
    let text = first.map_or("it is empty", |fault| fault.text.as_str());
    ApiError::new(
        Code::NotPossible,
        format!(
            "The text in the editor has a fault{place}: {text}. It is unharmed, and nothing was \
             added. Mend it first, or discard it."
        ),
    )
}

/// Puts a draft behind the last check, indented as the others are.
fn insert_check(
    text: &str,
    id: &str,
    stage: &str,
    title: &str,
    what: &str,
    why: &str,
) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let checks = lines.iter().position(|line| line.trim_end() == "checks:")?;
    let entry = lines[checks + 1..].iter().find(|line| line.trim_start().starts_with("- "))?;
    let indent = &entry[..entry.len() - entry.trim_start().len()];
    // The list ends at the next key of the document, or with the text.
    let end = lines[checks + 1..]
        .iter()
        .position(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map_or(lines.len(), |at| checks + 1 + at);
    let end = (checks + 1..end).rfind(|at| !lines[*at].trim().is_empty()).map_or(end, |at| at + 1);
    // A JSON string is a YAML string.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let check = [
        String::new(),
        format!("{indent}- id: {id}"),
        format!("{indent}  version: 1"),
        format!("{indent}  stage: {stage}"),
        format!("{indent}  title: {}", quoted(title)),
        format!("{indent}  kind: manual"),
        format!("{indent}  state: draft"),
        format!("{indent}  weight: 1"),
        format!("{indent}  what: {}", quoted(what)),
        format!("{indent}  why: {}", quoted(why)),
        format!("{indent}  how:"),
        format!("{indent}    steps: []"),
    ];
    let mut all: Vec<String> = lines[..end].iter().map(|line| (*line).to_owned()).collect();
    all.extend(check);
    all.extend(lines[end..].iter().map(|line| (*line).to_owned()));
    Some(all.join("\n") + "\n")
}

fn raise_version(text: &str, version: u32) -> String {
    let mut raised = false;
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if !raised && line.starts_with("version:") {
                raised = true;
                format!("version: {version}")
            } else {
                line.to_owned()
            }
        })
        .collect();
    lines.join("\n") + "\n"
}

pub(crate) async fn choose_playbook(app: &App, _: Nothing) -> Result<Option<String>, ApiError> {
    let Some(path) = app.host.choose_playbook().await else { return Ok(None) };
    read_playbook(&path).await.map(Some)
}

/// Reads a playbook's file, whole.
pub async fn read_playbook(path: &std::path::Path) -> Result<String, ApiError> {
    let refuse = |why: String| {
        Err(ApiError::new(Code::FileRejected, format!("{why} The playbook in force stays."))
            .with("file", path.display()))
    };
    let shown = path.display();
    match tokio::fs::metadata(path).await {
        Err(error) => return refuse(format!("{shown} cannot be read: {error}.")),
        Ok(facts) if !facts.is_file() => return refuse(format!("{shown} is no file.")),
        Ok(facts) if facts.len() > MAX_TEXT as u64 => {
            return refuse(format!("{shown} is larger than 1 MB."));
        }
        Ok(_) => {}
    }
    match tokio::fs::read_to_string(path).await {
        Ok(text) => Ok(text),
        Err(error) => refuse(format!("{shown} cannot be read as UTF-8 text: {error}.")),
    }
}

pub(crate) async fn save_playbook(
    app: &App,
    request: TryPlaybook,
) -> Result<Option<String>, ApiError> {
    save(app, "playbook.yaml", &request.text).await
}

#[cfg(test)]
mod tests {
    use super::{insert_check, raise_version};
    use pilotage_domain::playbook::{CheckState, DEFAULT, Playbook};

    #[test]
    fn a_draft_is_inserted_where_checks_end() {
        let check = |text: &str| {
            let title = "It says: \"no\" # really";
            let drafted = insert_check(text, "OWN-01", "live", title, "What\nholds", "Because");
            let drafted = raise_version(&drafted.unwrap(), 2);
            let read = Playbook::parse(&drafted).unwrap();
            let check = read.checks.last().unwrap();
            assert_eq!((check.id.as_str(), check.title.as_str()), ("OWN-01", title));
            assert_eq!((check.what.as_str(), check.state), ("What\nholds", CheckState::Draft));
            assert_eq!(read.version, 2);
            let before = Playbook::parse(text).unwrap();
            assert_eq!(read.checks[..before.checks.len()], before.checks);
        };
        check(DEFAULT);
        // With another key behind the checks.
        let moved = DEFAULT.replacen("title: Into continuous delivery on Kubernetes\n", "", 1);
        check(&format!("{moved}\ntitle: At the end\n"));
        assert_eq!(insert_check("checks: []", "A", "live", "t", "w", "y"), None, "flow style");
    }
}
