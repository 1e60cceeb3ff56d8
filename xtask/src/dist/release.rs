//! Which version is packed, and its day.

use crate::problem::{Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::{Workspace, read};

/// A version of the product.
#[derive(Clone)]
pub struct Release {
    /// As `Cargo.toml` has it.
    pub version: String,
    /// Name and address, of the newest entry of `packaging/changelog`.
    pub maintainer: String,
    /// In seconds since 1970: what files and man pages are dated, so that two runs are equal.
    pub moment: u64,
}

impl Release {
    /// The moment is `SOURCE_DATE_EPOCH` where it is set, else that of the newest entry of
    /// `packaging/changelog`. Fails where the places that name the version differ.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let version = version_of(&read(&workspace.root().join("Cargo.toml"))?)
            .ok_or_else(|| Problem::new("Cargo.toml names no version"))?;
        let changelog = read(&workspace.root().join("packaging/changelog"))?;
        let entry = newest_entry(&changelog)
            .ok_or_else(|| Problem::new("packaging/changelog has no signed entry"))?;
        if entry.version != version {
            return Err(Problem::new(format!(
                "packaging/changelog ends with {}, Cargo.toml says {version}: add an entry",
                entry.version
            )));
        }
        for (path, text) in [
            ("src-tauri/tauri.conf.json", format!("\"version\": \"{version}\"")),
            (
                "packaging/app.pilotage.pilotage.metainfo.xml",
                format!("<release version=\"{version}\""),
            ),
        ] {
            if !read(&workspace.root().join(path))?.contains(&text) {
                return Err(Problem::new(format!("{path} has no `{text}`, as Cargo.toml says")));
            }
        }
        let moment = match std::env::var("SOURCE_DATE_EPOCH") {
            Ok(text) => text.trim().parse().map_err(|_| {
                Problem::wrong_use(format!("SOURCE_DATE_EPOCH is no number of seconds: {text}"))
            })?,
            Err(_) => seconds_of(workspace, &entry.date)?,
        };
        Ok(Self { version, maintainer: entry.maintainer, moment })
    }

    /// As packages write it: a version before another sorts before it.
    pub fn package_version(&self) -> String {
        self.version.replacen('-', "~", 1)
    }

    /// For pages and forms: `2026-11-28`.
    pub fn day(&self, workspace: &Workspace) -> Result<String> {
        let moment = format!("@{}", self.moment);
        date(workspace, &["--date", &moment, "+%Y-%m-%d"])
    }
}

struct Entry {
    version: String,
    maintainer: String,
    date: String,
}

/// Debian's form: `name (version) …;`, then ` -- Name <address>  date`.
fn newest_entry(changelog: &str) -> Option<Entry> {
    let (_, rest) = changelog.lines().next()?.split_once('(')?;
    let (version, _) = rest.split_once(')')?;
    let signature = changelog.lines().find_map(|line| line.strip_prefix(" -- "))?;
    let (maintainer, date) = signature.split_once("  ")?;
    let owned = |text: &str| text.trim().to_owned();
    Some(Entry { version: owned(version), maintainer: owned(maintainer), date: owned(date) })
}

fn version_of(manifest: &str) -> Option<String> {
    let (_, rest) = manifest.split_once("[workspace.package]")?;
    let line = rest.lines().find_map(|line| line.strip_prefix("version = \""))?;
    line.split('"').next().map(str::to_owned)
}

fn seconds_of(workspace: &Workspace, day: &str) -> Result<u64> {
    let text = date(workspace, &["--date", day, "+%s"])?;
    text.parse().map_err(|_| Problem::new(format!("`{day}` in packaging/changelog is no date")))
}

fn date(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    let call = Call::new("date", workspace.root()).arguments(["-u"]).arguments(arguments);
    Ok(call.environment("LC_ALL", "C").run(Output::Silent)?.stdout.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entry_of_the_changelog_is_read() {
        let text = "pilotage (0.2.0) unstable; urgency=low\n\n  * Two.\n\n -- A B <a@b.invalid>  \
                    Tue, 01 Dec 2026 10:00:00 +0000\n\npilotage (0.1.0) unstable; urgency=low\n\n \
                    -- C <c@d.invalid>  Sat, 28 Nov 2026 00:00:00 +0000\n";
        let entry = newest_entry(text).expect("an entry");
        assert_eq!(entry.version, "0.2.0", "the first");
        assert_eq!(entry.maintainer, "A B <a@b.invalid>", "who signed it");
        assert_eq!(entry.date, "Tue, 01 Dec 2026 10:00:00 +0000", "when");
        assert!(newest_entry("pilotage (0.1.0) unstable\n").is_none(), "nobody signed");
    }

    #[test]
    fn the_version_is_that_of_the_workspace() {
        let text = "[package]\nversion = \"9\"\n[workspace.package]\nversion = \"0.1.0-beta.2\"\n";
        let version = version_of(text).expect("a version");
        let release = Release { version, maintainer: String::new(), moment: 0 };
        assert_eq!(release.package_version(), "0.1.0~beta.2", "sorts before 0.1.0");
    }
}
