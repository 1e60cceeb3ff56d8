//! The forms of a retrospective. Markdown and the page come from the same blocks, and JSON is the
//! document itself, which reads back without loss.

use crate::dto::progress::{ReportFormat, ReportText};
use crate::dto::retro::{ActionView, FactSection, RetroDocument, SCHEMA_VERSION};
use crate::error::{ApiError, Code};
use crate::report::blocks::{self, Block};
use crate::report::{cell, ending};

/// Renders the document.
pub fn render(document: &RetroDocument, format: ReportFormat) -> ReportText {
    let title = format!("Retrospective: {}", document.sprint.name);
    let text = match format {
        ReportFormat::Md => blocks::markdown(&told(document)),
        ReportFormat::Html => blocks::html(&title, &told(document)),
        ReportFormat::Json => serde_json::to_string_pretty(document).unwrap_or_default() + "\n",
        ReportFormat::Csv => csv(document),
    };
    let file_name = format!("retrospective-{}.{}", document.sprint.first, ending(format));
    ReportText { file_name, text }
}

/// Reads an export back.
pub fn read(text: &str) -> Result<RetroDocument, ApiError> {
    let refused = |why: String| {
        ApiError::new(
            Code::FileRejected,
            format!("This is no export of a retrospective: {why}. Nothing was changed."),
        )
    };
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
    match value["schema_version"].as_u64() {
        Some(version) if version > u64::from(SCHEMA_VERSION) => Err(refused(format!(
            "a newer Pilotage wrote it (form {version}); this one reads up to {SCHEMA_VERSION}"
        ))),
        Some(_) => serde_json::from_value(value).map_err(|error| refused(error.to_string())),
        None => Err(refused("it names no schema_version".to_owned())),
    }
}

fn told(document: &RetroDocument) -> Vec<Block> {
    let mut blocks = head(document);
    blocks.push(Block::Heading(2, "1 Open actions from before".to_owned()));
    if document.open_actions.is_empty() {
        blocks.push(Block::Line("There were none.".to_owned()));
    } else {
        let rows = document.open_actions.iter().map(before_row).collect();
        let head = vec!["Action", "Owner", "Age", "Carried", "Outcome"];
        blocks.push(Block::Table(head, rows));
    }
    if let Some(person) = &document.skipped_by {
        blocks.push(Block::Line(format!("Skipped by {}.", person.name)));
    }
    facts(document, &mut blocks);
    notes(document, &mut blocks);
    blocks.push(Block::Heading(2, "4 Insights".to_owned()));
    let insights = document.insights.iter().map(|insight| {
        let facts = if insight.facts.is_empty() {
            String::new()
        } else {
            format!(" (facts {})", insight.facts.join(", "))
        };
        format!("{}{facts}; from {} notes", insight.statement, insight.notes.len())
    });
    items(&mut blocks, insights.collect(), "None.");
    actions(document, &mut blocks);
    close(document, &mut blocks);
    blocks
}

fn head(document: &RetroDocument) -> Vec<Block> {
    let sprint = &document.sprint;
    let names: Vec<&str> = document.present.iter().map(|person| person.name.as_str()).collect();
    let present = if names.is_empty() { "nobody was marked".to_owned() } else { names.join(", ") };
    // Short, as devices are told everywhere; an import may hold anything in their place.
    let short = |device: &String| device.chars().take(8).collect::<String>();
    let position = document.position.iter();
    let position: Vec<String> =
        position.map(|(device, seq)| format!("{}:{seq}", short(device))).collect();
    let mut blocks = vec![
        Block::Heading(
            1,
            format!(
                "Retrospective: {}, {} to {}, {}",
                sprint.name, sprint.first, sprint.last, sprint.kind
            ),
        ),
        Block::Line(format!(
            "Leader: {}. Present: {present}. As of {}{}. Format: {}. Notes: {}.",
            document.leader.as_ref().map_or("nobody", |leader| &leader.name),
            document.as_of,
            if position.is_empty() {
                String::new()
            } else {
                format!(" (log position {})", position.join(" "))
            },
            document.format.title,
            document.authors,
        )),
    ];
    if sprint.state != "ended" {
        blocks.push(Block::Line(format!("Sprint still {}.", sprint.state)));
    }
    for revision in document.revisions.iter().filter(|revision| !revision.closed) {
        let (by, at, why) = (&revision.by.name, &revision.at, &revision.reason);
        blocks.push(Block::Line(format!("Reopened by {by} on {at}: {why}")));
    }
    blocks
}

fn before_row(action: &ActionView) -> Vec<String> {
    let why = if action.reason.is_empty() { String::new() } else { format!(": {}", action.reason) };
    vec![
        action.text.clone(),
        action.owner.as_ref().map_or("nobody", |owner| &owner.name).to_owned(),
        format!("{} days", action.age_days),
        action.carried.to_string(),
        format!("{}{why}", action.outcome),
    ]
}

fn facts(document: &RetroDocument, blocks: &mut Vec<Block>) {
    let frozen = if document.frozen { "frozen" } else { "not frozen yet" };
    blocks.push(Block::Heading(2, format!("2 Facts ({frozen})")));
    blocks.push(Block::Line(match document.later_corrections {
        0 => "No later corrections.".to_owned(),
        1 => "1 later correction.".to_owned(),
        more => format!("{more} later corrections."),
    }));
    for section in &document.facts.sections {
        fact_section(document, section, blocks);
    }
    if !document.facts.effects.is_empty() {
        blocks.push(Block::Heading(3, "Before and after".to_owned()));
        blocks.push(Block::Line("Other things changed too; no cause is claimed.".to_owned()));
        let value = |value: Option<u32>| value.map_or("–".to_owned(), |value| value.to_string());
        let rows = document.facts.effects.iter().map(|effect| {
            vec![
                effect.text.clone(),
                format!("{} ({})", effect.metric.title, effect.direction),
                format!("{} (n = {})", value(effect.before.value), effect.before.n),
                format!("{} (n = {})", value(effect.after.value), effect.after.n),
                effect.moved.clone(),
            ]
        });
        let head = vec!["Action", "Metric", "Before", "After", "Moved"];
        blocks.push(Block::Table(head, rows.collect()));
    }
}

fn fact_section(document: &RetroDocument, section: &FactSection, blocks: &mut Vec<Block>) {
    let title = format!("{} {} ({})", section.number, section.title, section.tag);
    blocks.push(Block::Heading(3, title));
    if let Some(why) = &section.not_observed {
        blocks.push(Block::Line(format!("Not observed: {why}.")));
        return;
    }
    let figures = section.figures.iter().map(|figure| {
        let items: Vec<&str> = figure.items.iter().map(|item| item.text.as_str()).collect();
        let items =
            if items.is_empty() { String::new() } else { format!(": {}", items.join("; ")) };
        let doubt = document.doubts.iter().find(|doubt| doubt.figure == figure.id);
        let doubt = doubt.map_or_else(String::new, |doubt| {
            format!(" (doubted by {}: {})", doubt.by.name, doubt.comment)
        });
        format!("{}: {}{items}{doubt}", figure.label, figure.value)
    });
    blocks.push(Block::Items(figures.collect()));
}

fn notes(document: &RetroDocument, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(2, "3 Notes".to_owned()));
    match document.notes_left_out {
        0 => {}
        1 => blocks.push(Block::Line("1 note that speaks about people was left out.".to_owned())),
        more => {
            let line = format!("{more} notes that speak about people were left out.");
            blocks.push(Block::Line(line));
        }
    }
    if document.notes.is_empty() && document.notes_left_out > 0 {
        return;
    }
    if document.notes.is_empty() {
        blocks.push(Block::Line("Nobody wrote one.".to_owned()));
        return;
    }
    let named = |id: &Option<String>| {
        let group = document.groups.iter().find(|group| Some(&group.id) == id.as_ref())?;
        let votes = group.votes.map_or_else(String::new, |votes| format!(", {votes} votes"));
        Some(format!("{}{votes}", group.name))
    };
    let known = |id: &str| document.format.columns.iter().any(|column| column.id == id);
    let others = document.notes.iter().filter(|note| !known(&note.column));
    let mut columns: Vec<(&str, Vec<_>)> = document
        .format
        .columns
        .iter()
        .map(|column| {
            let notes = document.notes.iter().filter(|note| note.column == column.id);
            (column.title.as_str(), notes.collect())
        })
        .collect();
    columns.push(("Without a column", others.collect()));
    for (title, notes) in columns.into_iter().filter(|(_, notes)| !notes.is_empty()) {
        blocks.push(Block::Heading(3, title.to_owned()));
        let rows = notes.into_iter().map(|note| {
            let links = [note.service.as_ref().map(|s| s.name.clone()), note.check.clone()];
            let links: Vec<String> =
                links.into_iter().flatten().chain(note.facts.iter().cloned()).collect();
            vec![
                note.text.clone(),
                note.author.clone().unwrap_or_else(|| "unattributed".to_owned()),
                links.join(", "),
                named(&note.group).unwrap_or_default(),
            ]
        });
        blocks.push(Block::Table(vec!["Note", "Author", "About", "Group"], rows.collect()));
    }
}

fn actions(document: &RetroDocument, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(2, "5 Actions".to_owned()));
    if document.actions.is_empty() {
        blocks.push(Block::Line("None.".to_owned()));
    } else {
        let rows = document.actions.iter().map(|action| {
            let metric = action.metric.as_ref().map_or_else(String::new, |metric| {
                format!(" ({} {})", metric.title, action.direction.as_deref().unwrap_or_default())
            });
            vec![
                action.text.clone(),
                action.owner.as_ref().map_or("nobody", |owner| &owner.name).to_owned(),
                action.due_sprint.as_ref().map_or("the next sprint", |due| &due.name).to_owned(),
                format!("{}{metric}", action.seen_by),
                action.target.clone(),
                action.state.clone(),
            ]
        });
        let head = vec!["Action", "Owner", "Due", "How we will see it worked", "Target", "State"];
        blocks.push(Block::Table(head, rows.collect()));
    }
    let all = &document.follow_through;
    let age = all.open_age.map_or_else(String::new, |age| format!(", median open age {age} days"));
    blocks.push(Block::Line(format!(
        "Follow-through so far: {} of {} done, {} carried at least once{age}.",
        all.done, all.agreed, all.carried
    )));
}

fn close(document: &RetroDocument, blocks: &mut Vec<Block>) {
    blocks.push(Block::Heading(2, "6 Close".to_owned()));
    let spread = |counts: &[u32]| {
        let told = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let told: Vec<String> =
            told.map(|(place, count)| format!("{} × {}", count, place + 1)).collect();
        if told.is_empty() { "not asked".to_owned() } else { told.join(", ") }
    };
    let mut lines = vec![
        format!("Return on time invested, 1 to 5: {}", spread(&document.return_on_time)),
        format!("Confidence in the next sprint, 1 to 5: {}", spread(&document.confidence)),
    ];
    if let Some(leader) = &document.next_leader {
        lines.push(format!("Next leader: {} ({})", leader.person.name, leader.reason));
    }
    for pair in &document.pairs {
        let people: Vec<&str> = pair.people.iter().map(|person| person.name.as_str()).collect();
        lines.push(format!("Pair: {} ({})", people.join(" and "), pair.reason));
    }
    blocks.push(Block::Items(lines));
    blocks.push(Block::Heading(2, "7 Kudos".to_owned()));
    let kudos = document.kudos.iter().map(|kudos| format!("{}: {}", kudos.to.name, kudos.text));
    items(blocks, kudos.collect(), "None.");
}

fn items(blocks: &mut Vec<Block>, items: Vec<String>, none: &str) {
    let nothing = items.is_empty();
    blocks.push(if nothing { Block::Line(none.to_owned()) } else { Block::Items(items) });
}

/// One row an action: those from before, then those agreed on.
fn csv(document: &RetroDocument) -> String {
    let mut text = String::from("id,action,owner,due,seen_by,state,outcome,carried,from\r\n");
    for action in document.open_actions.iter().chain(&document.actions) {
        let cells = [
            cell(&action.id),
            cell(&action.text),
            cell(action.owner.as_ref().map_or("", |owner| &owner.name)),
            cell(action.due_sprint.as_ref().map_or("", |due| &due.name)),
            cell(&action.seen_by),
            cell(&action.state),
            cell(&action.outcome),
            action.carried.to_string(),
            cell(&action.from),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::retro::{
        FactFigure, FactItem, FactSection, FactsView, FollowThrough, FormatView, GroupView,
        KudosView, NoteView, RetroSprint,
    };
    use crate::dto::session::{NodeRef, PersonRef};
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    fn notes() -> impl Strategy<Value = Vec<NoteView>> {
        let note = (any::<[String; 3]>(), any::<Option<String>>(), vec(any::<String>(), 0..3));
        vec(note, 0..5).prop_map(|notes| {
            let note = |([id, column, text], author, facts): (
                [String; 3],
                Option<String>,
                Vec<String>,
            )| NoteView {
                service: author.clone().map(|name| NodeRef { id: id.clone(), name }),
                check: facts.first().cloned(),
                group: facts.last().cloned(),
                before: facts.clone(),
                id,
                column,
                text,
                author,
                facts,
            };
            notes.into_iter().map(note).collect()
        })
    }

    fn documents() -> impl Strategy<Value = RetroDocument> {
        let words = any::<[String; 8]>();
        let numbers = (any::<[u32; 5]>(), btree_map(any::<String>(), any::<u64>(), 0..3));
        let flags = any::<[bool; 3]>();
        (words, numbers, flags, notes()).prop_map(|(words, (counts, position), flags, notes)| {
            let [name, text, day, kind, format, authors, label, value] = words;
            let person = PersonRef { id: name.clone(), name: text.clone() };
            let figure = FactFigure {
                id: label.clone(),
                label: label.clone(),
                value,
                items: vec![FactItem {
                    text: text.clone(),
                    service: None,
                    check: Some(label.clone()),
                    day: Some(day.clone()),
                }],
            };
            let section = FactSection {
                number: "2.1".to_owned(),
                title: label.clone(),
                query: text.clone(),
                tag: "measured".to_owned(),
                not_observed: flags[0].then(|| text.clone()),
                figures: vec![figure],
            };
            RetroDocument {
                schema_version: SCHEMA_VERSION,
                id: name.clone(),
                programme: name.clone(),
                sprint: RetroSprint {
                    id: name.clone(),
                    name,
                    goal: text.clone(),
                    kind,
                    state: "ended".to_owned(),
                    first: day.clone(),
                    last: day.clone(),
                },
                leader: flags[1].then(|| person.clone()),
                present: vec![person.clone()],
                as_of: day,
                frozen: flags[2],
                position,
                later_corrections: counts[0],
                format: FormatView { id: format.clone(), title: format, columns: Vec::new() },
                authors,
                voting: "tallies".to_owned(),
                step: "close".to_owned(),
                skipped_by: flags[0].then(|| person.clone()),
                revealed: flags[1],
                closed: flags[2],
                revisions: Vec::new(),
                open_actions: Vec::new(),
                facts: FactsView { sections: vec![section], ..FactsView::default() },
                doubts: Vec::new(),
                notes,
                notes_left_out: counts[3],
                groups: vec![GroupView {
                    id: label.clone(),
                    name: label,
                    votes: flags[0].then_some(counts[1]),
                    cast: [("room".to_owned(), counts[1])].into(),
                }],
                insights: Vec::new(),
                actions: Vec::new(),
                follow_through: FollowThrough { agreed: counts[2], ..FollowThrough::default() },
                return_on_time: counts.to_vec(),
                confidence: counts.to_vec(),
                next_leader: None,
                pairs: Vec::new(),
                kudos: vec![KudosView { id: text.clone(), to: person, text }],
            }
        })
    }

    proptest! {
        #[test]
        fn an_export_reads_back_as_the_same_document(document in documents()) {
            let text = render(&document, ReportFormat::Json).text;
            let read = read(&text).expect("an export is an export");
            prop_assert_eq!(&read, &document);
            for format in [ReportFormat::Md, ReportFormat::Html, ReportFormat::Json] {
                prop_assert_eq!(render(&read, format).text, render(&document, format).text);
            }
        }
    }

    #[test]
    fn what_is_no_export_is_refused_with_the_reason() {
        let check = |text: &str, why: &str| {
            let error = read(text).unwrap_err();
            assert_eq!(error.code, Code::FileRejected);
            assert!(error.message.contains(why), "{text}: {error}");
        };
        check("# Retrospective", "expected value");
        check("{}", "schema_version");
        check("{\"schema_version\":2}", "newer Pilotage");
        check("{\"schema_version\":1}", "missing field");
    }
}
