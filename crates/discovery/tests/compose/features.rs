//! Forms of entries, `extends`, `include`, profiles, version 1, anchors, places.

use pilotage_discovery::read_compose;

use crate::support::{Written, check, check_service, check_warnings, lines, taken};

#[test]
fn depends_on_and_links_are_dependencies_with_their_own_lines() {
    check(
        &[(
            "compose.yaml",
            "services:
  till:
    image: till
    depends_on:
      - stock
      - ledger
  stock:
    image: stock
    depends_on:
      ledger:
        condition: service_healthy
        restart: true
    links:
      - 'ledger:books'
      - till
  ledger: {image: ledger, networks: [shared]}
  porch: {image: porch, networks: [shared]}
networks:
  shared:
",
        )],
        &[
            "service ledger",
            "service porch",
            "service stock",
            "service till",
            "stock needs ledger: compose.yaml:10 depends_on: ledger (service_healthy); \
             compose.yaml:14 links: ledger:books",
            "stock needs till: compose.yaml:15 links: till",
            "till needs ledger: compose.yaml:6 depends_on: ledger",
            "till needs stock: compose.yaml:5 depends_on: stock",
        ],
    );
}

#[test]
fn other_relations_are_no_dependencies() {
    check(
        &[(
            "compose.yaml",
            "services:
  a:
    image: a
    environment: ['PEER=http://b:80']
    network_mode: service:b
    volumes_from: [b]
    command: [serve, --peer, b]
  b: {image: b}
",
        )],
        &["service a", "service b"],
    );
}

#[test]
fn confidence_and_kind_are_those_of_start_order() {
    let found = taken(&[("c.yml", "services: {a: {image: a, depends_on: [b]}, b: {image: b}}")]);
    let json = serde_json::to_value(&found.dependencies).expect("serialises");
    assert_eq!(json[0]["kind"], "start_order");
    assert_eq!(json[0]["confidence_percent"], 70);
}

#[test]
fn unknown_ends_are_rejected_with_their_line() {
    check(
        &[(
            "compose.yaml",
            "services:
  a:
    image: a
    depends_on:
      - ghost
      - a
      - [x]
    links: ['phantom:p', {x: y}]
  b:
    image: b
    depends_on:
      maybe: {condition: service_started, required: false}
      a:
  c: {image: c, depends_on: a}
",
        )],
        &[
            "service a",
            "service b",
            "service c",
            "b needs a: compose.yaml:13 depends_on: a",
            "rejected a → ghost at compose.yaml:5",
            "rejected a → a at compose.yaml:6",
            "rejected a at compose.yaml:7",
            "rejected a at compose.yaml:8",
            "rejected a → phantom at compose.yaml:8",
            "rejected c at compose.yaml:14",
        ],
    );
}

#[test]
fn an_optional_service_that_is_absent_is_a_warning() {
    let text = "services:
  a:
    image: a
    depends_on:
      maybe: {condition: service_started, required: false}
";
    let found = taken(&[("c.yml", text)]);
    check_warnings(&found, &[("c.yml:5", "a → maybe")]);
    assert!(found.rejected.is_empty(), "nothing is rejected");
}

#[test]
fn forms_of_a_service() {
    let found = taken(&[(
        "app/compose.yaml",
        "services:
  a:
    build: ./src/a
    container_name: the-a
    hostname: a-host
    ports: ['8080:80', \"9090\", {target: 70, published: 7000, host_ip: 127.0.0.1, protocol: udp}]
    expose: [6000]
    networks:
      inner:
        aliases: [alpha, a]
  b:
    image: registry.local:5000/team/b-image:1.2@sha256:00ff
    build:
      context: ..
      dockerfile: services/b/Dockerfile
    links: ['a:first']
  c: {build: {context: 'https://git.invalid/c.git#main'}, external_links: ['the-a:outer']}
  d: {build: {context: /somewhere/else, dockerfile: x/Dockerfile}}
  e: {build: {context: ., dockerfile: deploy/e/Dockerfile}}
  f: {build: {dockerfile: Dockerfile}}
",
    )]);
    check_service(
        &found,
        "a",
        "- | src/a | 127.0.0.1:7000:70/udp 6000 8080:80 9090 | a-host (hostname), \
         alpha (network alias), first (link alias), outer (external link alias), \
         the-a (container_name)",
    );
    check_service(
        &found,
        "b",
        "registry.local:5000/team/b-image:1.2@sha256:00ff | ../services/b |  | b-image (image)",
    );
    check_service(&found, "c", "- | - |  | ");
    check_service(&found, "d", "- | - |  | ");
    check_service(&found, "e", "- | deploy/e |  | ");
    check_service(&found, "f", "- | . |  | ");
    let all = serde_json::to_string(&found).expect("serialises");
    assert!(!all.contains("/somewhere"), "no absolute path of the machine is kept: {all}");
}

#[test]
fn image_aliases_lose_common_prefixes_and_never_name_two() {
    let found = taken(&[(
        "c.yml",
        "services:
  basket: {image: shop/zx-trolley:1}
  till: {image: shop/zx-till:1}
  stock: {image: shop/zx-goods:1}
  dock: {image: shop/zx-dock:1}
  basket-db: {image: mongo:3}
  till-db: {image: mongo:4}
  mongo-like: {image: till}
  one: {image: 'all/in:1.0-uno'}
  two: {image: 'all/in:1.0-due'}
",
    )]);
    check_service(&found, "basket", "shop/zx-trolley:1 | - |  | trolley (image)");
    check_service(&found, "till", "shop/zx-till:1 | - |  | ");
    check_service(&found, "basket-db", "mongo:3 | - |  | ");
    check_service(&found, "mongo-like", "till | - |  | ");
    check_service(&found, "one", "all/in:1.0-uno | - |  | uno (image)");
}

#[test]
fn extends_in_this_file_and_in_another() {
    let tree = [
        (
            "compose.yaml",
            "services:
  web:
    extends: base
    image: web
  api:
    extends: {file: shared/common.yml, service: worker}
    depends_on: [web]
  base:
    image: base
    depends_on: [store]
    ports: ['1']
  store: {image: store}
",
        ),
        (
            "shared/common.yml",
            "services:
  worker:
    extends:
      service: root
    build: ./worker
  root:
    depends_on:
      - store
    expose: ['2']
",
        ),
    ];
    check(
        &tree,
        &[
            "service api",
            "service base",
            "service store",
            "service web",
            "api needs store: shared/common.yml:8 depends_on: store",
            "api needs web: compose.yaml:7 depends_on: web",
            "base needs store: compose.yaml:10 depends_on: store",
            "web needs store: compose.yaml:10 depends_on: store",
        ],
    );
    let found = taken(&tree);
    check_service(&found, "api", "- | shared/worker | 2 | ");
    check_service(&found, "web", "web | - | 1 | ");
}

#[test]
fn an_extends_that_leads_nowhere_spoils_one_row_only() {
    check(
        &[
            (
                "c.yml",
                "services:
  a: {image: a, extends: nobody}
  b: {image: b, extends: {file: gone.yml, service: x}}
  c: {image: c, extends: {file: 'https://x.invalid/c.yml', service: x}}
  d: {image: d, extends: {file: other.yml, service: x}}
  e: {image: e, extends: [x]}
",
            ),
            ("other.yml", "services: {y: {image: y}}"),
        ],
        &[
            "service a",
            "service b",
            "service c",
            "service d",
            "service e",
            "rejected a extends nobody at c.yml:2",
            "rejected b extends x at c.yml:3",
            "rejected c extends x at c.yml:4",
            "rejected d extends x at c.yml:5",
            "rejected e extends ? at c.yml:6",
        ],
    );
}

#[test]
fn include_in_all_forms() {
    check(
        &[
            (
                "compose.yaml",
                "include:
  - one/compose.yaml
  - path: [two/a.yaml, two/b.yaml]
    env_file: settings.env
    project_directory: .
services:
  main: {image: main, depends_on: [first, second]}
",
            ),
            (
                "one/compose.yaml",
                "include: ../three.yaml\nservices:\n  first: {image: '${NAME}'}\n",
            ),
            ("one/.env", "NAME=from-one\n"),
            ("two/a.yaml", "services:\n  second:\n    image: '${KIND}'\n    depends_on: [third]\n"),
            ("two/b.yaml", "services:\n  second:\n    build: ./two/src\n"),
            ("settings.env", "KIND=from-settings\n"),
            ("three.yaml", "services: {third: {image: third}}"),
        ],
        &[
            "service first",
            "service main",
            "service second",
            "service third",
            "main needs first: compose.yaml:7 depends_on: first",
            "main needs second: compose.yaml:7 depends_on: second",
            "second needs third: two/a.yaml:4 depends_on: third",
        ],
    );
}

#[test]
fn includes_have_their_own_variables_and_the_project_wins() {
    let found = taken(&[
        ("c.yml", "include: [sub/c.yml]\nservices: {top: {image: '${OWN}'}}\n"),
        (".env", "BOTH=project\n"),
        ("sub/c.yml", "services: {low: {image: '${OWN}-${BOTH}', build: .}}"),
        ("sub/.env", "OWN=sub\nBOTH=sub\n"),
    ]);
    check_service(&found, "low", "sub-project | sub |  | sub-project (image)");
    check_service(&found, "top", "- | - |  | ");
}

#[test]
fn includes_that_cannot_be_taken_are_rows() {
    check(
        &[
            (
                "c.yml",
                "include:
  - gone.yml
  - oci://x.invalid/y:1
  - {env_file: x}
  - other.yml
services:
  a: {image: a}
",
            ),
            ("other.yml", "services:\n  a: {image: other}\n  b: {image: b}\n"),
        ],
        &[
            "service a",
            "service b",
            "rejected include gone.yml at c.yml:2",
            "rejected include oci://x.invalid/y:1 at c.yml:3",
            "rejected include at c.yml:4",
        ],
    );
}

#[test]
fn one_file_over_two_includes_is_one_file_and_two_files_conflict() {
    check(
        &[
            ("c.yml", "include: [l.yml, r.yml]\nservices: {}\n"),
            ("l.yml", "include: [d.yml]\nservices: {same: {image: l}}\n"),
            ("r.yml", "include: [d.yml]\nservices:\n  same: {image: r}\n"),
            ("d.yml", "services: {deep: {image: d}}"),
        ],
        &["service deep", "service same", "rejected same at r.yml:3"],
    );
}

#[test]
fn profiles_filter_only_when_some_are_named() {
    let written = Written::new(&[(
        "c.yml",
        "services:
  always: {image: a, depends_on: [debug]}
  debug: {image: d, profiles: [debug, trace]}
  night: {image: n, profiles: [night]}
",
    )]);
    for (profiles, expect) in [
        (&[][..], &["service always", "service debug", "service night"][..]),
        (&["trace"], &["service always", "service debug"]),
        (&["night"], &["service always", "service night", "rejected always → debug at c.yml:2"]),
        (&["none"], &["service always", "rejected always → debug at c.yml:2"]),
        (&["*"], &["service always", "service debug", "service night"]),
    ] {
        let mut request = written.request(&["c.yml"]);
        request.profiles = profiles.iter().map(|&profile| profile.to_owned()).collect();
        let found = read_compose(&request).expect("the import works");
        let seen: Vec<_> =
            lines(&found).into_iter().filter(|line| !line.contains(" needs ")).collect();
        assert_eq!(seen, expect, "profiles {profiles:?}");
    }
}

#[test]
fn version_1_files_have_services_at_the_top() {
    let tree = [(
        "docker-compose.yml",
        "web:
  build: .
  dockerfile: docker/web/Dockerfile
  links:
    - db:database
db:
  image: postgres
x-note: {image: none}
",
    )];
    check(
        &tree,
        &["service db", "service web", "web needs db: docker-compose.yml:5 links: db:database"],
    );
    check_service(&taken(&tree), "web", "- | docker/web |  | ");
}

#[test]
fn anchors_aliases_and_merge_keys() {
    let tree = [(
        "c.yml",
        "x-one: &one
  image: one
  depends_on: &needs [db]
x-two: &two {image: two, hostname: two-host}
services:
  a:
    <<: *one
  b:
    <<: [*two, *one]
    image: own
  c:
    image: c
    depends_on: *needs
  d: *two
  db: {image: db}
",
    )];
    check(
        &tree,
        &[
            "service a",
            "service b",
            "service c",
            "service d",
            "service db",
            "a needs db: c.yml:3 depends_on: db",
            "b needs db: c.yml:3 depends_on: db",
            "c needs db: c.yml:3 depends_on: db",
        ],
    );
    let found = taken(&tree);
    check_service(&found, "a", "one | - |  | one (image)");
    check_service(&found, "b", "own | - |  | own (image), two-host (hostname)");
    let d = &found.services[3];
    assert_eq!(d.place.line, 14, "a service stands where its key stands, not where its anchor is");
}

#[test]
fn brackets_may_close_at_the_column_of_their_key() {
    check(
        &[(
            "c.yml",
            "services:
  a:
    image: a
    command: [
      \"x\"
    ]
    depends_on: [
    b,
  'c'
    ]
  b:
    image: b
    ulimits: {
      \"nproc\": 1
    }
  c: {image: c}
",
        )],
        &[
            "service a",
            "service b",
            "service c",
            "a needs b: c.yml:8 depends_on: b",
            "a needs c: c.yml:9 depends_on: c",
        ],
    );
}

#[test]
fn many_brackets_on_the_left_cost_one_more_reading() {
    let mut text = "services:\n".to_owned();
    for number in 0..2_000 {
        let row = format!("  s{number}:\n    image: x\n    command: [\n      \"y\"\n    ]\n");
        text.push_str(&row);
    }
    assert_eq!(taken(&[("c.yml", text.as_str())]).services.len(), 2_000);
}

#[test]
fn several_documents_are_laid_on_one_another() {
    check(
        &[(
            "c.yml",
            "---\nservices:\n  a: {image: a}\n---\nservices:\n  a: {depends_on: [b]}\n  b: {image: b}\n",
        )],
        &["service a", "service b", "a needs b: c.yml:6 depends_on: b"],
    );
}

#[test]
fn a_service_without_image_and_build_is_listed_with_a_warning() {
    let found = taken(&[("c.yml", "services:\n  a: {restart: always}\n")]);
    check_warnings(&found, &[("c.yml:2", "neither `image` nor `build`")]);
}

#[test]
fn a_file_that_only_names_networks_is_an_empty_inventory() {
    check(&[("c.yml", "version: '3'\nnetworks: {a: {}}\n")], &[]);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_not_matter() {
    check(
        &[(
            "c.yml",
            "\u{FEFF}services:\r\n  a:\r\n    image: a\r\n    depends_on:\r\n      - b\r\n  b: {image: b}\r\n",
        )],
        &["service a", "service b", "a needs b: c.yml:5 depends_on: b"],
    );
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let tree = [
        (
            "c.yml",
            "include: [d.yml]\nservices:\n  z: {image: '${X}', depends_on: [y, q]}\n  y: {image: 'y:${Z}', links: [z]}\n",
        ),
        (
            "d.yml",
            "services: {m: {image: mongo, depends_on: {n: {condition: service_started}}}, n: {image: n}}",
        ),
    ];
    let bytes = || serde_json::to_string(&taken(&tree)).expect("serialises");
    let first = bytes();
    for _ in 0..5 {
        assert_eq!(bytes(), first, "two runs over one tree");
    }
}
