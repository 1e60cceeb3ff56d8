//! What an installed system reads about the product: man pages, completions, the desktop entry, the
//! description for software centres, icons. Judged in the root where the packages are installed.

use super::contents::{ICON_SIZES, METAINFO, files, name};
use crate::icons;
use crate::problem::{Problem, Result};
use crate::process::{Call, Output, find_program};
use crate::workspace::{Workspace, read};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What was looked at, what was wrong, and what could not be looked at here.
#[derive(Default)]
pub struct Verdict {
    looked_at: BTreeMap<String, usize>,
    wrong: Vec<String>,
    left_out: Vec<String>,
}

impl Verdict {
    /// Takes what a look at something found wrong: nothing, at best.
    pub fn judge(&mut self, what: &str, wrong: Vec<String>) {
        *self.looked_at.entry(what.to_owned()).or_default() += 1;
        self.wrong.extend(wrong);
    }

    /// Says so where a tool is missing: a check that did not run must not look like one that did.
    pub fn leave_out(&mut self, what: String) {
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    pub fn add(&mut self, other: Self) {
        for (what, times) in other.looked_at {
            *self.looked_at.entry(what).or_default() += times;
        }
        self.wrong.extend(other.wrong);
        other.left_out.into_iter().for_each(|what| self.leave_out(what));
    }

    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }

    pub fn print(&self, format: super::Format) {
        println!("{}: {}", format.name(), self.note());
    }

    /// What was looked at; a problem when anything is wrong, or nothing was looked at.
    pub fn into_result(self) -> Result<String> {
        if self.looked_at.is_empty() {
            return Err(Problem::new(format!(
                "nothing was looked at: {}",
                self.left_out.join("; ")
            )));
        }
        if self.wrong.is_empty() {
            return Ok(self.note());
        }
        let message = format!("{} things are wrong with the packages", self.wrong.len());
        Err(Problem::new(message).with_log(self.wrong.join("\n")))
    }

    fn note(&self) -> String {
        let looked_at: Vec<&str> = self.looked_at.keys().map(String::as_str).collect();
        let mut note = format!("looked at {}", looked_at.join(", "));
        if !self.left_out.is_empty() {
            note.push_str("; SKIPPED: ");
            note.push_str(&self.left_out.join("; "));
        }
        note
    }
}

/// Looks at everything that needs no program of the product to run.
pub fn check(workspace: &Workspace, root: &Path, verdict: &mut Verdict) -> Result<()> {
    man_pages(root, verdict)?;
    completions(root, verdict)?;
    desktop_entry(root, verdict)?;
    metainfo(root, verdict)?;
    verdict.judge("icons", icons::wrong(workspace)?);
    Ok(())
}

/// Every command has a page, and each page is set without a warning.
fn man_pages(root: &Path, verdict: &mut Verdict) -> Result<()> {
    let folder = root.join("usr/share/man/man1");
    let pages = if folder.is_dir() { files(&folder)? } else { Vec::new() };
    let names: Vec<String> = pages.iter().map(|page| name(page)).collect();
    let wanted = ["pilotage.1.gz", "pilotage-import.1.gz", "pilotage-desktop.1.gz"];
    let missing = wanted.iter().filter(|page| !names.iter().any(|name| name == *page));
    let mut wrong: Vec<String> = missing.map(|page| format!("no man page {page}")).collect();
    if find_program(&["man"]).is_none() {
        verdict.leave_out("setting of man pages (no `man` here)".to_owned());
        verdict.judge("man pages", wrong);
        return Ok(());
    }
    for page in &pages {
        let set = Call::new("man", root)
            .arguments(["--warnings", "--encoding=UTF-8", "--local-file"])
            .arguments([page])
            .environment("LC_ALL", "C.UTF-8")
            // Else warnings about lines that are too long depend on the terminal.
            .environment("MANWIDTH", "80")
            .environment("MANROFFSEQ", "")
            .finish(Output::Silent)?;
        let page = name(page);
        let printed: BTreeSet<&str> = set.stdout.lines().collect();
        let warnings = set.all.lines().filter(|line| !printed.contains(line));
        wrong.extend(warnings.map(|line| format!("{page}: {line}")));
        if !set.success || !set.stdout.lines().any(|line| line == "NAME") {
            wrong.push(format!("{page} cannot be set, or has no section NAME"));
        }
    }
    verdict.judge("man pages", wrong);
    Ok(())
}

/// Each shell that is here reads its own, and bash completes a command with it.
fn completions(root: &Path, verdict: &mut Verdict) -> Result<()> {
    let zsh =
        ["usr/share/zsh/vendor-completions/_pilotage", "usr/share/zsh/site-functions/_pilotage"];
    let zsh = zsh.iter().find(|path| root.join(path).is_file()).unwrap_or(&zsh[0]);
    // As bash itself calls it after `pilotage check att` and the tabulator key.
    let bash = "set -eu; source \"$1\"; complete -p pilotage; \
                COMP_WORDS=(pilotage check att); COMP_CWORD=2; COMPREPLY=(); \
                _pilotage pilotage att check; printf '%s\\n' \"${COMPREPLY[@]}\"; \
                [[ \" ${COMPREPLY[*]} \" == *' attest '* ]]";
    let shells = [
        ("bash", bash, "usr/share/bash-completion/completions/pilotage"),
        ("zsh", "source \"$1\"", *zsh),
        ("fish", "source $argv[2]", "usr/share/fish/vendor_completions.d/pilotage.fish"),
    ];
    for (shell, script, file) in shells {
        let path = root.join(file);
        let text = read(&path).unwrap_or_default();
        if !text.contains("attest") {
            verdict.judge("completions", vec![format!("no completions for {shell}: /{file}")]);
            continue;
        }
        if find_program(&[shell]).is_none() {
            verdict.leave_out(format!("completions in {shell} (not here)"));
            continue;
        }
        let script = if shell == "zsh" {
            format!("autoload -U compinit; compinit -D; {script}")
        } else {
            script.to_owned()
        };
        let loaded = Call::new(shell, root).arguments(["-c", &script, shell]).arguments([&path]);
        let loaded = loaded.finish(Output::Silent)?;
        let wrong = format!("{shell} cannot use its completions:\n{}", loaded.all);
        verdict.judge("completions", if loaded.success { Vec::new() } else { vec![wrong] });
    }
    Ok(())
}

/// It is valid, and what it starts and shows is installed.
fn desktop_entry(root: &Path, verdict: &mut Verdict) -> Result<()> {
    let path = root.join("usr/share/applications/pilotage-desktop.desktop");
    let Ok(text) = read(&path) else {
        verdict.judge("desktop entry", vec!["there is no desktop entry".to_owned()]);
        return Ok(());
    };
    let value =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    let mut wrong = Vec::new();
    let program = value("Exec=").split_whitespace().next().unwrap_or_default();
    if program.is_empty() || !root.join("usr/bin").join(program).is_file() {
        wrong.push(format!("the desktop entry starts {program:?}, which is not installed"));
    }
    let icon = value("Icon=");
    let theme = root.join("usr/share/icons/hicolor");
    let sizes = ICON_SIZES.iter().map(|size| format!("{size}x{size}/apps/{icon}.png"));
    let icons = sizes.chain([format!("scalable/apps/{icon}.svg")]);
    for missing in icons.filter(|file| !theme.join(file).is_file()) {
        wrong.push(format!("the desktop entry shows an icon that is not installed: {missing}"));
    }
    wrong.extend(valid("desktop-file-validate", &[], &path, "desktop entry", verdict)?);
    verdict.judge("desktop entry", wrong);
    Ok(())
}

fn metainfo(root: &Path, verdict: &mut Verdict) -> Result<()> {
    let path = root.join("usr/share/metainfo").join(METAINFO);
    if !path.is_file() {
        verdict.judge("metainfo", vec![format!("there is no {METAINFO}")]);
        return Ok(());
    }
    let strict = ["validate", "--no-net", "--pedantic", "--strict"];
    let wrong = valid("appstreamcli", &strict, &path, "metainfo", verdict)?;
    verdict.judge("metainfo", wrong);
    Ok(())
}

fn valid(
    program: &str,
    arguments: &[&str],
    path: &Path,
    what: &str,
    verdict: &mut Verdict,
) -> Result<Vec<String>> {
    if find_program(&[program]).is_none() {
        verdict.leave_out(format!("validation of the {what} (no `{program}` here)"));
        return Ok(Vec::new());
    }
    let call = Call::new(program, Path::new("/")).arguments(arguments).arguments([path]);
    let answer = call.finish(Output::Silent)?;
    // The validator of desktop entries speaks of what it would rather not see, and succeeds.
    let quiet = program != "desktop-file-validate" || answer.all.trim().is_empty();
    if answer.success && quiet {
        return Ok(Vec::new());
    }
    Ok(vec![format!("{program} on the {what}:\n{}", answer.all)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_says_what_was_skipped_and_fails_on_anything_wrong() {
        let mut verdict = Verdict::default();
        verdict.judge("icons", Vec::new());
        verdict.leave_out("zsh".to_owned());
        let note = verdict.into_result().expect("nothing wrong");
        assert!(note.contains("icons") && note.contains("SKIPPED: zsh"), "{note}");
        let mut verdict = Verdict::default();
        verdict.judge("icons", vec!["one is missing".to_owned()]);
        assert!(verdict.into_result().is_err(), "something is wrong");
        assert!(Verdict::default().into_result().is_err(), "nothing was looked at");
    }
}
