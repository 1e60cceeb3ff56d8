//! Tables (CSV), as spreadsheets write them: columns in any order, recognised by their titles or
//! mapped by a person; `,`, `;` or tab between cells.
//!
//! A cell that cannot be taken is a rejected row of its own, with its line; the rest of the service
//! is taken. An empty cell says nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use pilotage_domain::words::{DependencyKind, NodeClass};

use crate::classify::{Subject, classify};
use crate::discovered::{
    Alias, Column, Discovered, DiscoveredDependency, DiscoveredService, Evidence, Said,
};
use crate::error::DiscoveryError;
use crate::file::read_text;
use crate::format::{Field, Format, title_key};
use crate::image::{Image, ImageHabits};
use crate::names::{normalised, shown};
use crate::node::{At, FileId};
use crate::paths::{absolute, folder};
use crate::report::Session;
use crate::said;

/// Columns of a table.
const MAX_COLUMNS: usize = 200;
/// Rows of a table.
const MAX_ROWS: usize = 20_000;
/// Characters of a cell: more than any field takes.
const MAX_CELL: usize = 10_000;
/// Cells of all tables of one import.
const MAX_CELLS: usize = 1_000_000;
/// Elements in one cell.
const MAX_ELEMENTS: usize = 200;
/// Samples of a column.
const SAMPLES: usize = 3;
/// A person wrote it down.
const TABLE_PERCENT: u8 = 80;

/// An empty table with every column that is read, and one row that shows the form.
pub const TEMPLATE: &str = "\
name,class,aliases,owner,team,repository,source_directory,image,criticality,effort,archetype,difficulty,target_date,tags,links,depends_on,notes\r\n\
example-service,service,example; example-api,Ann Example,Team Blue,https://git.example/shop/example,services/example,registry.example/shop/example:1.0,3,M,web,moderate,2027-06-30,checkout; public,Runbook https://docs.example/runbook,,Replace this row\r\n";

/// Titles that mean a field, beside its own word; in the form of [`title_key`].
const SYNONYMS: &[(Field, &[&str])] = &[
    (
        Field::Name,
        &["service", "servicename", "component", "application", "app", "microservice", "workload"],
    ),
    (Field::Class, &["nodeclass", "serviceclass"]),
    (Field::Aliases, &["alias", "othernames", "alsoknownas", "aka"]),
    (Field::Owner, &["serviceowner", "contact", "responsible", "maintainer", "techlead"]),
    (Field::Team, &["squad", "group", "owningteam", "ownerteam", "department"]),
    (
        Field::Repository,
        &["repo", "repositoryurl", "repourl", "git", "giturl", "sourcecode", "vcs"],
    ),
    (Field::SourceDirectory, &["directory", "folder", "path", "sourcefolder"]),
    (Field::Image, &["containerimage", "dockerimage"]),
    (Field::Criticality, &["businesscriticality", "importance", "priority"]),
    (Field::Effort, &["size", "tshirtsize", "tshirt", "estimate"]),
    (Field::Archetype, &["template", "stack", "kindofservice"]),
    (Field::Difficulty, &["complexity", "difficultyclass"]),
    (Field::TargetDate, &["target", "due", "duedate", "deadline", "dueon"]),
    (Field::Tags, &["tag", "labels", "label", "keywords"]),
    (Field::Links, &["link", "url", "urls", "documentation", "docs", "wiki", "runbook"]),
    (Field::DependsOn, &["dependencies", "dependency", "requires", "needs", "uses", "calls"]),
    (Field::Notes, &["note", "comment", "comments", "remark", "remarks", "description"]),
];

/// A table before anything is made of it.
struct Sheet {
    id: FileId,
    titles: Vec<String>,
    /// Line and cells of each row.
    rows: Vec<(u32, Vec<String>)>,
}

/// Reads tables. `mapping` names columns by title.
pub(crate) fn read(
    paths: &[PathBuf],
    mapping: &[(String, Option<Field>)],
) -> Result<Discovered, DiscoveryError> {
    let Some(first) = paths.first() else {
        return Err(DiscoveryError::NoFile);
    };
    let mut session = Session::new(folder(&absolute(first)));
    let mut sheets = Vec::new();
    let mut cells = 0;
    for path in paths {
        let id = session.file(&absolute(path));
        session.spend_file(At { file: id, line: 1 })?;
        let file = session.shown(id).to_owned();
        let text = read_text(path, &file)?;
        sheets.push(sheet(&text, id, &file, &mut cells, &mut session)?);
    }
    check_mapping(mapping, &sheets)?;
    let mut columns: Vec<Column> = Vec::new();
    let mut rows = Rows::default();
    for sheet in &sheets {
        let fields = fields(sheet, mapping)?;
        if fields.contains(&Some(Field::Name)) {
            for (line, cells) in &sheet.rows {
                rows.take(At { file: sheet.id, line: *line }, cells, sheet, &fields, &mut session);
            }
        } else {
            let at = At { file: sheet.id, line: 1 };
            let reason = "No column holds the names of services. Say which one does.";
            session.reject("name", at, reason);
        }
        for (index, (title, field)) in sheet.titles.iter().zip(&fields).enumerate() {
            if !columns.iter().any(|column| column.title == *title) {
                let samples = samples(sheet, index);
                columns.push(Column { title: title.clone(), field: *field, samples });
            }
        }
    }
    let dependencies = rows.dependencies(&mut session);
    let found = Discovered {
        format: Format::Table,
        columns,
        services: rows.services(&dependencies),
        dependencies,
        ..Discovered::default()
    };
    Ok(session.finish(found))
}

fn sheet(
    text: &str,
    id: FileId,
    file: &str,
    cells: &mut usize,
    session: &mut Session,
) -> Result<Sheet, DiscoveryError> {
    let limit = |line: u32, limit: String| DiscoveryError::LimitExceeded {
        file: file.to_owned(),
        line,
        limit,
    };
    let (delimiter, text) = delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut titles: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    let mut last = 1;
    loop {
        let more =
            reader.read_record(&mut record).map_err(|error| DiscoveryError::NotOfFormat {
                file: file.to_owned(),
                line: last,
                format: Format::Table,
                problem: shown(&error.to_string()),
            })?;
        if !more {
            break;
        }
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        last = line;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.len() > MAX_COLUMNS {
            return Err(limit(line, format!("the table has more than {MAX_COLUMNS} columns")));
        }
        *cells += record.len();
        if *cells > MAX_CELLS {
            return Err(limit(line, format!("the tables hold more than {MAX_CELLS} cells")));
        }
        if rows.len() >= MAX_ROWS {
            return Err(limit(line, format!("the table has more than {MAX_ROWS} rows")));
        }
        let mut values = Vec::with_capacity(record.len());
        for cell in &record {
            if cell.chars().nth(MAX_CELL).is_some() {
                let problem = format!(
                    "a cell holds more than {MAX_CELL} characters (perhaps a quote is not closed)"
                );
                return Err(limit(line, problem));
            }
            values.push(without_apostrophe(cell.trim()).to_owned());
        }
        match &titles {
            None => titles = Some(unique(&values)),
            Some(_) => rows.push((line, values)),
        }
    }
    if text.matches('"').count() % 2 == 1 {
        let text = "A quote is opened and not closed somewhere above; rows may have run together.";
        session.warn(At { file: id, line: last }, text);
    }
    let Some(titles) = titles else {
        return Err(DiscoveryError::NotOfFormat {
            file: file.to_owned(),
            line: 1,
            format: Format::Table,
            problem: "it is empty; the first row must hold the titles of the columns".to_owned(),
        });
    };
    Ok(Sheet { id, titles, rows })
}

/// Counts lines from one record to the next. A record begins where the last one ended, blank lines
/// before it included: they are counted too.
struct Lines<'text> {
    text: &'text [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, byte: u64) -> u32 {
        let start = usize::try_from(byte).unwrap_or(usize::MAX).min(self.text.len());
        while let Some(byte) = self.text.get(self.at) {
            if self.at >= start && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.line = self.line.saturating_add(u32::from(*byte == b'\n'));
            self.at += 1;
        }
        self.line
    }
}

/// What stands between the cells: as `sep=` says, else what the first row has most of. Answers the
/// text from there on; the end of that line stays, so that lines keep their numbers.
fn delimiter(text: &str) -> (u8, &str) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(stated) = first.strip_prefix("sep=")
        && let [byte @ (b',' | b';' | b'\t' | b'|')] = stated.trim_end_matches('\r').as_bytes()
    {
        return (*byte, text.get(first.trim_end_matches('\r').len()..).unwrap_or_default());
    }
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && counts.iter().any(|(_, count)| *count > 0) => break,
            _ if quoted => {}
            _ => {
                for (sign, count) in &mut counts {
                    *count += usize::from(*sign == byte);
                }
            }
        }
    }
    // Of equals, the earlier.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    (best.map_or(b',', |(sign, _)| *sign), text)
}

/// Spreadsheets and our own export put `'` before what would be a formula, and one more where it
/// stood there already.
fn without_apostrophe(cell: &str) -> &str {
    let is_formula =
        cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula => rest,
        _ => cell,
    }
}

/// Titles made unique.
fn unique(titles: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    titles
        .iter()
        .enumerate()
        .map(|(index, title)| {
            let title = shown(title);
            let title = if title.is_empty() { format!("Column {}", index + 1) } else { title };
            let mut candidate = title.clone();
            let mut number = 1;
            while !seen.insert(candidate.to_lowercase()) {
                number += 1;
                candidate = format!("{title} ({number})");
            }
            candidate
        })
        .collect()
}

fn samples(sheet: &Sheet, column: usize) -> Vec<String> {
    let cells = sheet.rows.iter().filter_map(|(_, cells)| cells.get(column));
    cells.filter(|cell| !cell.is_empty()).take(SAMPLES).map(|cell| shown(cell)).collect()
}

fn is_titled(title: &str, named: &str) -> bool {
    title.trim().to_lowercase() == named.trim().to_lowercase()
}

fn check_mapping(
    mapping: &[(String, Option<Field>)],
    sheets: &[Sheet],
) -> Result<(), DiscoveryError> {
    for (named, _) in mapping {
        let mut titles = sheets.iter().flat_map(|sheet| &sheet.titles);
        if !titles.any(|title| is_titled(title, named)) {
            let titles: BTreeSet<&str> =
                sheets.iter().flat_map(|sheet| &sheet.titles).map(String::as_str).collect();
            return Err(DiscoveryError::ColumnUnknown {
                column: shown(named),
                known: titles.into_iter().take(MAX_COLUMNS).collect::<Vec<_>>().join(", "),
            });
        }
    }
    Ok(())
}

/// The field of each column: what the mapping says, else what the title says, each once.
fn fields(
    sheet: &Sheet,
    mapping: &[(String, Option<Field>)],
) -> Result<Vec<Option<Field>>, DiscoveryError> {
    let mut taken: HashMap<Field, &str> = HashMap::new();
    let mut fields = vec![None; sheet.titles.len()];
    let mut is_mapped = vec![false; sheet.titles.len()];
    for (index, title) in sheet.titles.iter().enumerate() {
        let Some((_, field)) = mapping.iter().rfind(|(named, _)| is_titled(title, named)) else {
            continue;
        };
        if let (Some(slot), Some(mark)) = (fields.get_mut(index), is_mapped.get_mut(index)) {
            (*slot, *mark) = (*field, true);
        }
        let Some(field) = field else { continue };
        if let Some(first) = taken.insert(*field, title)
            && !field.is_list()
        {
            return Err(DiscoveryError::ColumnTwice {
                field: *field,
                first: first.to_owned(),
                second: title.clone(),
            });
        }
    }
    // Exact words first, so that `service` beside `name` does not take its place.
    for exact in [true, false] {
        for (index, title) in sheet.titles.iter().enumerate() {
            let (Some(slot), Some(false)) = (fields.get_mut(index), is_mapped.get(index)) else {
                continue;
            };
            if slot.is_some() {
                continue;
            }
            let field = if exact { Field::from_word(title) } else { meant(title, sheet, index) };
            if let Some(field) = field
                && (field.is_list() || !taken.contains_key(&field))
            {
                taken.insert(field, title);
                *slot = Some(field);
            }
        }
    }
    Ok(fields)
}

/// What a title means that is no field's own word.
fn meant(title: &str, sheet: &Sheet, index: usize) -> Option<Field> {
    let key = title_key(title);
    if matches!(key.as_str(), "type" | "kind") {
        // Some tables keep the class there, others the kind of service.
        let mut cells = sheet.rows.iter().filter_map(|(_, cells)| cells.get(index));
        let is_class = cells.all(|cell| cell.is_empty() || NodeClass::from_word(cell).is_some());
        return Some(if is_class { Field::Class } else { Field::Archetype });
    }
    SYNONYMS.iter().find(|(_, words)| words.contains(&key.as_str())).map(|(field, _)| *field)
}

/// A row that was taken.
struct Row {
    at: At,
    name: String,
    class: Option<NodeClass>,
    aliases: BTreeSet<String>,
    image: Option<String>,
    source_directory: Option<String>,
    said: Said,
    depends_on: Vec<(String, String)>,
    place: crate::discovered::Place,
}

#[derive(Default)]
struct Rows {
    taken: Vec<Row>,
    names: HashMap<String, At>,
}

impl Rows {
    fn take(
        &mut self,
        at: At,
        cells: &[String],
        sheet: &Sheet,
        fields: &[Option<Field>],
        session: &mut Session,
    ) {
        let filled = || {
            let columns = sheet.titles.iter().zip(fields).zip(cells);
            columns.filter_map(|((title, field), cell)| {
                (!cell.is_empty()).then_some((title, (*field)?, cell.as_str()))
            })
        };
        let Some((_, _, written)) = filled().find(|(_, field, _)| *field == Field::Name) else {
            let reason = "The row has no name. Give the service a name.";
            session.reject("a row without a name", at, reason);
            return;
        };
        let name = match said::name(written) {
            Ok(name) => name,
            Err(problem) => {
                session.reject(written, at, problem);
                return;
            }
        };
        if let Some(earlier) = self.names.get(&normalised(&name)) {
            let reason = format!(
                "The name stands in {} already (case, `-`, `_` and `.` do not count). Remove one of the two rows.",
                session.words(*earlier)
            );
            session.reject(&name, at, reason);
            return;
        }
        self.names.insert(normalised(&name), at);
        let mut row = Row {
            at,
            name,
            class: None,
            aliases: BTreeSet::new(),
            image: None,
            source_directory: None,
            said: Said::default(),
            depends_on: Vec::new(),
            place: session.place(at),
        };
        for (title, field, cell) in filled() {
            for problem in row.fill(field, cell, title) {
                let subject = format!("{}: {}", shown(&row.name), title);
                let reason = format!("The cell {problem}. The rest of the row is taken.");
                session.reject(&subject, at, reason);
            }
        }
        self.taken.push(row);
    }

    /// Who depends on whom, by the names and aliases of the table.
    fn dependencies(&mut self, session: &mut Session) -> Vec<DiscoveredDependency> {
        let mut known: HashMap<String, &str> = HashMap::new();
        for row in &self.taken {
            for alias in &row.aliases {
                known.entry(normalised(alias)).or_insert(&row.name);
            }
        }
        known.extend(self.taken.iter().map(|row| (normalised(&row.name), row.name.as_str())));
        let mut found: BTreeMap<(String, String), BTreeSet<Evidence>> = BTreeMap::new();
        for row in &self.taken {
            for (title, written) in &row.depends_on {
                let subject = format!("{} → {}", shown(&row.name), shown(written));
                match known.get(&normalised(written)) {
                    None => {
                        let reason = format!(
                            "No row is called “{}”. Correct the name, or add a row for it.",
                            shown(written)
                        );
                        session.reject(&subject, row.at, reason);
                    }
                    Some(to) if *to == row.name => {
                        session.reject(&subject, row.at, "The row names itself. Remove the entry.");
                    }
                    Some(to) => {
                        let text = format!("{title}: {}", shown(written));
                        let evidence = Evidence { place: session.place(row.at), text };
                        let pair = (row.name.clone(), (*to).to_owned());
                        found.entry(pair).or_default().insert(evidence);
                    }
                }
            }
        }
        found
            .into_iter()
            .map(|((from, to), evidence)| DiscoveredDependency {
                from,
                to,
                kind: DependencyKind::Declared,
                confidence_percent: TABLE_PERCENT,
                evidence: evidence.into_iter().collect(),
            })
            .collect()
    }

    fn services(self, dependencies: &[DiscoveredDependency]) -> Vec<DiscoveredService> {
        let images: Vec<Image> =
            self.taken.iter().filter_map(|row| row.image.as_deref().map(Image::parse)).collect();
        let habits = ImageHabits::of(images.iter());
        let subjects: Vec<Subject> = self
            .taken
            .iter()
            .map(|row| Subject {
                name: row.name.clone(),
                image: row.image.as_deref().map(Image::parse),
                ..Subject::default()
            })
            .collect();
        let pairs = dependencies.iter().map(|edge| (edge.from.clone(), edge.to.clone())).collect();
        let mut verdicts = classify(&subjects, &pairs, &habits);
        let mut services: Vec<DiscoveredService> = self
            .taken
            .into_iter()
            .map(|row| {
                let (class, class_reason) = match row.class {
                    Some(class) => (class, "the table says so".to_owned()),
                    None => verdicts
                        .remove(&row.name)
                        .unwrap_or((NodeClass::Service, "nothing says otherwise".to_owned())),
                };
                let own = normalised(&row.name);
                DiscoveredService {
                    class,
                    class_reason,
                    class_is_guessed: row.class.is_none(),
                    image: row.image,
                    source_directory: row.source_directory,
                    aliases: row
                        .aliases
                        .into_iter()
                        .filter(|alias| normalised(alias) != own)
                        .map(|value| Alias { value, source: "column".to_owned() })
                        .collect(),
                    ports: Vec::new(),
                    place: row.place,
                    said: row.said,
                    name: row.name,
                }
            })
            .collect();
        services.sort_by(|a, b| a.name.cmp(&b.name));
        services
    }
}

impl Row {
    /// Takes one cell; answers what cannot be taken, as the ends of sentences.
    fn fill(&mut self, field: Field, cell: &str, title: &str) -> Vec<String> {
        let said = &mut self.said;
        let one = match field {
            Field::Name => Ok(()),
            Field::Class => match NodeClass::from_word(cell) {
                Some(class) => {
                    self.class = Some(class);
                    Ok(())
                }
                None => Err(format!(
                    "“{}” is no class (service, datastore, platform, load generator, external)",
                    shown(cell)
                )),
            },
            Field::Owner => said::line(cell).map(|owner| said.owner = Some(owner)),
            Field::Team => said::line(cell).map(|team| said.team = Some(team)),
            Field::Repository => {
                said::repository(cell).map(|address| said.repository = Some(address))
            }
            Field::SourceDirectory => {
                said::line(cell).map(|folder| self.source_directory = Some(folder))
            }
            Field::Image => said::line(cell).map(|image| self.image = Some(image)),
            Field::Criticality => {
                said::criticality(cell).map(|number| said.criticality = Some(number))
            }
            Field::Effort => said::effort(cell).map(|word| said.effort = Some(word)),
            Field::Archetype => said::line(cell).map(|word| said.archetype = Some(word)),
            Field::Difficulty => said::difficulty(cell).map(|word| said.difficulty = Some(word)),
            Field::TargetDate => said::day(cell).map(|day| said.target_date = Some(day)),
            Field::Notes => said::notes(cell).map(|notes| said.notes = notes),
            Field::Aliases | Field::Tags | Field::Links | Field::DependsOn => {
                return self.fill_list(field, cell, title);
            }
        };
        one.err().into_iter().collect()
    }

    fn fill_list(&mut self, field: Field, cell: &str, title: &str) -> Vec<String> {
        // A comma may stand in a title of a link; nobody writes one in a name.
        let signs: &[char] = if field == Field::Links { &['\n', ';'] } else { &['\n', ';', ','] };
        let mut problems = Vec::new();
        let elements = cell.split(signs).map(str::trim).filter(|element| !element.is_empty());
        for (index, element) in elements.enumerate() {
            if index >= MAX_ELEMENTS {
                problems.push(format!("holds more than {MAX_ELEMENTS} entries"));
                break;
            }
            let taken = match field {
                Field::Tags => self.said.add_tag(element),
                Field::Links => {
                    let (text, address) = element.rsplit_once(' ').unwrap_or(("", element));
                    let address = address.trim_start_matches('<').trim_end_matches('>');
                    self.said.add_link(address, Some(text))
                }
                Field::Aliases => said::name(element).map(|alias| {
                    self.aliases.insert(alias);
                }),
                _ => said::name(element).map(|name| {
                    self.depends_on.push((title.to_owned(), name));
                }),
            };
            if let Err(problem) = taken {
                let problem = problem.trim_end_matches('.');
                problems
                    .push(format!("holds “{}”, which cannot be taken: {problem}", shown(element)));
            }
        }
        problems
    }
}
