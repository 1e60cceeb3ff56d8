//! What makes an import impossible: one error with its code, file and line.

use std::fmt::Write as _;

use pilotage_discovery::{ComposeRequest, read_compose};

use crate::support::{Written, assert_error, check_error, import, taken, write};

#[test]
fn no_file() {
    let error = read_compose(&ComposeRequest::default()).expect_err("nothing to read");
    assert_eq!((error.code(), error.file(), error.line()), ("no_file", None, None));
}

#[test]
fn files_that_cannot_be_read() {
    let written = Written::new(&[("good.yml", "services: {a: {image: a}}"), ("folder/x", "")]);
    let large = written.folder.path().join("large.yml");
    let file = std::fs::File::create(&large).expect("the file can be made");
    file.set_len(8 * 1024 * 1024 + 1).expect("the file can grow");
    for (name, code) in [
        ("gone.yml", "file_missing"),
        ("good.yml/below", "file_missing"),
        ("folder", "file_is_directory"),
        ("large.yml", "file_too_large"),
    ] {
        let error = read_compose(&written.request(&[name])).expect_err(name);
        let shown = name.rsplit('/').next().expect("a name");
        assert_error(&error, code, shown, None);
        let folder = written.folder.path().to_string_lossy().into_owned();
        assert!(!error.to_string().contains(&folder), "no path of the machine: {error}");
    }
}

#[test]
fn a_file_of_just_eight_mebibytes_is_read() {
    let mut text = "services: {a: {image: a}}\n#".to_owned();
    text.push_str(&"x".repeat(8 * 1024 * 1024 - text.len()));
    assert_eq!(taken(&[("c.yml", text.as_str())]).services.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_device_is_not_read() {
    let request = ComposeRequest { files: vec!["/dev/zero".into()], ..ComposeRequest::default() };
    let error = read_compose(&request).expect_err("a device never ends");
    assert_error(&error, "file_unreadable", "zero", None);
}

#[test]
fn text_in_a_wrong_encoding() {
    let utf16: Vec<u8> = [0xFEFF_u16]
        .into_iter()
        .chain("services: {}".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, line) in [
        (utf16.as_slice(), 1),
        (&[0xFE, 0xFF, 0, b'a'], 1),
        (b"services:\n  a:\n    image: caf\xe9\n", 3),
        (b"services:\n  a: \0\n", 2),
    ] {
        let written = Written::new(&[]);
        write(&written.folder.path().join("c.yml"), bytes);
        let error = read_compose(&written.request(&["c.yml"])).expect_err("not UTF-8");
        assert_error(&error, "file_not_text", "c.yml", Some(line));
    }
}

#[test]
fn broken_yaml_names_its_line() {
    for (text, line) in [
        ("services:\n  a: [x\n  b: y\n", 3),
        ("services:\n  a: {image: 'x\n", 2),
        ("services:\n  a:\n   image: x\n  b\n", 5),
        ("services:\n  a: *nowhere\n", 2),
        ("services:\n  ? [x]\n  : y\n", 2),
        ("services:\n  a:\n    <<: text\n", 3),
        ("services:\n  a: &x\n    b: *x\n", 3),
    ] {
        check_error(&[("c.yml", text)], "yaml_invalid", "c.yml", Some(line));
    }
}

#[test]
fn a_name_that_stands_twice_names_both_lines() {
    let tree = [("c.yml", "services:\n  a:\n    image: x\n  b: {image: y}\n  a:\n    image: z\n")];
    check_error(&tree, "duplicate_key", "c.yml", Some(5));
    let message = import(&tree).expect_err("a duplicate").to_string();
    assert!(message.contains("line 2") && message.contains("line 5"), "both lines: {message}");
    check_error(
        &[("c.yml", "services:\n  a: {image: x, image: y}\n")],
        "duplicate_key",
        "c.yml",
        Some(2),
    );
    check_error(&[("c.yml", "services: {}\nservices: {}\n")], "duplicate_key", "c.yml", Some(2));
}

#[test]
fn yaml_that_is_not_compose() {
    for (text, line) in [
        ("", 1),
        ("# only a note\n", 1),
        ("---\n", 1),
        ("- a\n- b\n", 1),
        ("\njust text\n", 2),
        ("services:\n  - a\n", 2),
        ("services: text\n", 1),
        ("name2: x\nother: [y]\n", 1),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n", 1),
    ] {
        check_error(&[("c.yml", text)], "compose_invalid", "c.yml", Some(line));
    }
}

#[test]
fn a_manifest_is_called_by_its_name() {
    let error = import(&[("c.yml", "apiVersion: v1\nkind: Pod\n")]).expect_err("no Compose file");
    assert!(error.to_string().contains("Kubernetes manifest"), "{error}");
}

#[test]
fn circles_of_extends() {
    check_error(
        &[("c.yml", "services:\n  a: {image: a, extends: a}\n")],
        "extends_cycle",
        "c.yml",
        Some(2),
    );
    let tree = [
        ("c.yml", "services:\n  a:\n    extends:\n      file: sub/d.yml\n      service: b\n"),
        ("sub/d.yml", "services:\n  b:\n    image: b\n    extends: {file: ../c.yml, service: a}\n"),
    ];
    check_error(&tree, "extends_cycle", "sub/d.yml", Some(4));
    let message = import(&tree).expect_err("a circle").to_string();
    assert!(message.contains("a → b → a"), "the circle is named: {message}");
}

#[test]
fn circles_of_include() {
    check_error(&[("c.yml", "include: [c.yml]\n")], "include_cycle", "c.yml", Some(1));
    check_error(
        &[
            ("c.yml", "include: [sub/d.yml]\nservices: {a: {image: a}}\n"),
            ("sub/d.yml", "services: {b: {image: b}}\ninclude:\n  - path: ../c.yml\n"),
        ],
        "include_cycle",
        "sub/d.yml",
        Some(3),
    );
}

#[test]
fn an_error_in_an_included_or_extended_file_names_that_file() {
    for first in ["include: [d.yml]\n", "services: {a: {extends: {file: d.yml, service: b}}}\n"] {
        check_error(
            &[("c.yml", first), ("d.yml", "services:\n  b: {image: b}\n  b: {image: b}\n")],
            "duplicate_key",
            "d.yml",
            Some(3),
        );
    }
}

#[test]
fn alias_bombs() {
    let mut text = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n".to_owned();
    for step in 1..10 {
        let aliases = vec![format!("*x{}", step - 1); 10].join(", ");
        writeln!(text, "x{step}: &x{step} [{aliases}]").expect("a string takes everything");
    }
    text.push_str("services: {a: {image: a}}\n");
    check_error(&[("c.yml", text.as_str())], "limit_exceeded", "c.yml", Some(6));

    let long = "z".repeat(1024 * 1024);
    let text = format!("x: &x {long}\ny: [{}]\n", vec!["*x"; 64].join(", "));
    let error = import(&[("c.yml", text.as_str())]).expect_err("too much text");
    assert_eq!(error.code(), "limit_exceeded", "{error}");
}

#[test]
fn depth_and_size() {
    let deep = format!("services:\n  a: {}{}\n", "[".repeat(63), "]".repeat(63));
    check_error(&[("c.yml", deep.as_str())], "limit_exceeded", "c.yml", Some(2));
    let very_deep = "[".repeat(100_000);
    check_error(&[("c.yml", very_deep.as_str())], "limit_exceeded", "c.yml", Some(1));
    let blocks = "- ".repeat(100_000);
    check_error(&[("c.yml", blocks.as_str())], "limit_exceeded", "c.yml", Some(1));

    let mut wide = "services: {a: {image: a}}\nx: [\n".to_owned();
    wide.push_str(&" 1,\n".repeat(250_001));
    wide.push_str(" ]\n");
    let error = import(&[("c.yml", wide.as_str())]).expect_err("too many values");
    assert_eq!(error.code(), "limit_exceeded", "{error}");

    let mut nested = "services: {z: {image: z}}\nx0: &x0 [a]\n".to_owned();
    for step in 1..80 {
        writeln!(nested, "x{step}: &x{step} [*x{}]", step - 1).expect("a string takes everything");
    }
    let error = import(&[("c.yml", nested.as_str())]).expect_err("too deep over aliases");
    assert_eq!(error.code(), "limit_exceeded", "{error}");
}

#[test]
fn copies_by_extends_are_limited() {
    let mut text = "services:\n  base:\n    image: b\n    depends_on: [".to_owned();
    text.push_str(&"x, ".repeat(20_000));
    text.push_str("]\n");
    for number in 0..100 {
        writeln!(text, "  s{number:03}: {{extends: base}}").expect("a string takes everything");
    }
    check_error(&[("c.yml", text.as_str())], "limit_exceeded", "c.yml", Some(54));
}

#[test]
fn chains_of_extends_and_include_are_limited() {
    let mut text = "services:\n  s0: {image: x}\n".to_owned();
    for number in 1..100 {
        writeln!(text, "  s{number}: {{extends: s{}}}", number - 1)
            .expect("a string takes everything");
    }
    let error = import(&[("c.yml", text.as_str())]).expect_err("too many steps");
    assert_eq!(error.code(), "limit_exceeded", "{error}");

    let files: Vec<(String, String)> = (0..40)
        .map(|n| (format!("c{n}.yml"), format!("include: [c{0}.yml, c{0}.yml]\n", n + 1)))
        .collect();
    let tree: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let error = import(&tree).expect_err("too many includes");
    assert_eq!(error.code(), "limit_exceeded", "{error}");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_not_followed() {
    let outside = Written::new(&[("secret.yml", "services: {stolen: {image: s}}")]);
    let written = Written::new(&[
        ("c.yml", "include:\n  - out.yml\n  - in.yml\nservices: {a: {image: a}}\n"),
        ("real.yml", "services: {b: {image: b}}"),
    ]);
    let folder = written.folder.path();
    let link = |from: std::path::PathBuf, to: &str| {
        std::os::unix::fs::symlink(from, folder.join(to)).expect("the link can be made");
    };
    link(outside.folder.path().join("secret.yml"), "out.yml");
    link(folder.join("real.yml"), "in.yml");
    let found = read_compose(&written.request(&["c.yml"])).expect("the import works");
    let names: Vec<_> = found.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!((found.rejected.len(), found.rejected[0].place.line), (1, 2));
}
