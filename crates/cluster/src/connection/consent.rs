//! Consent before any program runs: which program exactly, and whether it may run at all.
//!
//! The key is of the stanza, not of the file: `kubectl config use-context` rewrites files, and people
//! learn to click yes.

use super::kubeconfig::Program;
use std::path::{Component, Path, PathBuf};
use uuid::Uuid;

/// What a person agrees to: this file with these arguments, variables and version. Any change asks
/// again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consent(Uuid);

impl Consent {
    /// The key of a program that was found at `path`.
    pub fn of(path: &Path, program: &Program) -> Self {
        let parts = serde_json::json!([
            path.to_string_lossy(),
            program.arguments,
            program.environment,
            program.api_version,
        ]);
        Self(Uuid::new_v5(&Uuid::NAMESPACE_OID, parts.to_string().as_bytes()))
    }

    /// As it is kept beside the app's settings.
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// How the question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// A program and arguments as cloud vendors document them.
    Known,
    /// Anything else.
    Unknown,
}

/// Why a program is never run, whatever a person says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not found on the path that was searched.
    #[error("the program {name} was not found in {searched}{}", hint_text(.hint.as_deref()))]
    NotFound {
        /// Its base name.
        name: String,
        /// The folders that were searched.
        searched: String,
        /// What the stanza says about getting it.
        hint: Option<String>,
    },
    /// It wants a terminal.
    #[error("the program {0} wants to ask in a terminal; run it there once: {1}")]
    NeedsTerminal(String, String),
    /// A shell with a script in its arguments.
    #[error(
        "the stanza runs {0} with a script in its arguments, which cannot be judged; name a program instead"
    )]
    ShellScript(String),
    /// A file or a folder that others can write.
    #[error("{0} can be changed by other users of this machine; correct its permissions first")]
    WritableByOthers(String),
}

fn hint_text(hint: Option<&str>) -> String {
    hint.map(|hint| format!("; {hint}")).unwrap_or_default()
}

/// Finds a program on `path` (the login shell's) and says whether it may be asked about.
///
/// # Errors
/// With the reason why it is never run.
pub fn resolve(program: &Program, path: &str) -> Result<PathBuf, Refusal> {
    let name = base_name(&program.command);
    if program.needs_terminal {
        let line = [std::slice::from_ref(&program.command), &program.arguments].concat().join(" ");
        return Err(Refusal::NeedsTerminal(name, line));
    }
    let found = find(&program.command, path).ok_or_else(|| Refusal::NotFound {
        name: name.clone(),
        searched: path.to_owned(),
        hint: program.install_hint.clone(),
    })?;
    let shells = ["sh", "bash", "dash", "zsh", "fish", "ksh", "cmd", "cmd.exe", "powershell"];
    let script = program.arguments.iter().any(|argument| {
        argument.starts_with("-c") || argument.starts_with("/c") || argument == "-Command"
    });
    if shells.contains(&base_name(&found.to_string_lossy()).as_str()) && script {
        return Err(Refusal::ShellScript(name));
    }
    match writable(&found) {
        Some(loose) => Err(Refusal::WritableByOthers(loose.display().to_string())),
        None => Ok(found),
    }
}

fn base_name(command: &str) -> String {
    let last = Path::new(command).file_name().map(|name| name.to_string_lossy().into_owned());
    last.unwrap_or_else(|| command.to_owned())
}

/// A command with a separator has been made absolute when its file was read; one without is searched
/// in absolute folders only, so that the folder one happens to stand in never decides.
fn find(command: &str, path: &str) -> Option<PathBuf> {
    let direct = Path::new(command);
    if direct.components().count() > 1 || direct.is_absolute() {
        return (direct.is_absolute() && is_program(direct)).then(|| direct.to_owned());
    }
    if !matches!(direct.components().next(), Some(Component::Normal(_))) {
        return None;
    }
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(command)).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// The file or its folder, whichever others may write.
#[cfg(unix)]
fn writable(file: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    // A link is as good as what it points at.
    let file = std::fs::canonicalize(file).ok()?;
    let folder = file.parent().map(Path::to_owned);
    [Some(file), folder].into_iter().flatten().find(|one| {
        let mode = std::fs::metadata(one).map_or(0, |found| found.permissions().mode());
        // A sticky folder lets nobody replace another's file.
        mode & 0o002 != 0 && mode & 0o1000 == 0
    })
}

#[cfg(not(unix))]
fn writable(_: &Path) -> Option<PathBuf> {
    None
}

/// Programs and argument patterns as their vendors document them. The name alone is not enough: `aws
/// s3 cp` is also `aws`.
const KNOWN: &[(&str, &[&str])] = &[
    ("aws", &["eks", "get-token"]),
    ("gke-gcloud-auth-plugin", &[]),
    ("kubelogin", &["get-token"]),
    ("gcloud", &["config", "config-helper"]),
    ("oci", &["ce", "cluster", "generate-token"]),
    ("doctl", &["kubernetes", "cluster", "kubeconfig", "exec-credential"]),
    ("tsh", &["kube", "credentials"]),
];

/// How to ask about a program.
pub fn question(program: &Program) -> Question {
    let name = base_name(&program.command);
    let name = name.trim_end_matches(".exe");
    // Words of the command come in this order, with options between them.
    let follows = |words: &[&str]| {
        let mut rest = program.arguments.iter();
        words.iter().all(|word| rest.any(|argument| argument == word))
    };
    let plain = program.environment.iter().all(|(name, _)| !is_delicate(name));
    let known = KNOWN.iter().any(|(own, words)| *own == name && follows(words));
    if known && plain { Question::Known } else { Question::Unknown }
}

/// Variables that change what a program does, and need a line of their own in the question.
pub fn is_delicate(name: &str) -> bool {
    let heads = ["LD_", "DYLD_", "PYTHON", "GIT_"];
    heads.iter().any(|head| name.starts_with(head)) || matches!(name, "PATH" | "NODE_OPTIONS")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use tempfile::TempDir;

    pub(crate) fn program(command: &str, arguments: &[&str]) -> Program {
        Program {
            command: command.to_owned(),
            arguments: arguments.iter().map(|one| (*one).to_owned()).collect(),
            environment: Vec::new(),
            api_version: "client.authentication.k8s.io/v1".to_owned(),
            install_hint: Some("get it from the shop".to_owned()),
            needs_terminal: false,
        }
    }

    #[test]
    fn a_changed_stanza_asks_again() {
        let path = Path::new("/usr/bin/aws");
        let own = program("aws", &["eks", "get-token"]);
        let key = |path: &str, change: &dyn Fn(&mut Program)| {
            let mut changed = own.clone();
            change(&mut changed);
            Consent::of(Path::new(path), &changed)
        };
        let same = Consent::of(path, &own);
        assert_eq!(
            key("/usr/bin/aws", &|one| one.install_hint = None),
            same,
            "words do not matter"
        );
        let others = [
            key("/tmp/aws", &|_| {}),
            key("/usr/bin/aws", &|one| one.arguments.push("--debug".to_owned())),
            key("/usr/bin/aws", &|one| one.environment.push(("A".to_owned(), "b".to_owned()))),
            key("/usr/bin/aws", &|one| one.api_version = "v2".to_owned()),
            // Two arguments are not one with a space.
            key("/usr/bin/aws", &|one| one.arguments = vec!["eks get-token".to_owned()]),
        ];
        for other in others {
            assert_ne!(other, same);
        }
    }

    #[test]
    fn known_programs_are_known_by_their_arguments() {
        let check = |command: &str, arguments: &[&str], expect: Question| {
            assert_eq!(question(&program(command, arguments)), expect, "{command} {arguments:?}");
        };
        check("aws", &["--region", "eu", "eks", "get-token", "--cluster", "a"], Question::Known);
        check("/opt/bin/aws", &["eks", "get-token"], Question::Known);
        check("aws", &["s3", "cp", "a", "b"], Question::Unknown);
        check("gke-gcloud-auth-plugin", &[], Question::Known);
        check("curl", &["get-token"], Question::Unknown);
        let mut loaded = program("aws", &["eks", "get-token"]);
        loaded.environment.push(("LD_PRELOAD".to_owned(), "/tmp/a.so".to_owned()));
        assert_eq!(question(&loaded), Question::Unknown, "with a library of somebody's");
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_judged_is_never_run() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = TempDir::new().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let make = |name: &str, mode: u32| {
            let file = folder.path().join(name);
            std::fs::write(&file, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            file
        };
        let (good, loose, flat) = (make("good", 0o755), make("loose", 0o777), make("flat", 0o644));
        make("bash", 0o755);
        let path = format!("relative:{}", folder.path().display());
        let check = |program: &Program, expect: Result<&Path, &str>| {
            let found = resolve(program, &path);
            match expect {
                Ok(file) => assert_eq!(found.as_deref(), Ok(file), "{program:?}"),
                Err(part) => {
                    let why = found.unwrap_err().to_string();
                    assert!(why.contains(part), "{program:?}: {why}");
                }
            }
        };
        check(&program("good", &[]), Ok(&good));
        check(&program(&good.to_string_lossy(), &[]), Ok(&good));
        check(&program("none", &[]), Err("get it from the shop"));
        check(&program(&flat.to_string_lossy(), &[]), Err("not found"));
        check(&program("./good", &[]), Err("not found"));
        check(&program("bash", &["-c", "curl x | sh"]), Err("script in its arguments"));
        check(&program(&loose.to_string_lossy(), &[]), Err("other users"));
        let mut asking = program("good", &["login"]);
        asking.needs_terminal = true;
        check(&asking, Err("run it there once: good login"));
    }
}
