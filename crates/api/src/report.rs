//! The progress report as text: Markdown, a self-contained page without script, JSON, CSV. Foreign
//! strings are escaped for their form; a spreadsheet never sees a formula.

pub(crate) mod blocks;
mod sheet;
pub(crate) mod sprint;

use crate::dto::progress::{ProgressView, ReportFormat, ReportText};
use crate::dto::service::{ServiceRow, ServicesView};
use pilotage_domain::text::is_hidden;
use std::fmt::Write as _;

/// Renders the report.
pub fn render(view: &ProgressView, services: &ServicesView, format: ReportFormat) -> ReportText {
    let text = match format {
        ReportFormat::Md => markdown(view, services),
        ReportFormat::Html => html(view, services),
        ReportFormat::Json => json(view, services),
        ReportFormat::Csv => csv(&in_scope(services)),
    };
    let ending = ending(format);
    let day = view.at.as_deref().or(view.as_of.get(..10)).unwrap_or_default();
    ReportText { file_name: format!("progress-{day}.{ending}"), text }
}

/// The ending of a form's file.
pub fn ending(format: ReportFormat) -> &'static str {
    match format {
        ReportFormat::Md => "md",
        ReportFormat::Html => "html",
        ReportFormat::Json => "json",
        ReportFormat::Csv => "csv",
    }
}

fn in_scope(services: &ServicesView) -> Vec<&ServiceRow> {
    services.rows.iter().filter(|row| row.class == "service" && row.scope == "in").collect()
}

fn stage_title<'a>(view: &'a ProgressView, row: &ServiceRow) -> &'a str {
    let id = row.stage.as_deref().unwrap_or("none");
    view.stages.iter().find(|stage| stage.stage == id).map_or("", |stage| &stage.title)
}

/// Marks of a row in words: status is never colour alone.
fn marks(row: &ServiceRow) -> String {
    let marks: Vec<&str> = [
        (row.blocked, "blocked"),
        (row.regressed, "regressed"),
        (row.reproving, "re-proving"),
        (row.unproven_since.is_some(), "unproven"),
    ]
    .into_iter()
    .filter_map(|(is, word)| is.then_some(word))
    .collect();
    marks.join(", ")
}

/// Rounded share in percent; nothing of nothing is 0.
fn percent(part: u32, whole: u32) -> u64 {
    if whole == 0 { 0 } else { (u64::from(part) * 200 + u64::from(whole)) / (u64::from(whole) * 2) }
}

/// The moment of the numbers, and from which knowledge.
fn as_of(view: &ProgressView) -> String {
    match &view.at {
        None => view.as_of.clone(),
        Some(day) if view.as_known => format!("the end of {day}, as it was known then"),
        Some(day) => format!("the end of {day}"),
    }
}

fn markdown(view: &ProgressView, services: &ServicesView) -> String {
    let mut text = String::new();
    let totals = &view.totals;
    let _ = writeln!(text, "# {}: progress\n", md(&view.programme));
    let _ = writeln!(text, "{}\n", md(&view.sentence));
    let _ = writeln!(text, "As of {} ({}).", as_of(view), md(&view.time_zone));
    if let Some(deadline) = &view.deadline {
        let _ = writeln!(text, "Deadline: {deadline}.");
    }
    let _ = writeln!(
        text,
        "\nChecks: {} of {} passed; {} proved, {} claimed ({} % proved); {} waived, {} not applicable.\n",
        totals.passed,
        totals.counted,
        totals.proved,
        totals.claimed,
        percent(totals.proved, totals.passed),
        totals.waived,
        totals.not_applicable
    );
    for (title, lines) in sheet::sections(view) {
        let _ = writeln!(text, "## {title}\n");
        for line in lines {
            let _ = writeln!(text, "- {}", md(&line));
        }
        text.push('\n');
    }
    text.push_str("## Stages\n\n| Stage | Here | Reached |\n|---|---:|---:|\n");
    for stage in view.stages.iter().filter(|stage| stage.applicable) {
        let _ = writeln!(text, "| {} | {} | {} |", md(&stage.title), stage.here, stage.reached);
    }
    text.push_str("\n## Blocked\n\n");
    if view.blocked.is_empty() {
        text.push_str("Nothing is blocked.\n");
    }
    for row in &view.blocked {
        let _ = writeln!(
            text,
            "- **{}** for {} days, waiting for {}: {}",
            md(&row.service.name),
            row.days,
            md(&row.waiting_for),
            md(&row.reason)
        );
    }
    text.push_str("\n## Regressed\n\n");
    if view.regressed.is_empty() {
        text.push_str("Nothing regressed.\n");
    }
    for row in &view.regressed {
        let _ = writeln!(
            text,
            "- **{}** fell from {} to {}: {} ({}), seen by {}",
            md(&row.service.name),
            md(&row.from),
            md(&row.to),
            md(&row.check_title),
            md(&row.check),
            md(&row.source)
        );
    }
    text.push_str("\n## Services\n\n| Service | Stage | Passed | Proved | Marks | Next check |\n|---|---|---:|---:|---|---|\n");
    for row in in_scope(services) {
        let next = row.next_check.as_ref().map_or(String::new(), |check| check.title.clone());
        let _ = writeln!(
            text,
            "| {} | {} | {}/{} | {} | {} | {} |",
            md(&row.name),
            md(stage_title(view, row)),
            row.progress.passed,
            row.progress.counted,
            row.progress.proved,
            marks(row),
            md(&next)
        );
    }
    text
}

/// Escapes Markdown and HTML in a foreign string; hidden characters become visible.
fn md(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' | '\t' => escaped.push(' '),
            c if is_hidden(c) => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;background:#fff}\
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.lead{font-size:1.15rem}.quiet{color:#57606a}\
@media print{body{margin:0}}";

fn html(view: &ProgressView, services: &ServicesView) -> String {
    let mut text = String::new();
    let totals = &view.totals;
    let title = format!("{}: progress", view.programme);
    let _ = write!(
        text,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{0}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{0}</h1>\n\
         <p class=\"lead\">{1}</p>\n<p class=\"quiet\">As of {2} ({3}).{4}</p>\n\
         <p>Checks: {5} of {6} passed; {7} proved, {8} claimed ({9} % proved); {10} waived, {11} not applicable.</p>\n",
        esc(&title),
        esc(&view.sentence),
        as_of(view),
        esc(&view.time_zone),
        view.deadline.as_ref().map_or_else(String::new, |day| format!(" Deadline: {day}.")),
        totals.passed,
        totals.counted,
        totals.proved,
        totals.claimed,
        percent(totals.proved, totals.passed),
        totals.waived,
        totals.not_applicable
    );
    for (title, lines) in sheet::sections(view) {
        let _ = writeln!(text, "<h2>{title}</h2>\n<ul>");
        for line in lines {
            let _ = writeln!(text, "<li>{}</li>", esc(&line));
        }
        text.push_str("</ul>\n");
    }
    text.push_str("<h2>Stages</h2>\n<table><thead><tr><th>Stage</th><th class=\"n\">Here</th><th class=\"n\">Reached</th></tr></thead><tbody>\n");
    for stage in view.stages.iter().filter(|stage| stage.applicable) {
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            esc(&stage.title),
            stage.here,
            stage.reached
        );
    }
    text.push_str("</tbody></table>\n<h2>Blocked</h2>\n");
    if view.blocked.is_empty() {
        text.push_str("<p>Nothing is blocked.</p>\n");
    } else {
        text.push_str("<ul>\n");
        for row in &view.blocked {
            let _ = writeln!(
                text,
                "<li><strong>{}</strong> for {} days, waiting for {}: {}</li>",
                esc(&row.service.name),
                row.days,
                esc(&row.waiting_for),
                esc(&row.reason)
            );
        }
        text.push_str("</ul>\n");
    }
    text.push_str("<h2>Regressed</h2>\n");
    if view.regressed.is_empty() {
        text.push_str("<p>Nothing regressed.</p>\n");
    } else {
        text.push_str("<ul>\n");
        for row in &view.regressed {
            let _ = writeln!(
                text,
                "<li><strong>{}</strong> fell from {} to {}: {} ({}), seen by {}</li>",
                esc(&row.service.name),
                esc(&row.from),
                esc(&row.to),
                esc(&row.check_title),
                esc(&row.check),
                esc(&row.source)
            );
        }
        text.push_str("</ul>\n");
    }
    text.push_str("<h2>Services</h2>\n<table><thead><tr><th>Service</th><th>Stage</th><th class=\"n\">Passed</th><th class=\"n\">Proved</th><th>Marks</th><th>Next check</th></tr></thead><tbody>\n");
    for row in in_scope(services) {
        let next = row.next_check.as_ref().map_or(String::new(), |check| check.title.clone());
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}/{}</td><td class=\"n\">{}</td><td>{}</td><td>{}</td></tr>",
            esc(&row.name),
            esc(stage_title(view, row)),
            row.progress.passed,
            row.progress.counted,
            row.progress.proved,
            marks(row),
            esc(&next)
        );
    }
    text.push_str("</tbody></table>\n</body>\n</html>\n");
    text
}

/// Escapes HTML; hidden characters become visible.
fn esc(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            c if is_hidden(c) => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

fn json(view: &ProgressView, services: &ServicesView) -> String {
    let value = serde_json::json!({ "progress": view, "services": services.rows });
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

/// One row a service (RFC 4180).
pub fn csv(rows: &[&ServiceRow]) -> String {
    let mut text = String::from(
        "service,class,scope,stage,passed,counted,proved,waived,not_applicable,blocked,regressed,reproving,unproven_since,next_check,assignees,target_date\r\n",
    );
    for row in rows {
        let assignees: Vec<&str> =
            row.assignees.iter().map(|person| person.name.as_str()).collect();
        let cells = [
            cell(&row.name),
            cell(&row.class),
            cell(&row.scope),
            cell(row.stage.as_deref().unwrap_or("")),
            row.progress.passed.to_string(),
            row.progress.counted.to_string(),
            row.progress.proved.to_string(),
            row.progress.waived.to_string(),
            row.progress.not_applicable.to_string(),
            row.blocked.to_string(),
            row.regressed.to_string(),
            row.reproving.to_string(),
            cell(row.unproven_since.as_deref().unwrap_or("")),
            cell(row.next_check.as_ref().map_or("", |check| &check.id)),
            cell(&assignees.join("; ")),
            cell(row.target_date.as_deref().unwrap_or("")),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell that no spreadsheet takes for a formula (CWE-1236): a leading `'` defuses it. Where there
/// is one already, another is put before it, so that reading takes away what writing added.
pub(crate) fn cell(text: &str) -> String {
    let dangerous =
        text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    let text = if dangerous { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{cell, esc, md};

    #[test]
    fn spreadsheets_see_no_formula() {
        for (text, expect) in [
            ("payments", "payments"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("=\"x\",1", "\"'=\"\"x\"\",1\""),
        ] {
            assert_eq!(cell(text), expect, "{text}");
        }
    }

    #[test]
    fn foreign_strings_stay_text() {
        assert_eq!(esc("<b a='x'>&"), "&lt;b a=&#39;x&#39;&gt;&amp;");
        assert_eq!(
            md("[x](javascript:y) <img>\u{202e}"),
            "\\[x\\](javascript:y) \\<img\\>\u{fffd}"
        );
    }
}
