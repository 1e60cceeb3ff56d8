//! What is generated and committed: the TypeScript types and the recorded queries. One pair of
//! functions for each: write, and compare.

use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::{Workspace, create_folder, read};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the types of the command table.
pub fn write_types(workspace: &Workspace) -> Result<()> {
    let path = types_path(workspace);
    let text = generate_types(workspace, Output::Kept)?;
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    fs::write(&path, &text).doing(format_args!("write {}", path.display()))?;
    println!("{}: {} lines", path.display(), text.lines().count());
    Ok(())
}

/// Fails where the committed types differ from the command table.
pub fn check_types(workspace: &Workspace, output: Output) -> Result<String> {
    let generated = generate_types(workspace, output)?;
    let committed = read(&types_path(workspace))?;
    match first_difference(&committed, &generated) {
        None => Ok(format!("{} lines", generated.lines().count())),
        Some(difference) => {
            Err(Problem::new("ui/src/lib/generated/api.ts is stale; run `cargo xtask types`")
                .with_log(difference))
        }
    }
}

/// Records the store's queries in `.sqlx`, without those that are no more.
pub fn write_queries(workspace: &Workspace) -> Result<()> {
    let recorded =
        record_queries(workspace, Output::Kept).map_err(|problem| match problem.log() {
            Some(log) => Problem::new(format!("{problem}\n\n{log}")),
            None => problem,
        })?;
    let folder = committed_queries(workspace);
    replace_folder(&folder, &recorded)?;
    println!("{}: {} queries", folder.display(), recorded.len());
    Ok(())
}

/// Fails where a query does not fit the newest schema, or `.sqlx` does not hold exactly the
/// queries of the sources.
pub fn check_queries(workspace: &Workspace, output: Output) -> Result<String> {
    let recorded = record_queries(workspace, output)?;
    let committed = json_files(&committed_queries(workspace))?;
    let differences = differences(&committed, &recorded);
    if differences.is_empty() {
        return Ok(format!("{} queries", recorded.len()));
    }
    Err(Problem::new(".sqlx is stale; run `cargo xtask queries`").with_log(differences.join("\n")))
}

fn types_path(workspace: &Workspace) -> PathBuf {
    workspace.ui().join("src/lib/generated/api.ts")
}

fn committed_queries(workspace: &Workspace) -> PathBuf {
    workspace.root().join(".sqlx")
}

fn generate_types(workspace: &Workspace, output: Output) -> Result<String> {
    // `--workspace` chooses the features of dependencies, `--example` what is built: with
    // `--package` cargo would compile most dependencies again with fewer features.
    let build = ["build", "--workspace", "--example", "typescript"];
    Call::cargo(workspace).arguments(build).run(output)?;
    let program = workspace.program("debug/examples", "typescript");
    let printed = Call::new(program, workspace.root()).run(Output::Silent)?;
    if printed.stdout.trim().is_empty() {
        return Err(Problem::new("the example `typescript` of pilotage-api prints nothing"));
    }
    Ok(printed.stdout)
}

/// File names and contents of the recorded queries. The macros of sqlx write them while the store
/// compiles, so it has to be compiled, not found fresh.
fn record_queries(workspace: &Workspace, output: Output) -> Result<BTreeMap<String, String>> {
    let folder = workspace.target().join("queries");
    let (database, recorded) = (folder.join("schema.db"), folder.join("sqlx"));
    create_folder(&folder)?;
    replace_folder(&recorded, &BTreeMap::new())?;
    for leftover in ["schema.db", "schema.db-wal", "schema.db-shm"] {
        remove_file_if_there(&folder.join(leftover))?;
    }
    let build = ["build", "--workspace", "--bin", "pilotage-schema"];
    Call::cargo(workspace).arguments(build).run(output)?;
    let schema = Call::new(workspace.program("debug", "pilotage-schema"), workspace.root());
    schema.arguments([&database]).run(output)?;

    if let Store::Fresh(artifact) = check_store(workspace, &database, &recorded, output)? {
        // A missing output makes cargo compile again. Sources are not touched, so that the builds
        // for running and testing stay as they are.
        remove_file_if_there(&artifact)?;
        if check_store(workspace, &database, &recorded, output)? != Store::Compiled {
            return Err(Problem::new("cargo would not compile pilotage-store again"));
        }
    }
    json_files(&recorded)
}

/// What cargo did about the store.
#[derive(PartialEq, Eq, Debug)]
enum Store {
    Compiled,
    /// Nothing: this metadata file was newer than the sources.
    Fresh(PathBuf),
}

fn check_store(
    workspace: &Workspace,
    database: &Path,
    recorded: &Path,
    output: Output,
) -> Result<Store> {
    // Standard output is a list for programs, so a sign of life is all that is shown of it.
    let output = if output == Output::Shown { Output::Kept } else { output };
    // The whole workspace for its features (see `generate_types`); a mistake in a crate above the
    // store is none of this step's business, so cargo keeps going and the store alone is judged.
    let checked = Call::cargo(workspace)
        .arguments(["check", "--workspace", "--lib", "--keep-going"])
        .arguments(["--message-format=json-render-diagnostics"])
        .environment("DATABASE_URL", format!("sqlite://{}", database.display()))
        .environment("SQLX_OFFLINE", "false")
        .environment("SQLX_OFFLINE_DIR", recorded)
        .finish(output)?;
    store_state(&checked.stdout).ok_or_else(|| {
        Problem::new("pilotage-store does not compile against the newest schema")
            .with_log(without_messages(&checked.all))
    })
}

/// `None` where cargo made no metadata of the store.
fn store_state(messages: &str) -> Option<Store> {
    let message = messages.lines().find(|line| {
        line.contains("\"reason\":\"compiler-artifact\"")
            && line.contains("\"name\":\"pilotage_store\"")
    })?;
    if !message.contains("\"fresh\":true") {
        return Some(Store::Compiled);
    }
    let mut files = message.split('"').filter(|text| has_extension(Path::new(text), "rmeta"));
    files.next_back().map(|path| Store::Fresh(path.replace("\\\\", "\\").into()))
}

/// Cargo's messages for programs explain nothing to people.
fn without_messages(log: &str) -> String {
    let kept: Vec<&str> = log.lines().filter(|line| !line.starts_with("{\"")).collect();
    kept.join("\n")
}

fn json_files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder).doing(format_args!("read {}", folder.display()))? {
        let path = entry.doing("read a folder")?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if has_extension(&path, "json") {
            files.insert(name, read(&path)?);
        }
    }
    Ok(files)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|own| own == extension)
}

fn replace_folder(folder: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    if folder.is_dir() {
        fs::remove_dir_all(folder).doing(format_args!("clear {}", folder.display()))?;
    }
    create_folder(folder)?;
    for (name, text) in files {
        fs::write(folder.join(name), text).doing(format_args!("write {name}"))?;
    }
    Ok(())
}

fn remove_file_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Problem::new(format!("could not remove {}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

fn differences(
    committed: &BTreeMap<String, String>,
    recorded: &BTreeMap<String, String>,
) -> Vec<String> {
    let missing = recorded.keys().filter(|name| !committed.contains_key(*name));
    let stale = committed.keys().filter(|name| !recorded.contains_key(*name));
    let changed = recorded.iter().filter(|(name, text)| {
        committed.get(*name).is_some_and(|own| without_carriage_returns(own) != **text)
    });
    let missing = missing.map(|name| format!("missing: {}", query_of(name, recorded)));
    let stale = stale.map(|name| format!("no such query any more: {}", query_of(name, committed)));
    let changed = changed.map(|(name, _)| format!("differs: {}", query_of(name, recorded)));
    missing.chain(stale).chain(changed).collect()
}

/// The beginning of the SQL, as the name of the file is a hash.
fn query_of<'a>(name: &'a str, files: &'a BTreeMap<String, String>) -> &'a str {
    let lines = files.get(name).map(|text| text.lines()).into_iter().flatten();
    let mut queries = lines.filter_map(|line| line.trim().strip_prefix("\"query\": \""));
    let query = queries.next().unwrap_or(name);
    query.char_indices().nth(100).map_or(query, |(end, _)| &query[..end])
}

fn first_difference(committed: &str, generated: &str) -> Option<String> {
    if without_carriage_returns(committed) == without_carriage_returns(generated) {
        return None;
    }
    let (mut old, mut new) = (committed.lines(), generated.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => break,
            (left, right) if left == right => {}
            (left, right) => {
                let (left, right) = (left.unwrap_or("(end)"), right.unwrap_or("(end)"));
                return Some(format!("line {number}\n  committed: {left}\n  generated: {right}"));
            }
        }
    }
    Some("they differ in the end of a line".to_owned())
}

/// Git may check out text with other line ends on Windows.
fn without_carriage_returns(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn every_kind_of_stale_query_is_named() {
        let check = |committed, recorded, expect: &[&str]| {
            assert_eq!(differences(&files(committed), &files(recorded)), expect);
        };
        check(&[("a.json", "1")], &[("a.json", "1")], &[]);
        check(&[], &[("a.json", "1")], &["missing: a.json"]);
        check(&[("a.json", "1")], &[], &["no such query any more: a.json"]);
        check(&[("a.json", "1")], &[("a.json", "2")], &["differs: a.json"]);
        check(&[("a.json", "1\r\n")], &[("a.json", "1\n")], &[]);
        let query = "{\n  \"query\": \"SELECT 1\"\n}";
        check(&[], &[("a.json", query)], &["missing: SELECT 1\""]);
    }

    #[test]
    fn the_first_line_that_differs_is_shown() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None, "the same");
        let difference = first_difference("a\nb\n", "a\nc\n").expect("a difference");
        assert!(difference.contains("line 2"), "{difference}");
        assert!(first_difference("a\n", "a\nb\n").is_some(), "one is longer");
        assert!(first_difference("a", "a\n").is_some(), "no line end");
    }

    #[test]
    fn a_fresh_store_is_recognised() {
        let line = |fresh: bool| {
            format!(
                "{{\"reason\":\"compiler-artifact\",\"target\":{{\"name\":\"pilotage_store\"}},\
                 \"filenames\":[\"/t/libpilotage_store-1a.rmeta\"],\"fresh\":{fresh}}}"
            )
        };
        let check =
            |messages: &str, expect| assert_eq!(store_state(messages), expect, "{messages}");
        check(&line(true), Some(Store::Fresh("/t/libpilotage_store-1a.rmeta".into())));
        check(&line(false), Some(Store::Compiled));
        check("{\"reason\":\"build-finished\",\"success\":false}", None);
    }
}
