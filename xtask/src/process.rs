//! The one module that starts other programs.
//!
//! Output is read line by line, shown or kept, with a sign of life each half minute: a build that
//! prints nothing for minutes looks like one that hangs.
#![expect(clippy::disallowed_methods, reason = "xtask exists to start cargo, npm and apt-get")]

use crate::problem::{Doing as _, Problem, Result};
use crate::workspace::Workspace;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// How long a program that has ended may keep its output open through a child it left behind.
const ORPHAN_GRACE: Duration = Duration::from_secs(2);

/// What happens to the output of a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    /// Printed as it comes, and kept.
    Shown,
    /// Kept only; printed by the caller when something fails.
    Kept,
    /// Kept, and no sign of life either: for questions that take a moment.
    Silent,
}

/// A program that has ended.
pub struct Finished {
    pub success: bool,
    /// Standard output alone, for those who parse it.
    pub stdout: String,
    /// Both streams as they came.
    pub all: String,
}

/// A program to be started.
pub struct Call {
    program: OsString,
    arguments: Vec<OsString>,
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
    removed: Vec<&'static str>,
}

impl Call {
    pub fn new(program: impl AsRef<OsStr>, folder: &Path) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            folder: folder.to_owned(),
            environment: Vec::new(),
            // `cargo run` sets these for us. Passed on, they would make another cargo rebuild
            // crates whose build scripts watch them.
            removed: vec![
                "CARGO_MANIFEST_DIR",
                "CARGO_MANIFEST_PATH",
                "CARGO_PKG_NAME",
                "CARGO_PKG_VERSION",
                "CARGO_BIN_NAME",
                "CARGO_CRATE_NAME",
            ],
        }
    }

    /// Cargo on the whole workspace. Queries are checked against `.sqlx` unless a caller says
    /// otherwise, whatever database the person at the terminal has in the environment.
    pub fn cargo(workspace: &Workspace) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut call = Self::new(cargo, workspace.root())
            .environment("CARGO_TARGET_DIR", workspace.target())
            .environment("SQLX_OFFLINE", "true");
        call.removed.push("DATABASE_URL");
        call
    }

    pub fn arguments<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    pub fn environment(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.removed.retain(|removed| *removed != name);
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Runs to the end and hands over what was printed, whether it succeeded or not.
    pub fn finish(&self, output: Output) -> Result<Finished> {
        let mut command = self.command();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.not_started(&error))?;
        let lines = read_streams(&mut child);
        let mut finished = Finished { success: false, stdout: String::new(), all: String::new() };
        let status = self.follow(&mut child, &lines, output, &mut finished)?;
        finished.success = status.success();
        Ok(finished)
    }

    /// Runs to the end; a failure becomes a problem that carries the output.
    pub fn run(&self, output: Output) -> Result<Finished> {
        let finished = self.finish(output)?;
        if finished.success {
            return Ok(finished);
        }
        Err(Problem::new(format!("`{}` failed", self.line())).with_log(finished.all))
    }

    /// Runs with this terminal as its own: for questions (sudo), and for the app itself.
    pub fn run_in_terminal(&self) -> Result<()> {
        let status = self.command().status().map_err(|error| self.not_started(&error))?;
        if status.success() {
            return Ok(());
        }
        Err(Problem::new(format!("`{}` ended with {status}", self.line())))
    }

    /// The command as one would type it.
    pub fn line(&self) -> String {
        let program = Path::new(&self.program).file_name().unwrap_or(&self.program);
        let words = std::iter::once(program).chain(self.arguments.iter().map(OsString::as_os_str));
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for name in &self.removed {
            command.env_remove(name);
        }
        command.args(&self.arguments).current_dir(&self.folder).envs(self.environment.clone());
        command
    }

    fn not_started(&self, error: &std::io::Error) -> Problem {
        Problem::new(format!("`{}` could not be started: {error}", self.line()))
    }

    fn follow(
        &self,
        child: &mut Child,
        lines: &Receiver<Line>,
        output: Output,
        finished: &mut Finished,
    ) -> Result<ExitStatus> {
        let started = Instant::now();
        let mut heard = started;
        let mut ended: Option<(ExitStatus, Instant)> = None;
        loop {
            match lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) => {
                    heard = Instant::now();
                    line.record(output, finished);
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return child.wait().doing(format_args!("wait for `{}`", self.line()));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if output != Output::Silent && heard.elapsed() >= SIGN_OF_LIFE {
                heard = Instant::now();
                println!("  … still running after {}", duration(started.elapsed()));
            }
            match ended {
                Some((status, at)) if at.elapsed() > ORPHAN_GRACE => return Ok(status),
                Some(_) => {}
                None => {
                    let status = child.try_wait().doing("look after a program")?;
                    ended = status.map(|status| (status, Instant::now()));
                }
            }
        }
    }
}

/// The folder of `PATH` that holds one of `names`.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let suffix = std::env::consts::EXE_SUFFIX;
    let candidates = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(format!("{name}{suffix}"))));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

/// `4 s`, `1 min 30 s`.
pub fn duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

enum Line {
    Stdout(String),
    Stderr(String),
}

impl Line {
    fn record(self, output: Output, finished: &mut Finished) {
        let (Self::Stdout(text) | Self::Stderr(text)) = &self;
        if output == Output::Shown {
            println!("{text}");
        }
        finished.all.push_str(text);
        finished.all.push('\n');
        if let Self::Stdout(text) = &self {
            finished.stdout.push_str(text);
            finished.stdout.push('\n');
        }
    }
}

fn read_streams(child: &mut Child) -> Receiver<Line> {
    let (sender, receiver) = channel();
    if let Some(stream) = child.stdout.take() {
        read_lines(stream, sender.clone(), Line::Stdout);
    }
    if let Some(stream) = child.stderr.take() {
        read_lines(stream, sender, Line::Stderr);
    }
    receiver
}

fn read_lines(stream: impl Read + Send + 'static, sender: Sender<Line>, line: fn(String) -> Line) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_end_matches(['\n', '\r']);
            if sender.send(line(text.to_owned())).is_err() {
                return;
            }
            bytes.clear();
        }
    });
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Call {
        Call::new("sh", Path::new("/")).arguments(["-c", script])
    }

    #[test]
    fn both_streams_are_kept() {
        let finished = shell("echo out; echo err >&2").run(Output::Silent).expect("success");
        assert_eq!(finished.stdout, "out\n", "standard output alone");
        assert!(finished.all.contains("err\n"), "both: {}", finished.all);
    }

    #[test]
    fn a_failure_carries_its_output() {
        let problem = shell("echo why; exit 3").run(Output::Silent).err().expect("must fail");
        assert_eq!(problem.log(), Some("why\n"), "{problem}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let call = Call::new("no-such-program-here", Path::new("/"));
        let problem = call.finish(Output::Silent).err().expect("must fail");
        assert!(problem.to_string().contains("no-such-program-here"), "{problem}");
    }

    #[test]
    fn an_orphan_does_not_hold_us_up() {
        let started = Instant::now();
        let finished = shell("sleep 20 & echo done").run(Output::Silent).expect("success");
        assert_eq!(finished.stdout, "done\n", "what the program itself printed");
        assert!(started.elapsed() < Duration::from_secs(15), "the orphan kept the pipe");
    }

    #[test]
    fn our_own_cargo_variables_are_not_passed_on() {
        let finished =
            shell("echo \"[$CARGO_MANIFEST_DIR]\"").run(Output::Silent).expect("success");
        assert_eq!(finished.stdout, "[]\n", "another cargo would rebuild");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_secs(59)), "59 s", "below a minute");
        assert_eq!(duration(Duration::from_secs(90)), "1 min 30 s", "above");
    }
}
