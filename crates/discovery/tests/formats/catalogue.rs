use crate::support::{check_warnings, lines};
use crate::{check_rejected, read_one, taken};
use pilotage_discovery::{Discovered, Format};
use pilotage_domain::words::{DependencyKind, NodeClass};

const SHOP: &str = "\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  title: Checkout Desk
  description: Takes the money.
  tags: [java, public]
  links:
    - {url: https://docs.example/checkout, title: Runbook}
    - {url: 'javascript:alert(1)', title: Bad}
  annotations:
    backstage.io/source-location: url:https://git.example/shop/mono/tree/main/services/checkout/
    backstage.io/kubernetes-id: checkout-v2
spec:
  type: website
  lifecycle: production
  owner: group:default/team-blue
  system: store
  consumesApis: [payments-api, gone-api]
  dependsOn:
    - resource:orders-db
    - component:nobody
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
  annotations:
    github.com/project-slug: shop/payments
spec:
  type: service
  owner: user:ann
  providesApis:
    - payments-api
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: payments-api}
spec: {type: openapi, lifecycle: production, owner: team-blue, definition: '{}'}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: orders-db}
spec:
  type: database
  owner: team-blue
  dependencyOf: ['component:payments']
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: money-lib}
spec: {type: library, owner: team-blue}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: store}
spec: {owner: team-blue}
---
kind: ConfigMap
";

fn service<'a>(found: &'a Discovered, name: &str) -> &'a pilotage_discovery::DiscoveredService {
    found.services.iter().find(|service| service.name == name).expect("the service is taken")
}

#[test]
fn entities_become_nodes_and_edges_with_their_lines() {
    let found = taken(&[("catalog-info.yaml", SHOP)]);
    assert_eq!(found.format, Format::Catalogue);
    assert_eq!(
        lines(&found),
        [
            "service checkout",
            "service orders-db",
            "service payments",
            "checkout needs orders-db: catalog-info.yaml:21 dependsOn: resource:orders-db",
            "checkout needs payments: catalog-info.yaml:19 consumesApis: payments-api; \
             catalog-info.yaml:34 providesApis: payments-api",
            "payments needs orders-db: catalog-info.yaml:47 dependencyOf: component:payments",
            "rejected checkout → component:nobody at catalog-info.yaml:22",
        ]
    );
    let kinds: Vec<_> = found.dependencies.iter().map(|edge| edge.kind).collect();
    assert_eq!(
        kinds,
        [DependencyKind::Declared, DependencyKind::Interface, DependencyKind::Declared]
    );
    check_warnings(
        &found,
        &[
            ("catalog-info.yaml:10", "the link is no link that starts with https://"),
            ("catalog-info.yaml:19", "interface gone-api"),
            ("catalog-info.yaml:49", "money-lib is a library"),
        ],
    );
}

#[test]
fn what_an_entity_says_of_itself_is_kept() {
    let found = taken(&[("catalog-info.yaml", SHOP)]);
    let checkout = service(&found, "checkout");
    let said = &checkout.said;
    assert_eq!(said.owner.as_deref(), Some("team-blue"));
    assert_eq!(said.team.as_deref(), Some("team-blue"));
    assert_eq!(said.repository.as_deref(), Some("https://git.example/shop/mono"));
    assert_eq!(checkout.source_directory.as_deref(), Some("services/checkout"));
    assert_eq!(said.archetype.as_deref(), Some("website"));
    assert_eq!(said.notes.as_deref(), Some("Takes the money."));
    assert_eq!(Vec::from_iter(&said.tags), ["java", "public", "system:store"]);
    assert_eq!(
        said.links.iter().map(|(address, title)| format!("{title} {address}")).collect::<Vec<_>>(),
        ["Runbook https://docs.example/checkout"]
    );
    let aliases: Vec<_> = checkout.aliases.iter().map(|alias| alias.value.as_str()).collect();
    assert_eq!(aliases, ["Checkout Desk", "checkout-v2"]);
    let payments = service(&found, "payments");
    assert_eq!(payments.said.owner.as_deref(), Some("ann"));
    assert_eq!(payments.said.team, None, "a person is no team");
    assert_eq!(payments.said.archetype, None, "`service` says nothing new");
    assert_eq!(payments.said.repository.as_deref(), Some("https://github.com/shop/payments"));
}

#[test]
fn types_become_classes() {
    let check = |kind: &str, of: &str, expect: Option<NodeClass>| {
        let text = format!(
            "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{type: {of}}}\n"
        );
        let found = taken(&[("c.yaml", &text)]);
        assert_eq!(found.services.first().map(|node| node.class), expect, "{kind} {of}");
    };
    check("Component", "service", Some(NodeClass::Service));
    check("Component", "website", Some(NodeClass::Service));
    check("Component", "library", None);
    check("Resource", "database", Some(NodeClass::Datastore));
    check("Resource", "s3-bucket", Some(NodeClass::Datastore));
    check("Resource", "kubernetes-cluster", Some(NodeClass::Platform));
    check("Resource", "saas", Some(NodeClass::External));
    check("Resource", "''", Some(NodeClass::External));
}

fn component(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\nspec: {{type: service{spec}}}\n"
    )
}

#[test]
fn locations_inside_the_folder_are_read_and_others_named() {
    let location = "\
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: all}
spec:
  targets:
    - ./pay/catalog-info.yaml
    - pay/../pay/catalog-info.yaml
    - ../outside.yaml
    - /etc/hostname
    - https://git.example/x.yaml
    - ./*/catalog-info.yaml
    - ./missing.yaml
    - ./pay
    - ./all.yaml
";
    let pay = component("pay", "");
    let found = taken(&[
        ("top/all.yaml", location),
        ("top/pay/catalog-info.yaml", &pay),
        ("outside.yaml", &component("secret", "")),
    ]);
    assert_eq!(lines(&found), ["service pay"]);
    check_warnings(
        &found,
        &[
            ("all.yaml:8", "lies outside the folder"),
            ("all.yaml:9", "is no relative path"),
            ("all.yaml:10", "lies on another machine"),
            ("all.yaml:11", "is a pattern"),
            ("all.yaml:12", "does not exist"),
            ("all.yaml:13", "is no file"),
        ],
    );
    assert_eq!(found.files, ["all.yaml", "pay/catalog-info.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_a_location_out() {
    let written = crate::support::Written::new(&[
        (
            "top/all.yaml",
            "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: a}\nspec: {target: ./way/c.yaml}\n",
        ),
        ("top/inside/c.yaml", &component("inside", "")),
        ("outside/c.yaml", &component("outside", "")),
    ]);
    let top = written.folder.path().join("top");
    let way = top.join("way");
    std::os::unix::fs::symlink(written.folder.path().join("outside"), &way).unwrap();
    let found = crate::read_at(&top.join("all.yaml")).unwrap();
    assert_eq!(lines(&found), [] as [&str; 0]);
    check_warnings(&found, &[("all.yaml:4", "leads out")]);
    // The control: a link that stays inside is read.
    std::fs::remove_file(&way).unwrap();
    std::os::unix::fs::symlink(top.join("inside"), &way).unwrap();
    assert_eq!(lines(&crate::read_at(&top.join("all.yaml")).unwrap()), ["service inside"]);
}

#[test]
fn names_that_cannot_be_told_apart_are_rejected() {
    let text = component("pay-ments", "")
        + &component("pay_ments", "")
        + &component("ok", ", dependsOn: ['component:pay_ments']");
    let found = taken(&[("c.yaml", &text)]);
    check_rejected(&found, "pay_ments", "c.yaml:7", "c.yaml, line 2");
    check_warnings(&found, &[("c.yaml:15", "was not taken because of its name")]);
    let twice = component("pay", "") + &component("PAY", "");
    check_rejected(&taken(&[("c.yaml", &twice)]), "PAY", "c.yaml:7", "already");
}

#[test]
fn hostile_entities_are_rejected_alone() {
    let text = component("good", "")
        + &component("\"ba\\u202ed\"", "")
        + &component("''", "")
        + &component("self", ", dependsOn: ['component:self']");
    let found = taken(&[("c.yaml", &text)]);
    assert_eq!(found.services.len(), 2, "{:?}", lines(&found));
    assert_eq!(found.rejected.len(), 3, "{:?}", found.rejected);
}

#[test]
fn namespaces_are_part_of_a_reference() {
    let text = component("a", ", dependsOn: ['component:other/b', 'COMPONENT:Default/B']")
        + &component("b", "");
    let found = taken(&[("c.yaml", &text)]);
    assert_eq!(found.dependencies.len(), 1, "case does not count: {:?}", lines(&found));
    check_rejected(&found, "a → component:other/b", "c.yaml:5", "No component");
}

#[test]
fn a_file_without_entities_is_no_catalogue() {
    let error = read_one(&[("c.yaml", "apiVersion: backstage.io/v1\n")], "c.yaml").unwrap_err();
    assert_eq!((error.code(), error.line()), ("not_of_format", Some(1)), "{error}");
}
