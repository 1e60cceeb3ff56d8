//! Words that may not stand in some folders.

use super::Violation;
use super::tree::{File, Tree};

/// A table row: which words, where, and why not.
struct Ban {
    words: &'static [&'static str],
    applies: fn(&File) -> bool,
    why: &'static str,
}

const PRODUCT: &[&str] = &["crates/", "src-tauri/"];
const PAGES: &[&str] = &["ui/src/"];

const BANS: &[Ban] = &[
    Ban {
        words: &["Command::new"],
        // The command line opens the window, which is a program of its own; credential plugins of
        // kubeconfigs are started by one module, after consent.
        applies: |file| {
            file.is("rs")
                && file.is_below(PRODUCT)
                && file.path != "crates/cli/src/window.rs"
                && file.path != "crates/cluster/src/connection/plugin.rs"
                && !file.path.contains("/tests/")
        },
        why: "programs start in xtask and tests only",
    },
    Ban {
        words: &["todo!(", "unimplemented!(", "dbg!("],
        applies: |file| file.is("rs") && file.is_below(PRODUCT),
        why: "unfinished work is not committed",
    },
    Ban {
        words: &["#[ignore"],
        applies: |file| file.is("rs") && (file.is_below(PRODUCT) || file.is_below(&["tests/"])),
        why: "a test that is not run proves nothing",
    },
    Ban {
        words: &["it.skip(", "test.skip(", "describe.skip(", ".only(", "it.todo(", "test.todo("],
        applies: |file| file.path.starts_with("ui/") && is_script_test(file),
        why: "a test that is not run proves nothing",
    },
    Ban {
        words: &["@tauri-apps"],
        applies: |file| is_page(file) && !file.is_below(&["ui/src/lib/platform/"]),
        why: "pages reach their host through ui/src/lib/platform only",
    },
    Ban {
        words: &["{@html", "innerHTML", "outerHTML", "insertAdjacentHTML"],
        applies: is_page,
        why: "text is never read as HTML",
    },
];

/// Sources of the page. Its own house test names what it forbids.
fn is_page(file: &File) -> bool {
    file.is_below(PAGES) && file.path != "ui/src/house.test.ts"
}

pub fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in &tree.files {
        for ban in BANS.iter().filter(|ban| (ban.applies)(file)) {
            for (line, text) in file.code_lines() {
                let found = ban.words.iter().find(|word| text.contains(**word));
                violations.extend(found.map(|word| Violation {
                    path: file.path.clone(),
                    line: Some(line),
                    message: format!("`{word}`: {}", ban.why),
                }));
            }
        }
    }
    violations
}

fn is_script_test(file: &File) -> bool {
    file.path.contains(".test.") || file.path.contains(".spec.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_words_are_found_where_they_are_banned() {
        let check = |path: &str, text: &str, expect: usize| {
            let found = super::check(&Tree::of(&[(path, text)]));
            assert_eq!(found.len(), expect, "{path}: {text}: {found:?}");
        };
        check("crates/store/src/lib.rs", "let c = std::process::Command::new(\"git\");", 1);
        check("src-tauri/src/main.rs", "Command::new(\"git\")", 1);
        check("crates/cluster/src/watch.rs", "Command::new(\"aws\")", 1);
        check("crates/cluster/src/connection/plugin.rs", "Command::new(path)", 0);
        check("tests/src/driver.rs", "Command::new(\"Xvfb\")", 0);
        check("crates/api/src/lib.rs", "fn f() { todo!() }", 1);
        check("crates/api/src/lib.rs", "    // todo!() was here", 0);
        check("crates/api/src/lib.rs", "unimplemented!(\"later\")", 1);
        check("crates/api/src/lib.rs", "dbg!(value);", 1);
        check("crates/api/tests/a.rs", "#[ignore = \"slow\"]", 1);
        check("tests/tests/pages.rs", "#[ignore]", 1);
        check("ui/src/lib/chart.test.ts", "it.skip('draws', () => {})", 1);
        check("ui/src/lib/chart.test.ts", "describe.only('draws', () => {})", 1);
        check("ui/src/lib/chart.ts", "scale.skip(2)", 0);
        check("ui/src/pages/Progress.svelte", "import { invoke } from '@tauri-apps/api/core'", 1);
        check("ui/src/lib/platform/tauri.ts", "import { invoke } from '@tauri-apps/api/core'", 0);
        check("ui/package.json", "\"@tauri-apps/api\": \"2\"", 0);
        check("ui/src/pages/Note.svelte", "<p>{@html note.text}</p>", 1);
        check("ui/src/pages/Note.svelte", "<p>{note.text}</p>", 0);
        check("ui/src/lib/table.ts", "cell.innerHTML = value", 1);
    }

    #[test]
    fn the_line_is_named() {
        let found = super::check(&Tree::of(&[("crates/a/src/lib.rs", "\n\ntodo!()")]));
        assert_eq!(found[0].line, Some(3), "{found:?}");
    }
}
