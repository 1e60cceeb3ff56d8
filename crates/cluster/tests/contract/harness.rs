//! Runs the cases of the contract and says of each what became of it: passed, failed, or not run and
//! why. The usual harness cannot say the third at run time, and a case that only returns early would
//! count as passed. It understands what cargo and nextest ask of a harness.

use std::fmt;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not; what was wrong was printed when it was found.
    Failed,
    /// It was not tried.
    NotRun(String),
}

/// A case by its name. `run` is called once, on a thread of its own.
pub struct Case<'a> {
    /// Its module and its own name.
    pub name: String,
    /// Why it cannot run here; nothing where it can.
    pub not_here: Option<String>,
    /// Panics where it does not hold; says why where it finds that it cannot be tried.
    pub run: Box<dyn Fn() -> Result<(), String> + Send + Sync + 'a>,
}

/// What is asked on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Names only.
    pub list: bool,
    /// Of a list: those that are not run.
    pub ignored: bool,
    /// The names are whole names.
    pub exact: bool,
    /// Parts of names; all where there is none.
    pub names: Vec<String>,
}

impl Asked {
    /// Reads the arguments that cargo and nextest give. Others change nothing here.
    pub fn read(arguments: impl Iterator<Item = String>) -> Self {
        let mut asked = Self::default();
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--list" => asked.list = true,
                "--ignored" => asked.ignored = true,
                "--exact" => asked.exact = true,
                "--format" | "--test-threads" | "--color" | "-Z" => {
                    arguments.next();
                }
                name if !name.starts_with('-') => asked.names.push(name.to_owned()),
                _ => {}
            }
        }
        asked
    }

    fn wants(&self, name: &str) -> bool {
        let fits = |asked: &String| {
            if self.exact { name == asked } else { name.contains(asked.as_str()) }
        };
        self.names.is_empty() || self.names.iter().any(fits)
    }
}

/// How many became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    passed: usize,
    failed: usize,
    not_run: usize,
    left_out: usize,
}

impl Counts {
    /// Whether nothing failed, and whoever asked for a single case got it.
    pub fn is_success(self, asked: &Asked) -> bool {
        self.failed == 0 && !(asked.exact && self.passed == 0)
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            not_run: self.not_run + other.not_run,
            left_out: self.left_out + other.left_out,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In the form that those who count the results of tests read.
        let word = if self.failed == 0 { "ok" } else { "FAILED" };
        write!(
            formatter,
            "test result: {word}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out",
            self.passed, self.failed, self.not_run, self.left_out
        )
    }
}

/// Prints the names of cases, as nextest asks for them.
pub fn list(cases: &[Case<'_>], asked: &Asked, out: &mut impl std::io::Write) {
    for case in cases.iter().filter(|case| asked.wants(&case.name)) {
        if !asked.ignored || case.not_here.is_some() {
            let _ = writeln!(out, "{}: test", case.name);
        }
    }
}

/// Runs the cases that are asked for, at most so many side by side.
pub fn run(
    cases: &[Case<'_>],
    asked: &Asked,
    workers: usize,
    out: &mut (impl std::io::Write + Send),
) -> Counts {
    let wanted: Vec<&Case<'_>> = cases.iter().filter(|case| asked.wants(&case.name)).collect();
    let next = AtomicUsize::new(0);
    let counts =
        Mutex::new((Counts { left_out: cases.len() - wanted.len(), ..Counts::default() }, out));
    std::thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            scope.spawn(|| {
                while let Some(case) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = outcome(case);
                    let (counts, out) = &mut *counts.lock().expect("no panic while it is held");
                    counts.note(&outcome);
                    let _ = writeln!(out, "{}", told(case, &outcome));
                }
            });
        }
    });
    counts.into_inner().expect("no panic while it was held").0
}

impl Counts {
    fn note(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::NotRun(_) => self.not_run += 1,
        }
    }
}

fn outcome(case: &Case<'_>) -> Outcome {
    if let Some(why) = &case.not_here {
        return Outcome::NotRun(why.clone());
    }
    let ran = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(case.name.clone());
        thread.spawn_scoped(scope, || (case.run)()).expect("a thread").join()
    });
    match ran {
        Ok(Ok(())) => Outcome::Passed,
        Ok(Err(why)) => Outcome::NotRun(why),
        Err(_) => Outcome::Failed,
    }
}

fn told(case: &Case<'_>, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => format!("test {} ... ok", case.name),
        Outcome::Failed => format!("test {} ... FAILED", case.name),
        Outcome::NotRun(why) => format!("test {} ... not run: {why}", case.name),
    }
}
