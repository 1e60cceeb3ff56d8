//! Interpolation and env files.

use std::fmt::Write as _;

use pilotage_discovery::read_compose;

use crate::support::{Written, assert_error, check_service, check_warnings, taken};

/// The image of a service whose `image` is the given text.
fn image(written: &str, env: &str) -> (String, usize) {
    let compose = format!("services:\n  a:\n    image: '{written}'\n");
    let found = taken(&[("c.yml", compose.as_str()), (".env", env)]);
    let image = found.services[0].image.clone().unwrap_or_default();
    // The warning about a missing image is not the one that is counted here.
    let warnings = found.warnings.iter().filter(|w| !w.text.contains("neither")).count();
    (image, warnings)
}

#[test]
fn every_form_of_a_variable() {
    let env = "SET=x\nEMPTY=\n";
    for (written, expect, warnings) in [
        ("plain", "plain", 0),
        ("$SET", "x", 0),
        ("$SET-y", "x-y", 0),
        ("${SET}y", "xy", 0),
        ("a$UNSET", "a", 1),
        ("a${UNSET}${UNSET}b", "ab", 1),
        ("a${EMPTY}b", "ab", 0),
        ("${SET:-d}", "x", 0),
        ("${EMPTY:-d}", "d", 0),
        ("${EMPTY-d}z", "z", 0),
        ("${UNSET:-d}", "d", 0),
        ("${UNSET-d}", "d", 0),
        ("${UNSET:-}z", "z", 0),
        ("${UNSET:-${EMPTY:-${SET}}}", "x", 0),
        ("${UNSET:-$SET/y}", "x/y", 0),
        ("${SET:+d}", "d", 0),
        ("${EMPTY:+d}z", "z", 0),
        ("${EMPTY+d}z", "dz", 0),
        ("${UNSET+d}z", "z", 0),
        ("${SET:?why}", "x", 0),
        ("${EMPTY?why}z", "z", 0),
        ("z${EMPTY:?why}", "z", 1),
        ("z${UNSET?why}", "z", 1),
        ("$$SET", "$SET", 0),
        ("$$$SET", "$x", 0),
        ("a$", "a$", 1),
        ("a$(b)", "a$(b)", 1),
        ("a${b", "a${b", 1),
        ("a${1}", "a${1}", 1),
        ("a${}", "a${}", 1),
        ("a${SET!}", "a${SET!}", 1),
        ("${SET:-é}", "x", 0),
        ("${UNSET:-é}", "é", 0),
    ] {
        assert_eq!(image(written, env), (expect.to_owned(), warnings), "{written}");
    }
}

#[test]
fn every_form_of_an_env_file() {
    for (env, expect) in [
        ("X=a", "a"),
        ("X = a ", "a"),
        ("export X=a", "a"),
        ("X=a # note", "a"),
        ("X=a#b", "a#b"),
        ("#X=b\n\nX=a", "a"),
        ("X='a # b'", "a # b"),
        ("X=\"a b\" # note", "a b"),
        ("X=\"a\\\"b\"", "a\"b"),
        ("X=one\nX=two", "two"),
        ("Y=1\nX=v${Y}", "v1"),
        ("X=v${Y}\nY=1", "v1"),
        ("X=${Y}\nY=${Z}\nZ=deep ", "deep"),
        ("Y=1\nX='v${Y}'", "v${Y}"),
        ("Y=1\nX=\"v${Y}\\${Y}\"", "v1${Y}"),
        ("X=${Y:-d}", "d"),
        ("X='two\nlines'", "two\nlines"),
        ("X=a\r\nY=b\r\n", "a"),
    ] {
        assert_eq!(image("${X}", env).0, expect, "{env:?}");
    }
}

#[test]
fn circles_between_variables_end() {
    let (image, warnings) = image("z${A}", "A=${B}\nB=${A}\n");
    assert_eq!((image.as_str(), warnings), ("z", 1), "read as empty, with a warning");
}

#[test]
fn values_that_double_on_every_step_are_cut() {
    let mut env = String::from("V0=0123456789012345678901234567890123456789\n");
    for step in 1..30 {
        writeln!(env, "V{step}=${{V{0}}}${{V{0}}}", step - 1).expect("a string takes everything");
    }
    let (image, warnings) = image("${V29}", &env);
    assert!(image.len() <= 64 * 1024, "at most 64 KiB: {}", image.len());
    assert!(warnings > 0, "with a warning");
}

#[test]
fn named_env_files_win_over_the_one_beside_the_file() {
    let written = Written::new(&[
        ("c.yml", "services: {a: {image: '${A}-${B}-${C}'}}"),
        (".env", "A=1\nB=1\nC=1\n"),
        ("x.env", "B=2\nC=2\n"),
        ("y.env", "C=${A}3\n"),
    ]);
    let mut request = written.request(&["c.yml"]);
    let folder = written.folder.path();
    request.env_files = vec![folder.join("x.env"), folder.join("y.env")];
    let found = read_compose(&request).expect("the import works");
    check_service(&found, "a", "1-2-13 | - |  | 1-2-13 (image)");

    request.env_files = vec![folder.join("gone.env")];
    let error = read_compose(&request).expect_err("a named env file must be there");
    assert_error(&error, "file_missing", "gone.env", None);
}

#[test]
fn the_environment_of_the_process_is_never_read() {
    assert!(std::env::var("PATH").is_ok(), "the test needs a variable that is set");
    assert_eq!(image("z$PATH", ""), ("z".to_owned(), 1));
}

#[test]
fn keys_are_not_interpolated_and_list_entries_are() {
    let found = taken(&[
        (
            "c.yml",
            "services:
  a:
    image: a
    depends_on: ['$TARGET']
  b:
    image: b
    depends_on: {$TARGET: {}}
",
        ),
        (".env", "TARGET=b\n"),
    ]);
    assert_eq!(found.dependencies.len(), 1, "{:?}", found.dependencies);
    assert_eq!(found.rejected[0].subject, "b → $TARGET");
    assert_eq!(found.rejected[0].place.line, 7);
}

#[test]
fn an_unset_variable_is_one_warning_at_its_first_place() {
    let found = taken(&[(
        "c.yml",
        "services:\n  a:\n    image: a\n    environment:\n      - X=$GONE\n  b: {image: 'b$GONE'}\n",
    )]);
    check_warnings(&found, &[("c.yml:5", "GONE")]);
}

#[test]
fn a_required_variable_does_not_end_the_import() {
    let found = taken(&[("c.yml", "services:\n  a:\n    image: a\n    user: ${WHO:?say who}\n")]);
    check_warnings(&found, &[("c.yml:4", "say who")]);
}

#[test]
fn secrets_are_in_no_result() {
    let found = taken(&[
        (
            "c.yml",
            "services:
  a:
    image: a
    environment: {PASSWORD: hunter2, TOKEN: '${SECRET}'}
    command: [run, --password, hunter2]
    labels: [key=hunter2]
",
        ),
        (".env", "SECRET=hunter2\nBAD LINE hunter2\nQ=\"hunter2\nL=${L}hunter2\n"),
    ]);
    let all = serde_json::to_string(&found).expect("serialises");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn a_folder_called_env_is_no_obstacle() {
    let found = taken(&[("c.yml", "services: {a: {image: a}}"), (".env/bin/x", "")]);
    check_warnings(&found, &[(".env:1", "folder")]);
}
