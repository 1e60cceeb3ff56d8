//! Names that are refused and names that collide.

use crate::support::{check, taken};

#[test]
fn the_second_of_two_names_that_read_the_same_is_rejected() {
    let tree = [(
        "c.yml",
        "services:
  user-db: {image: a, depends_on: [web]}
  web: {image: w, depends_on: [User.DB, user-db]}
  User.DB: {image: b, depends_on: [web]}
",
    )];
    check(
        &tree,
        &[
            "service user-db",
            "service web",
            "user-db needs web: c.yml:2 depends_on: web",
            "web needs user-db: c.yml:3 depends_on: user-db",
            "rejected web → User.DB at c.yml:3",
            "rejected User.DB at c.yml:4",
        ],
    );
    let reason = &taken(&tree).rejected[1].reason;
    assert!(reason.contains("line 2") && reason.contains("line 4"), "both lines: {reason}");
}

#[test]
fn names_that_cannot_be_shown_are_rejected() {
    let long = "x".repeat(201);
    let just = "y".repeat(200);
    let text = format!(
        "services:
  '': {{image: a}}
  ' ': {{image: a}}
  \"a\\tb\": {{image: a}}
  \"a\\u202Eb\": {{image: a}}
  {long}: {{image: a}}
  {just}: {{image: a}}
  with space: {{image: a}}
  café: {{image: a}}
"
    );
    let found = taken(&[("c.yml", text.as_str())]);
    let names: Vec<_> = found.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["café", "with space", just.as_str()]);
    let lines: Vec<_> = found.rejected.iter().map(|row| row.place.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6]);
    for row in &found.rejected {
        assert!(!row.subject.contains(['\t', '\u{202E}']), "fit to be shown: {:?}", row.subject);
    }
}

#[test]
fn a_service_that_is_no_map_is_rejected() {
    check(
        &[("c.yml", "services:\n  a: {image: a}\n  b: text\n  c:\n  d: [x]\n")],
        &["service a", "rejected b at c.yml:3", "rejected c at c.yml:4", "rejected d at c.yml:5"],
    );
}
