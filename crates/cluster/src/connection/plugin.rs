//! Starts a credential plugin: the one module of the product that starts programs for a cluster.

use super::kubeconfig::Program;
use super::redact::redact;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

/// How long a plugin may take: a person may have to confirm in a browser.
pub const LIMIT: Duration = Duration::from_mins(1);
/// No credential is longer.
const LONGEST_OUTPUT: u64 = 1024 * 1024;
/// How long a login shell may take to say its variables.
const SHELL_LIMIT: Duration = Duration::from_secs(5);
/// So much of what it complains about is kept.
const TAIL: usize = 4096;
/// Variables of our own process that a plugin would stumble over.
const DROPPED: &[&str] = &["PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "LD_PRELOAD"];

/// What a plugin brought. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credential {
    /// A bearer token.
    pub token: Option<SecretString>,
    /// A client certificate and its key, both as PEM.
    pub certificate: Option<(String, SecretString)>,
    /// When it ends; `None` where the plugin does not say.
    pub expires: Option<DateTime<Utc>>,
}

/// Why there is no credential. Texts are redacted and of one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginFailure {
    /// It could not be started.
    #[error("{name} could not be started: {why}")]
    NotStarted {
        /// Its base name.
        name: String,
        /// The system's words.
        why: String,
    },
    /// It ended badly.
    #[error("{name} ended with {status}: {last_line}")]
    Failed {
        /// Its base name.
        name: String,
        /// `code 1`, or a signal.
        status: String,
        /// The last line of what it complained.
        last_line: String,
    },
    /// It did not end in time and was ended.
    #[error(
        "{name} did not answer within {seconds} s and was ended; it may wait for somebody to sign in"
    )]
    TooLate {
        /// Its base name.
        name: String,
        /// The limit.
        seconds: u64,
    },
    /// What it printed is no credential.
    #[error("{name} printed no credential: {why}")]
    Rubbish {
        /// Its base name.
        name: String,
        /// What is wrong, without what it printed.
        why: String,
    },
}

/// One start of a program.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where it was found, as consented.
    pub path: PathBuf,
    /// Its stanza.
    pub program: Program,
    /// The login shell's path for its own children.
    pub search_path: String,
    /// Time limit.
    pub limit: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    status: Option<PrintedStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PrintedStatus {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    client_certificate_data: Option<String>,
    #[serde(default)]
    client_key_data: Option<String>,
    #[serde(default)]
    expiration_timestamp: Option<DateTime<Utc>>,
}

/// Runs a plugin once: no terminal, nothing to read, what it says is caught, and its whole group is
/// ended with the time limit or with this future.
///
/// # Errors
/// With what happened, in a line fit for the screen.
pub async fn run(start: &Start) -> Result<Credential, PluginFailure> {
    let name = name(&start.path);
    let mut group = spawn(start, &name)?;
    let running = async {
        let output = read_some(group.child.stdout.take(), LONGEST_OUTPUT);
        let complaints = read_some(group.child.stderr.take(), LONGEST_OUTPUT);
        let (output, complaints) = tokio::join!(output, complaints);
        (output, complaints, group.child.wait().await)
    };
    let Ok((output, complaints, status)) = tokio::time::timeout(start.limit, running).await else {
        return Err(PluginFailure::TooLate { name, seconds: start.limit.as_secs() });
    };
    let status = status.map_err(|error| PluginFailure::NotStarted {
        name: name.clone(),
        why: error.to_string(),
    })?;
    if !status.success() {
        let status = status.code().map_or("a signal".to_owned(), |code| format!("code {code}"));
        return Err(PluginFailure::Failed { name, status, last_line: last_line(&complaints) });
    }
    read(&output, &start.program).map_err(|why| PluginFailure::Rubbish { name, why })
}

/// Asks the login shell for its variables, once, when a program is not found on the path of this
/// process: a desktop starts programs with a short one. `None` where the shell does not answer in
/// time or answers nonsense.
///
/// Only what is allowed comes back: the path, and variables of proxies and cloud profiles.
pub async fn login_variables(shell: &Path) -> Option<BTreeMap<String, String>> {
    let mark = uuid::Uuid::new_v4().simple().to_string();
    // What start-up files print stands outside the marks.
    let script = format!("printf '%s' {mark}; env; printf '%s' {mark}");
    let login: &[&str] = match name(shell).as_str() {
        // It has no switch for a login that also takes a command.
        "tcsh" | "csh" => &["-c"],
        _ => &["-l", "-i", "-c"],
    };
    let mut command = Command::new(shell);
    command
        .args(login)
        .arg(script)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut group = Group { child: command.spawn().ok()? };
    let reading = read_some(group.child.stdout.take(), LONGEST_OUTPUT);
    let output = tokio::time::timeout(SHELL_LIMIT, reading).await.ok()?;
    let output = String::from_utf8_lossy(&output);
    let between = output.split(mark.as_str()).nth(1)?;
    let pairs = between.lines().filter_map(|line| line.split_once('='));
    let allowed = pairs.filter(|(name, _)| is_allowed(name));
    Some(allowed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn is_allowed(name: &str) -> bool {
    let upper = name.to_uppercase();
    let exact = ["PATH", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "AWS_PROFILE"];
    let more = ["AWS_REGION", "AWS_CONFIG_FILE", "CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR"];
    exact.contains(&upper.as_str()) || more.contains(&name)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A child and all that it started.
struct Group {
    child: Child,
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.child.id()
            && let Some(id) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw)
        {
            // Gone already is as good.
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
    }
}

fn spawn(start: &Start, name: &str) -> Result<Group, PluginFailure> {
    let program = &start.program;
    let information = serde_json::json!({
        "apiVersion": program.api_version,
        "kind": "ExecCredential",
        "spec": { "interactive": false },
    });
    let mut command = Command::new(&start.path);
    command
        .args(&program.arguments)
        .env("PATH", &start.search_path)
        .envs(program.environment.iter().map(|(name, value)| (name, value)))
        .env("KUBERNETES_EXEC_INFO", information.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let named = |dropped: &&&str| program.environment.iter().all(|(own, _)| own != **dropped);
    for dropped in DROPPED.iter().filter(named) {
        command.env_remove(dropped);
    }
    #[cfg(unix)]
    command.process_group(0);
    let child = command.spawn().map_err(|error| PluginFailure::NotStarted {
        name: name.to_owned(),
        why: error.to_string(),
    })?;
    Ok(Group { child })
}

async fn read_some(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut text = Vec::new();
    if let Some(from) = from {
        // What breaks off is judged by what came.
        let _ = from.take(most).read_to_end(&mut text).await;
    }
    text
}

fn last_line(complaints: &[u8]) -> String {
    let text = String::from_utf8_lossy(&complaints[complaints.len().saturating_sub(TAIL)..]);
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    let shown: String = redact(last.trim()).chars().filter(|letter| !letter.is_control()).collect();
    shown.chars().take(300).collect()
}

fn read(output: &[u8], program: &Program) -> Result<Credential, String> {
    let printed: Printed = serde_json::from_slice(output)
        .map_err(|error| format!("no JSON, line {} column {}", error.line(), error.column()))?;
    if printed.kind != "ExecCredential" {
        return Err("the kind is not ExecCredential".to_owned());
    }
    if printed.api_version != program.api_version {
        return Err(format!("it speaks another version than {}", program.api_version));
    }
    let status = printed.status.ok_or("it has no status")?;
    let certificate = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some((certificate, SecretString::from(key))),
        (None, None) => None,
        _ => return Err("a certificate without a key, or a key without a certificate".to_owned()),
    };
    let token = status.token.filter(|token| !token.is_empty()).map(SecretString::from);
    if token.is_none() && certificate.is_none() {
        return Err("neither token nor certificate".to_owned());
    }
    Ok(Credential { token, certificate, expires: status.expiration_timestamp })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::connection::consent::tests::program;
    use secrecy::ExposeSecret as _;
    use std::os::unix::fs::PermissionsExt as _;
    use tempfile::TempDir;

    const GOOD: &str = r#"echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": "planted-token", "expirationTimestamp": "2026-03-02T11:00:00Z"}}'"#;

    async fn ran(script: &str, limit: Duration) -> Result<Credential, PluginFailure> {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("login");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, mode).expect("a program");
        let search_path = "/usr/bin:/bin".to_owned();
        let program = program("login", &["one two", "$HOME"]);
        // A writer of another thread may hold the file open for a moment: try again then.
        for _ in 0..50 {
            let (path, program) = (path.clone(), program.clone());
            let start = Start { path, program, search_path: search_path.clone(), limit };
            match run(&start).await {
                Err(PluginFailure::NotStarted { why, .. }) if why.contains("busy") => {
                    tokio::task::yield_now().await;
                }
                other => return other,
            }
        }
        panic!("the script stayed busy");
    }

    #[tokio::test]
    async fn a_plugin_brings_a_credential() {
        let credential = ran(GOOD, LIMIT).await.unwrap();
        assert_eq!(credential.token.as_ref().unwrap().expose_secret(), "planted-token");
        assert_eq!(credential.expires.unwrap().to_rfc3339(), "2026-03-02T11:00:00+00:00");
        let shown = format!("{credential:?}");
        assert!(!shown.contains("planted-token"), "{shown}");
    }

    #[tokio::test]
    async fn arguments_pass_untouched_and_nothing_can_be_read() {
        let script = r#"test "$1" = "one two" && test "$2" = '$HOME' && test $# = 2 || exit 3
            read line && exit 4
            case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 5 ;; esac"#;
        let done = ran(&format!("{script}\n{GOOD}"), LIMIT).await;
        assert!(done.is_ok(), "{done:?}");
    }

    #[tokio::test]
    async fn what_goes_wrong_is_said_in_a_line_without_secrets() {
        let check = async |script: &str, part: &str| {
            let why = ran(script, LIMIT).await.unwrap_err().to_string();
            assert!(why.contains(part), "{script}: {why}");
            assert!(!why.contains("planted"), "{script}: {why}");
            assert_eq!(why.lines().count(), 1, "{script}: {why}");
        };
        check(
            "echo first >&2; echo 'token=planted expired' >&2; exit 7",
            "code 7: token=… expired",
        )
        .await;
        check("exit 1", "it said nothing").await;
        check("echo planted rubbish", "no JSON").await;
        check("echo '{\"kind\": \"planted\"}'", "not ExecCredential").await;
        check(&GOOD.replace("/v1\"", "/v1beta1\""), "another version").await;
        check(&GOOD.replace("token", "other"), "neither token").await;
        check("kill -9 $$", "a signal").await;
    }

    #[tokio::test]
    async fn a_plugin_that_sleeps_is_ended_with_its_children() {
        let folder = TempDir::new().unwrap();
        let mark = folder.path().join("mark");
        // The child would leave a mark if it outlived its parent.
        let script = format!("(sleep 2; touch {}) & sleep 60", mark.display());
        let late = ran(&script, Duration::from_millis(300)).await.unwrap_err();
        assert!(matches!(late, PluginFailure::TooLate { .. }), "{late}");
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert!(!mark.exists(), "the child went with it");
    }

    #[tokio::test]
    async fn the_login_shell_tells_its_path_and_little_else() {
        let folder = TempDir::new().unwrap();
        let shell = folder.path().join("shell");
        // A shell whose start-up files chatter, and that was asked to be a login shell.
        let script = r#"#!/bin/sh
echo "welcome PATH=/wrong"
test "$1" = -l && test "$2" = -i && test "$3" = -c || exit 1
PATH=/home/anna/bin:/usr/bin:/bin AWS_PROFILE=shop PASSWORD=planted /bin/sh -c "$4"
echo "good bye"
"#;
        std::fs::write(&shell, script).unwrap();
        std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut told = None;
        for _ in 0..50 {
            told = login_variables(&shell).await;
            if told.is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let told = told.expect("it answers");
        assert_eq!(told["PATH"], "/home/anna/bin:/usr/bin:/bin");
        assert_eq!(told["AWS_PROFILE"], "shop");
        assert!(!told.contains_key("PASSWORD"), "{:?}", told.keys());
        assert_eq!(login_variables(Path::new("/bin/false")).await, None, "one that says nothing");
    }
}
