//! Several files in order.

use crate::support::{check_merged, check_service, merged};

const BASE: &str = "services:
  web:
    image: web:1
    command: [locust]
    depends_on: [api]
    ports: ['80:80']
    links: [api]
  api: {image: api:1, hostname: old}
  old: {image: old}
";

#[test]
fn maps_merge_lists_append_and_depends_on_is_a_union() {
    let tree = [
        ("c.yml", BASE),
        (
            "o.yml",
            "services:
  web:
    image: web:2
    command: serve
    depends_on:
      api: {condition: service_healthy}
      db: {condition: service_started}
    ports: ['443:443', '80:80']
  api: {hostname:}
  db: {image: postgres}
",
        ),
    ];
    check_merged(
        &tree,
        &["c.yml", "o.yml"],
        &[
            "service api",
            "service db",
            "service old",
            "service web",
            "web needs api: c.yml:5 depends_on: api; c.yml:7 links: api; \
             o.yml:6 depends_on: api (service_healthy)",
            "web needs db: o.yml:7 depends_on: db (service_started)",
        ],
    );
    let found = merged(&tree, &["c.yml", "o.yml"]);
    check_service(&found, "web", "web:2 | - | 443:443 80:80 | ");
    check_service(&found, "api", "api:1 | - |  | old (hostname)");
    let web = found.services.iter().find(|service| service.name == "web").expect("web");
    assert_eq!(web.class.word(), "service", "the second command replaced the first");
    assert_eq!(web.place.file, "c.yml", "a service stands where it was first written");
}

#[test]
fn order_decides() {
    let tree = [("c.yml", BASE), ("o.yml", "services: {web: {image: 'web:2'}}")];
    check_service(&merged(&tree, &["c.yml", "o.yml"]), "web", "web:2 | - | 80:80 | ");
    check_service(&merged(&tree, &["o.yml", "c.yml"]), "web", "web:1 | - | 80:80 | ");
}

#[test]
fn reset_removes_and_override_replaces() {
    let tree = [
        ("c.yml", BASE),
        (
            "o.yml",
            "services:
  web:
    depends_on: !override
      db: {condition: service_started}
    ports: !override ['1:1']
    links: !reset []
  api:
    hostname: !reset null
  old: !reset null
  db: {image: postgres}
  new: {image: new, ports: !reset ['9:9']}
",
        ),
    ];
    check_merged(
        &tree,
        &["c.yml", "o.yml"],
        &[
            "service api",
            "service db",
            "service new",
            "service web",
            "web needs db: o.yml:4 depends_on: db (service_started)",
        ],
    );
    let found = merged(&tree, &["c.yml", "o.yml"]);
    check_service(&found, "web", "web:1 | - | 1:1 | ");
    check_service(&found, "api", "api:1 | - |  | ");
    check_service(&found, "new", "new | - |  | ");
}

#[test]
fn one_entry_of_depends_on_can_be_reset() {
    check_merged(
        &[
            (
                "c.yml",
                "services:\n  a:\n    image: a\n    depends_on: [b, c]\n  b: {image: b}\n  c: {image: c}\n",
            ),
            ("o.yml", "services:\n  a:\n    depends_on:\n      b: !reset null\n"),
        ],
        &["c.yml", "o.yml"],
        &["service a", "service b", "service c", "a needs c: c.yml:4 depends_on: c"],
    );
}

#[test]
fn a_reset_reaches_what_extends_brings() {
    let tree = [(
        "c.yml",
        "services:
  a: {extends: b, ports: !reset [], depends_on: !override [c]}
  b: {image: b, ports: ['1:1'], depends_on: [d]}
  c: {image: c}
  d: {image: d}
",
    )];
    check_service(&merged(&tree, &["c.yml"]), "a", "b | - |  | ");
    check_merged(
        &tree,
        &["c.yml"],
        &[
            "service a",
            "service b",
            "service c",
            "service d",
            "a needs c: c.yml:2 depends_on: c",
            "b needs d: c.yml:3 depends_on: d",
        ],
    );
}

#[test]
fn a_service_gets_its_image_from_the_second_file() {
    let tree = [
        ("c.yml", "services: {a: {restart: always}}"),
        ("sub/o.yml", "services: {a: {image: late, build: ./a}}"),
    ];
    let found = merged(&tree, &["c.yml", "sub/o.yml"]);
    check_service(&found, "a", "late | a |  | late (image)");
    assert!(found.warnings.is_empty(), "judged after merging: {:?}", found.warnings);
}

#[test]
fn networks_merge_over_both_forms() {
    let tree = [
        ("c.yml", "services: {a: {image: a, networks: {n: {aliases: [one]}}}}"),
        ("o.yml", "services: {a: {networks: [m, n]}}"),
        ("p.yml", "services: {a: {networks: {n: {aliases: [two]}}}}"),
    ];
    let found = merged(&tree, &["c.yml", "o.yml", "p.yml"]);
    check_service(&found, "a", "a | - |  | one (network alias), two (network alias)");
}

#[test]
fn a_file_outside_the_first_folder_is_shown_by_its_name() {
    check_merged(
        &[
            ("in/c.yml", "services: {a: {image: a}, b: {image: b}}"),
            ("out/o.yml", "services:\n  a:\n    depends_on: [b]\n"),
        ],
        &["in/c.yml", "out/o.yml"],
        &["service a", "service b", "a needs b: o.yml:3 depends_on: b"],
    );
}
