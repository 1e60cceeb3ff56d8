//! A folder with a workspace, and the program run on it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Three services, a datastore, three dependencies.
pub const SHOP: &str = "\
services:
  shop:
    build: ./shop
    depends_on: [orders, db]
  orders:
    build: ./orders
    container_name: order-desk
    depends_on:
      - db
  payments:
    build: ./payments
  db:
    image: postgres:17
";

/// A folder of a test.
pub struct Place {
    folder: TempDir,
    program: PathBuf,
}

/// What the program said.
pub struct Run {
    pub exit: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            exit: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            err: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        }
    }
}

impl Place {
    /// An empty folder.
    pub fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            program: PathBuf::from(env!("CARGO_BIN_EXE_pilotage")),
        }
    }

    /// Runs the program in the test's folder from now on: nothing lies beside it there.
    pub fn put_program_in_folder(&mut self) {
        let here = self.path().join("pilotage");
        std::fs::hard_link(&self.program, &here)
            .or_else(|_| std::fs::copy(&self.program, &here).map(drop))
            .expect("the program in the folder");
        self.program = here;
    }

    /// A programme on which Ann works and Ben is known.
    pub fn with_programme() -> Self {
        let place = Self::empty();
        place.json(&[
            "init",
            "--name",
            "Shop",
            "--time-zone",
            "Europe/Berlin",
            "--as",
            "Ann <ann@a.example>",
        ]);
        place.json(&["person", "add", "Ben"]);
        place
    }

    /// The same with the inventory of [`SHOP`].
    pub fn with_shop() -> Self {
        let place = Self::with_programme();
        place.file("compose.yml", SHOP);
        place.json(&["import", "compose.yml"]);
        place
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn workspace(&self) -> PathBuf {
        self.path().join("p.pilotage")
    }

    /// Writes a file of the test.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).expect("a file of the test");
    }

    #[expect(clippy::disallowed_methods, reason = "the tests run the program as people do")]
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "USER", "USERNAME", "PILOTAGE_LOG"] {
            command.env_remove(name);
        }
        command
            .args(words)
            .current_dir(self.path())
            .env("PILOTAGE_WORKSPACE", self.workspace())
            .env("PILOTAGE_DATA_FOLDER", self.path().join("data"))
            .env("TMPDIR", self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, words: &[&str]) -> Run {
        Run::of(self.command(words).output().expect("the program starts"))
    }

    /// Runs with these lines on standard input.
    pub fn feed(&self, words: &[&str], input: &str) -> Run {
        use std::io::Write as _;
        let mut child =
            self.command(words).stdin(Stdio::piped()).spawn().expect("the program starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        std::thread::scope(|scope| {
            // The answers are read meanwhile: neither side waits for the other.
            scope.spawn(move || pipe.write_all(input.as_bytes()).expect("the program reads"));
            Run::of(child.wait_with_output().expect("the program ends"))
        })
    }

    /// The answer as JSON, of a command that works.
    pub fn json(&self, words: &[&str]) -> Value {
        self.json_ending(words, 0)
    }

    /// The answer as JSON, of a command that ends with this code.
    pub fn json_ending(&self, words: &[&str], exit: i32) -> Value {
        let run = self.run(&[words, &["--json"]].concat());
        assert_eq!(run.exit, exit, "{words:?} says {}{}", run.out, run.err);
        assert_eq!(run.out.lines().count(), 1, "one document, one line: {}", run.out);
        serde_json::from_str(&run.out).expect("JSON on standard output")
    }

    /// The error as JSON, of a command that is refused.
    pub fn refusal(&self, words: &[&str]) -> Value {
        let run = self.run(&[words, &["--json"]].concat());
        assert_eq!(run.exit, 2, "{words:?} must be refused; it says {}{}", run.out, run.err);
        assert_eq!(run.out, "", "nothing on standard output: {words:?}");
        assert_eq!(run.err.lines().count(), 1, "one line: {}", run.err);
        serde_json::from_str(&run.err).expect("JSON on standard error")
    }

    /// One row of the services list.
    pub fn row(&self, name: &str) -> Value {
        let rows = self.json(&["services"]);
        let rows = rows.as_array().expect("a list").iter();
        rows.clone().find(|row| row["name"] == name).expect("the service is listed").clone()
    }
}

/// Names of an object's members, sorted.
pub fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> =
        value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
