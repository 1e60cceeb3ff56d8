//! The harness of the contract: what was not tried never counts as passed, and nothing is left out in
//! silence.

#[path = "contract/harness.rs"]
mod harness;

use harness::{Asked, Case, list, run};

fn cases() -> Vec<Case<'static>> {
    let case = |name: &str, not_here: Option<&str>, run: fn() -> Result<(), String>| Case {
        name: name.to_owned(),
        not_here: not_here.map(str::to_owned),
        run: Box::new(run),
    };
    vec![
        case("one::holds", None, || Ok(())),
        case("one::breaks", None, || std::panic::resume_unwind(Box::new("planned"))),
        case("two::finds_out", None, || Err("no node is ready".to_owned())),
        case("two::cannot", Some("it needs faults"), || Ok(())),
    ]
}

fn asked(arguments: &[&str]) -> Asked {
    Asked::read(arguments.iter().map(|argument| (*argument).to_owned()))
}

fn ran(arguments: &[&str]) -> (String, bool) {
    let mut out = Vec::new();
    let asked = asked(arguments);
    let counts = run(&cases(), &asked, 2, &mut out);
    let lines = String::from_utf8(out).expect("text");
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_unstable();
    (format!("{}\n{counts}", lines.join("\n")), counts.is_success(&asked))
}

#[test]
fn each_case_is_told_and_counted_once() {
    let check = |arguments: &[&str], expect: &str, success: bool| {
        assert_eq!(ran(arguments), (expect.to_owned(), success), "{arguments:?}");
    };
    check(
        &["--test-threads", "2"],
        "test one::breaks ... FAILED\n\
         test one::holds ... ok\n\
         test two::cannot ... not run: it needs faults\n\
         test two::finds_out ... not run: no node is ready\n\
         test result: FAILED. 1 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out",
        false,
    );
    check(
        &["holds"],
        "test one::holds ... ok\n\
         test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out",
        true,
    );
    // Whoever asks for this very case, as nextest does, must not read a pass.
    check(
        &["--exact", "two::finds_out", "--nocapture"],
        "test two::finds_out ... not run: no node is ready\n\
         test result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out",
        false,
    );
}

#[test]
fn names_are_listed_as_runners_ask_for_them() {
    let check = |arguments: &[&str], expect: &str| {
        let mut out = Vec::new();
        list(&cases(), &asked(arguments), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expect, "{arguments:?}");
    };
    let all = "one::holds: test\none::breaks: test\ntwo::finds_out: test\ntwo::cannot: test\n";
    check(&["--list", "--format", "terse"], all);
    check(&["--list", "--format", "terse", "--ignored"], "two::cannot: test\n");
    check(&["--list", "one"], "one::holds: test\none::breaks: test\n");
}
