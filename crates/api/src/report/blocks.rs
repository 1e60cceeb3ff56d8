//! A document as blocks, and its forms: Markdown and a self-contained page say the same.

use super::{STYLE, esc, md};
use std::fmt::Write as _;

/// A block of a document. All texts are foreign until a form escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading, from level 1.
    Heading(usize, String),
    /// A paragraph.
    Line(String),
    /// A list.
    Items(Vec<String>),
    /// A table: its head, and rows of as many cells.
    Table(Vec<&'static str>, Vec<Vec<String>>),
}

/// The document as Markdown.
pub(crate) fn markdown(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Heading(level, title) => {
                let _ = writeln!(text, "{} {}\n", "#".repeat(*level), md(title));
            }
            Block::Line(line) => {
                let _ = writeln!(text, "{}\n", md(line));
            }
            Block::Items(items) => {
                for item in items {
                    let _ = writeln!(text, "- {}", md(item));
                }
                text.push('\n');
            }
            Block::Table(head, rows) => {
                let _ = writeln!(text, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| md(cell)).collect();
                    let _ = writeln!(text, "| {} |", cells.join(" | "));
                }
                text.push('\n');
            }
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The document as one page without script.
pub(crate) fn html(title: &str, blocks: &[Block]) -> String {
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        esc(title)
    );
    for block in blocks {
        match block {
            Block::Heading(level, title) => {
                let _ = writeln!(text, "<h{level}>{}</h{level}>", esc(title));
            }
            Block::Line(line) => {
                let _ = writeln!(text, "<p>{}</p>", esc(line));
            }
            Block::Items(items) => {
                text.push_str("<ul>\n");
                for item in items {
                    let _ = writeln!(text, "<li>{}</li>", esc(item));
                }
                text.push_str("</ul>\n");
            }
            Block::Table(head, rows) => {
                text.push_str("<table><thead><tr>");
                for title in head {
                    let _ = write!(text, "<th scope=\"col\">{}</th>", esc(title));
                }
                text.push_str("</tr></thead><tbody>\n");
                for row in rows {
                    let cells = row.iter().map(|cell| format!("<td>{}</td>", esc(cell)));
                    let _ = writeln!(text, "<tr>{}</tr>", cells.collect::<String>());
                }
                text.push_str("</tbody></table>\n");
            }
        }
    }
    text.push_str("</body>\n</html>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_keep_foreign_text_as_text() {
        let blocks = [
            Block::Heading(1, "A <b>week</b>".to_owned()),
            Block::Items(vec!["one".to_owned(), "t|wo".to_owned()]),
            Block::Table(vec!["What"], vec![vec!["<script>".to_owned()]]),
        ];
        assert_eq!(
            markdown(&blocks),
            "# A \\<b\\>week\\</b\\>\n\n- one\n- t\\|wo\n\n| What |\n|---|\n| \\<script\\> |\n"
        );
        let page = html("A <b>week</b>", &blocks);
        assert!(page.contains("<h1>A &lt;b&gt;week&lt;/b&gt;</h1>"), "{page}");
        assert!(page.contains("<td>&lt;script&gt;</td>") && !page.contains("<script>"), "{page}");
    }
}
