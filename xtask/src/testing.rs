//! `cargo xtask test`: runs the steps in order, and reports.

mod counts;
mod steps;

use crate::problem::{Problem, Result};
use crate::process::{Output, duration};
use crate::workspace::{Workspace, create_folder};
use counts::Counts;
use std::fs;
use std::time::{Duration, Instant};
use steps::{STEPS, Step};

/// How much of the output of a step that failed is printed; the rest is in its log.
const LAST_LINES: usize = 80;

/// What to run.
pub struct Selection {
    /// Names of steps; empty for all.
    pub only: Vec<String>,
    pub output: Output,
    pub keep_going: bool,
}

/// What a step has to say when it passed.
#[derive(Default)]
struct Passed {
    /// Where it runs test cases.
    counts: Option<Counts>,
    note: String,
}

struct Report {
    name: &'static str,
    time: Duration,
    counts: Option<Counts>,
    note: String,
    result: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    /// An earlier step failed.
    NotRun,
}

/// The steps, one a line, for `--list`.
pub fn list() -> String {
    let lines: Vec<String> =
        STEPS.iter().map(|step| format!("{:<20} {}", step.name, step.about)).collect();
    lines.join("\n")
}

/// Runs the selected steps, prints a table and the sum.
pub fn run(workspace: &Workspace, selection: &Selection) -> Result<()> {
    let steps = select(&selection.only)?;
    create_folder(&workspace.logs())?;
    let started = Instant::now();
    let mut reports = Vec::new();
    let mut stopped = false;
    for (index, step) in steps.iter().enumerate() {
        if stopped {
            reports.push(Report::not_run(step.name));
            continue;
        }
        println!("[{}/{}] {}", index + 1, steps.len(), step.name);
        let report = run_step(workspace, step, selection.output);
        stopped = report.result == Outcome::Failed && !selection.keep_going;
        reports.push(report);
    }
    println!("\n{}in {}", table(&reports), duration(started.elapsed()));
    println!("{}", sum(&reports));
    let passed = reports.iter().all(|report| report.result == Outcome::Passed);
    if passed { Ok(()) } else { Err(Problem::reported()) }
}

fn select(only: &[String]) -> Result<Vec<&'static Step>> {
    let known = |name: &String| STEPS.iter().any(|step| step.name == name.as_str());
    if let Some(name) = only.iter().find(|name| !known(name)) {
        return Err(Problem::wrong_use(format!("there is no step `{name}`; they are\n{}", list())));
    }
    let wanted = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

fn run_step(workspace: &Workspace, step: &Step, output: Output) -> Report {
    let started = Instant::now();
    let result = (step.run)(workspace, output);
    let time = started.elapsed();
    match result {
        Ok(passed) => {
            println!("      ok in {} {}", duration(time), passed.note);
            let Passed { counts, note } = passed;
            Report { name: step.name, time, counts, note, result: Outcome::Passed }
        }
        Err(problem) => {
            print_failure(workspace, step.name, &problem);
            let counts = problem.log().and_then(counts::read);
            let note = problem.to_string().lines().next().unwrap_or_default().to_owned();
            Report { name: step.name, time, counts, note, result: Outcome::Failed }
        }
    }
}

fn print_failure(workspace: &Workspace, name: &str, problem: &Problem) {
    println!("      FAILED: {problem}");
    let Some(log) = problem.log() else {
        return;
    };
    let path = workspace.logs().join(format!("{name}.log"));
    let lines: Vec<&str> = log.lines().collect();
    let hidden = lines.len().saturating_sub(LAST_LINES);
    if fs::write(&path, log).is_ok() && hidden > 0 {
        println!("      the last {LAST_LINES} lines of {}:", path.display());
    }
    for line in &lines[hidden..] {
        println!("      | {line}");
    }
}

impl Report {
    fn not_run(name: &'static str) -> Self {
        let note = "not run: an earlier step failed".to_owned();
        Self { name, time: Duration::ZERO, counts: None, note, result: Outcome::NotRun }
    }

    /// A step that fails without a failed case (it did not compile) is a failure of its own.
    fn failures(&self) -> usize {
        let cases = self.counts.map_or(0, |counts| counts.failed);
        if self.result == Outcome::Failed { cases.max(1) } else { cases }
    }
}

fn table(reports: &[Report]) -> String {
    let mut text = format!("{:<20} {:>8}  {:<8} {}\n", "step", "seconds", "result", "");
    for report in reports {
        let result = match report.result {
            Outcome::Passed => "passed",
            Outcome::Failed => "FAILED",
            Outcome::NotRun => "not run",
        };
        let cases = report.counts.map(|counts| format!("{counts} ")).unwrap_or_default();
        let seconds = report.time.as_secs_f32();
        let line =
            format!("{:<20} {seconds:>8.1}  {result:<8} {cases}{}", report.name, report.note);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Test cases where any ran, else steps.
fn sum(reports: &[Report]) -> String {
    let failed: usize = reports.iter().map(Report::failures).sum();
    let cases = reports.iter().filter_map(|report| report.counts).map(|counts| counts.passed);
    let passed = if reports.iter().any(|report| report.counts.is_some()) {
        cases.sum()
    } else {
        reports.iter().filter(|report| report.result == Outcome::Passed).count()
    };
    format!("{passed} passed, {failed} failed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(result: Outcome, counts: Option<(usize, usize)>) -> Report {
        let counts = counts.map(|(passed, failed)| Counts { passed, failed, skipped: 0 });
        Report { name: "step", time: Duration::ZERO, counts, note: String::new(), result }
    }

    #[test]
    fn the_sum_counts_cases_and_failed_steps() {
        let check = |reports: &[Report], expect: &str| assert_eq!(sum(reports), expect);
        let passed = |cases| report(Outcome::Passed, cases);
        let failed = |cases| report(Outcome::Failed, cases);
        check(&[passed(None), passed(Some((12, 0))), passed(Some((30, 0)))], "42 passed, 0 failed");
        check(&[passed(Some((12, 0))), failed(Some((3, 2)))], "15 passed, 2 failed");
        check(&[passed(Some((12, 0))), failed(None)], "12 passed, 1 failed");
        check(&[passed(None), passed(None)], "2 passed, 0 failed");
        check(&[passed(None), failed(None), Report::not_run("later")], "1 passed, 1 failed");
    }

    #[test]
    fn the_table_names_every_step_and_what_was_not_run() {
        let text = table(&[report(Outcome::Failed, None), Report::not_run("later")]);
        assert!(text.contains("FAILED") && text.contains("later"), "{text}");
        assert!(text.contains("not run: an earlier step failed"), "{text}");
    }

    #[test]
    fn an_unknown_step_is_refused() {
        assert!(select(&["clipy".to_owned()]).is_err(), "must not run nothing in silence");
        assert_eq!(select(&[]).expect("all").len(), STEPS.len(), "all without a selection");
        let two = select(&["clippy".to_owned(), "format".to_owned()]).expect("two");
        let names: Vec<&str> = two.iter().map(|step| step.name).collect();
        assert_eq!(names, ["format", "clippy"], "in the order of the steps");
    }
}
