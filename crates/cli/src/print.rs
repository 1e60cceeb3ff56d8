//! How answers and errors reach the terminal, or the script: tables, JSON, exit codes. Foreign
//! strings never reach a terminal as escape sequences.

use crate::args::Global;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use pilotage_api::dto::session::Saved;
use pilotage_api::{ApiError, Code};
use pilotage_domain::text::{is_hidden, visible};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

/// Exit code: done, with findings or only in part.
pub const FINDING: u8 = 1;
/// Exit code: refused; nothing was changed.
pub const WRONG_USE: u8 = 2;

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text and tables.
    Human,
    /// One JSON document.
    Json,
}

impl Form {
    /// As the options say.
    pub fn of(global: &Global) -> Self {
        if global.json { Self::Json } else { Self::Human }
    }
}

/// What a command says.
#[derive(Debug)]
pub struct Answer {
    text: String,
    exit: u8,
    /// What stopped it after a part was done.
    stopped: Vec<ApiError>,
}

impl Answer {
    /// The value as JSON, or as the text that `human` makes of it.
    pub fn new<T: Serialize>(
        form: Form,
        value: &T,
        human: impl FnOnce() -> String,
    ) -> Result<Self, ApiError> {
        Ok(Self::text(match form {
            Form::Json => json_line(value)?,
            Form::Human => human(),
        }))
    }

    /// A text.
    pub fn text(text: String) -> Self {
        Self { text, exit: 0, stopped: Vec::new() }
    }

    /// Nothing to say.
    pub fn nothing() -> Self {
        Self::text(String::new())
    }

    /// It worked, and something needs attention.
    #[must_use]
    pub fn with_finding(mut self) -> Self {
        self.exit = FINDING;
        self
    }

    /// A part is done; this stopped the rest.
    #[must_use]
    pub fn stopped_by(mut self, errors: impl IntoIterator<Item = ApiError>) -> Self {
        self.exit = FINDING;
        self.stopped.extend(errors);
        self
    }

    /// What it says, for those who say it themselves; for people with an empty line behind it.
    pub fn told(self) -> String {
        let gap = if self.text.starts_with(['{', '[']) { "" } else { "\n" };
        self.text + gap
    }

    /// Nothing is done; each of these is a reason.
    pub fn refused_by(errors: Vec<ApiError>) -> Self {
        Self { text: String::new(), exit: WRONG_USE, stopped: errors }
    }
}

/// Prints the answer or the error, and says with which code to end.
pub fn finish(form: Form, outcome: Result<Answer, ApiError>) -> ExitCode {
    let answer = match outcome {
        Ok(answer) => answer,
        Err(error) => {
            complain(&error_text(form, &error));
            return ExitCode::from(WRONG_USE);
        }
    };
    match say(&answer.text) {
        Ok(()) => {}
        // Whoever reads has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Err(error) => {
            let error =
                ApiError::new(Code::DiskFailed, format!("The answer cannot be written: {error}."));
            complain(&error_text(form, &error));
            return ExitCode::from(FINDING);
        }
    }
    for error in &answer.stopped {
        complain(&error_text(form, error));
    }
    ExitCode::from(answer.exit)
}

/// Writes to standard output.
pub fn say(text: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(harmless(text).as_bytes())?;
    output.flush()
}

/// Writes to standard error; where nobody listens, nothing is lost.
pub fn complain(text: &str) {
    // Lines for people end with a line feed alone.
    let text = harmless(text).replace('\r', "\u{240d}");
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Tells a person, or a program, something that is no error.
pub fn notice(form: Form, text: &str) {
    match form {
        Form::Human => complain(&format!("note: {}\n", visible(text))),
        Form::Json => {
            let value = serde_json::json!({ "notice": text });
            complain(&json_line(&value).unwrap_or_default());
        }
    }
}

fn error_text(form: Form, error: &ApiError) -> String {
    if form == Form::Json {
        return json_line(error).unwrap_or_default();
    }
    let mut text = format!("error: {}\n", visible(&error.message));
    if let Some(file) = error.params.get("file") {
        let line = error.params.get("line").map_or_else(String::new, |line| format!(":{line}"));
        let _ = writeln!(text, "  at {}{}", visible(file), visible(&line));
    }
    let technical = matches!(
        error.code,
        Code::Internal | Code::DiskFailed | Code::WorkspaceDamaged | Code::ArgumentsInvalid
    );
    if let Some(detail) = error.params.get("detail").filter(|_| technical) {
        let _ = writeln!(text, "  detail: {}", visible(detail));
    }
    text
}

/// One JSON document and a line end. What `serde_json` lets pass and a terminal would obey, or
/// take for a line end, is escaped too.
pub fn json_line<T: Serialize>(value: &T) -> Result<String, ApiError> {
    let text = serde_json::to_string(value).map_err(|error| {
        ApiError::new(Code::Internal, "The answer has no JSON form.").with("detail", error)
    })?;
    Ok(json_escaped(&text) + "\n")
}

/// The same JSON with every hidden character that stands in a string escaped.
pub fn json_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let separator = matches!(c, '\u{2028}' | '\u{2029}');
        // Line ends and blanks between the tokens of a document stay.
        if (is_hidden(c) && !matches!(c, '\n' | '\r' | '\t')) || separator {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The last net under every text that is printed: only line ends pass.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let line_end = c == '\n' || (c == '\r' && characters.peek() == Some(&'\n'));
        if line_end || !is_hidden(c) {
            harmless.push(c);
        } else {
            harmless.push_str(&visible(c.encode_utf8(&mut [0; 4])));
        }
    }
    harmless
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// Words.
    Text(&'static str),
    /// Numbers.
    Number(&'static str),
}

/// A plain table. Cells may hold foreign strings.
pub fn table(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|column| match column {
        Column::Text(title) | Column::Number(title) => title.to_uppercase(),
    }));
    for row in rows {
        table.add_row(row.iter().map(|cell| visible(cell)));
    }
    for (index, column) in columns.iter().enumerate() {
        if let Some(shown) = table.column_mut(index) {
            shown.set_padding((0, 2));
            if matches!(column, Column::Number(_)) {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// What a write says.
pub fn saved(saved: &Saved) -> String {
    match &saved.batch {
        Some(batch) => format!("Saved: {} (action {batch})\n", visible(&saved.summary)),
        None => format!("Nothing had to change: {}\n", visible(&saved.summary)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hidden_character_reaches_the_terminal() {
        assert_eq!(harmless("a\u{1b}[31m\r\nb\rc\u{202e}"), "a\u{241b}[31m\r\nb\u{240d}c\u{fffd}");
    }

    #[test]
    fn json_holds_hidden_characters_only_escaped() {
        let line = json_line(&"a\u{9b}b\u{202e}c\u{7f}d\u{e0001}e\u{2028}\n\u{1b}é").unwrap();
        assert_eq!(line, "\"a\\u009bb\\u202ec\\u007fd\\udb40\\udc01e\\u2028\\n\\u001bé\"\n");
        let back: String = serde_json::from_str(&line).unwrap();
        assert_eq!(back, "a\u{9b}b\u{202e}c\u{7f}d\u{e0001}e\u{2028}\n\u{1b}é", "nothing is lost");
    }

    #[test]
    fn tables_align_and_hide_escape_sequences() {
        let rows = vec![vec!["a\u{1b}[2J\nb".to_owned(), "7".to_owned()]];
        let text = table(&[Column::Text("Name"), Column::Number("Count")], rows);
        assert_eq!(text, "NAME     COUNT\na\u{241b}[2J b      7\n");
    }

    #[test]
    fn errors_name_file_and_line() {
        let error = ApiError::new(Code::FileRejected, "No.").with("file", "a.yml").with("line", 7);
        assert_eq!(error_text(Form::Human, &error), "error: No.\n  at a.yml:7\n");
        assert_eq!(
            error_text(Form::Json, &error),
            "{\"code\":\"file_rejected\",\"message\":\"No.\",\"params\":{\"file\":\"a.yml\",\"line\":\"7\"}}\n"
        );
    }
}
