//! `cargo xtask fuzz`: builds the targets of `fuzz/` and runs them.
//!
//! It needs no tool beside cargo: the counters that libFuzzer reads are an option of the compiler.
//! No sanitizer, since the workspace forbids unsafe code; what counts is panics, time and memory.

use crate::arguments::Arguments;
use crate::problem::{Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::{Workspace, create_folder};

const TARGETS: [&str; 5] = ["compose", "table", "catalogue", "playbook", "export_json"];
/// What one target may take, in MiB.
const MEMORY_MIB: u32 = 256;
/// What one input may take, in seconds: far more than any needs.
const SECONDS_AN_INPUT: u32 = 10;
/// Longer inputs slow the search down; the caps on size have tests of their own.
const LONGEST_INPUT: u32 = 16 * 1024;
/// As cargo-fuzz sets them, without a sanitizer.
const COUNTERS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 --cfg fuzzing";

/// Runs the targets that are named, or all, one after the other.
pub fn run(mut arguments: Arguments, workspace: &Workspace) -> Result<()> {
    let minutes = arguments.values("--minutes")?;
    let minutes: f64 = match minutes.last() {
        None => 1.0,
        Some(word) => {
            word.parse().ok().filter(|minutes| *minutes > 0.0 && *minutes <= 1_440.0).ok_or_else(
                || Problem::wrong_use("--minutes needs a number above 0, at most 1440"),
            )?
        }
    };
    let named = arguments.rest();
    if let Some(unknown) = named.iter().find(|name| !TARGETS.contains(&name.as_str())) {
        let message = format!("there is no target `{unknown}`; there are {}", TARGETS.join(", "));
        return Err(Problem::wrong_use(message));
    }
    let chosen: Vec<&str> = TARGETS
        .into_iter()
        .filter(|target| named.is_empty() || named.iter().any(|name| name == target))
        .collect();
    let host = host(workspace)?;
    let folder = workspace.root().join("fuzz");
    let target = workspace.target().join("fuzz");
    println!("Building the targets (a first build takes some minutes)");
    // With a target named, build scripts are built without counters.
    Call::cargo(workspace)
        .environment("CARGO_TARGET_DIR", &target)
        .environment("RUSTFLAGS", COUNTERS)
        .arguments(["build", "--release", "--bins", "--locked", "--target", &host])
        .arguments(["--manifest-path"])
        .arguments([folder.join("Cargo.toml")])
        .run_in_terminal()?;
    let findings = target.join("artifacts");
    create_folder(&findings)?;
    let inputs = target.join("tmp");
    create_folder(&inputs)?;
    for name in chosen {
        // What is found while running is kept outside the tree; the small corpus in it stays small.
        let grown = target.join("corpus").join(name);
        create_folder(&grown)?;
        println!("\n{name}: {minutes} minutes, at most {MEMORY_MIB} MiB");
        let seconds = (minutes * 60.0).ceil();
        let call = Call::new(target.join(&host).join("release").join(name), &target)
            .environment("TMPDIR", &inputs)
            .arguments([
                format!("-max_total_time={seconds}"),
                format!("-rss_limit_mb={MEMORY_MIB}"),
                format!("-timeout={SECONDS_AN_INPUT}"),
                format!("-max_len={LONGEST_INPUT}"),
                format!("-artifact_prefix={}/{name}-", findings.display()),
                "-print_final_stats=1".to_owned(),
                "-verbosity=0".to_owned(),
            ])
            .arguments([grown, folder.join("corpus").join(name)]);
        let finished = call.finish(Output::Kept)?;
        let stats = finished.all.lines().filter(|line| line.starts_with("stat::"));
        stats.for_each(|line| println!("  {}", line.trim_start_matches("stat::")));
        if !finished.success {
            let message = format!("{name} has a finding; its input lies in {}", findings.display());
            return Err(Problem::new(message).with_log(finished.all));
        }
    }
    println!("\nNo finding.");
    Ok(())
}

/// The machine's own target triple.
fn host(workspace: &Workspace) -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Call::new(rustc, workspace.root()).arguments(["-vV"]).run(Output::Kept)?;
    let line = version.stdout.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned)
        .ok_or_else(|| Problem::new("rustc does not say for which machine it builds"))
}
