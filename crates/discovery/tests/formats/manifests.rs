use crate::support::{Written, check_warnings, lines, write};
use crate::{check_rejected, read_at, read_one, taken};
use pilotage_discovery::{Format, Request, read, recognise};
use pilotage_domain::words::NodeClass;

const SHOP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: carts, labels: {io.kompose.service: cart-old}}
spec:
  template:
    metadata: {labels: {app: carts, tier: api}}
    spec:
      containers:
        - {name: main, image: 'registry.example/shop/carts:1', ports: [{containerPort: 80}]}
        - {name: proxy, image: 'envoyproxy/envoy:1'}
---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: carts}}
---
apiVersion: v1
kind: Service
metadata: {name: everything}
spec: {selector: {tier: api}}
---
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: carts-db}
    spec: {template: {metadata: {labels: {tier: api}}, spec: {containers: [{image: 'mongo:7'}]}}}
  - apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly}
    spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: 'registry.example/shop/nightly:1'}]}}}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: front}
spec: {template: {spec: {containers: [{image: 'registry.example/shop/front:1'}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {page: 'hello {{ name }}'}
";

#[test]
fn workloads_become_nodes() {
    let found = taken(&[("all.yaml", SHOP)]);
    assert_eq!(found.format, Format::Manifests);
    assert_eq!(
        lines(&found),
        ["service carts", "service carts-db", "service front", "service nightly"]
    );
    let classes: Vec<_> = found.services.iter().map(|node| node.class).collect();
    assert_eq!(
        classes,
        [NodeClass::Service, NodeClass::Datastore, NodeClass::Service, NodeClass::Service]
    );
    let carts = &found.services[0];
    assert_eq!(carts.image.as_deref(), Some("registry.example/shop/carts:1"));
    assert_eq!((carts.place.line, carts.ports.as_slice()), (1, &["80".to_owned()][..]));
    let aliases: Vec<_> =
        carts.aliases.iter().map(|alias| format!("{} ({})", alias.value, alias.source)).collect();
    assert_eq!(
        aliases,
        ["cart (service)", "cart-old (io.kompose.service)"],
        "an address of several workloads names none"
    );
    assert_eq!(found.services[1].place.line, 25, "an item of a list keeps its own line");
}

#[test]
fn the_same_name_again_is_the_same_node() {
    let deployment = |name: &str, namespace: &str, image: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{template: {{spec: {{containers: [{{{image}}}]}}}}}}\n"
        )
    };
    let text =
        deployment("pay", "staging", "name: x") + &deployment("pay", "live", "image: 'pay:1'");
    let found = taken(&[("a.yaml", &text)]);
    assert_eq!(found.services.len(), 1);
    assert_eq!(
        found.services[0].image.as_deref(),
        Some("pay:1"),
        "an overlay adds what is missing"
    );
    check_warnings(&found, &[]);
    let text = text + &deployment("Pay", "old", "image: 'pay:0'");
    check_warnings(&taken(&[("a.yaml", &text)]), &[("a.yaml:12", "described again")]);
}

#[test]
fn helm_templates_are_named_and_not_read() {
    let plain = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pay}\n";
    for template in [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}-pay\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: \"{{ .Release.Name }}\"\n",
        "{{- if .Values.on }}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n{{- end }}\n",
    ] {
        let written = Written::new(&[("k/a.yaml", plain), ("k/templates/b.yaml", template)]);
        let found = read_at(&written.folder.path().join("k")).unwrap();
        assert_eq!(lines(&found), ["service pay"]);
        check_warnings(&found, &[("templates/b.yaml:1", "render it first")]);
    }
}

#[test]
fn a_folder_is_read_as_one_set() {
    let written = Written::new(&[
        ("k/a/one.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: one}\n"),
        ("k/b/two.YML", "apiVersion: apps/v1\nkind: Job\nmetadata: {name: two}\n"),
        ("k/b/broken.yaml", "a: [\n"),
        ("k/b/notes.txt", "apiVersion: apps/v1\nkind: Job\nmetadata: {name: text}\n"),
        ("k/.git/x.yaml", "apiVersion: apps/v1\nkind: Job\nmetadata: {name: hidden}\n"),
        ("k/values.yaml", "replicas: 2\n"),
    ]);
    let folder = written.folder.path().join("k");
    assert_eq!(recognise(std::slice::from_ref(&folder)), Ok(Format::Manifests));
    let found = read_at(&folder).unwrap();
    assert_eq!(found.services.len(), 2, "{:?}", lines(&found));
    assert_eq!(found.services[0].place.file, "a/one.yaml");
    check_rejected(&found, "b/broken.yaml", "b/broken.yaml:2", "not valid YAML");
    let error = read_at(&folder.join("b/broken.yaml"));
    assert!(error.is_err(), "a file that a person named must be sound");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let written = Written::new(&[
        ("k/a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"),
        ("out/b.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: secret}\n"),
    ]);
    let (inside, out) = (written.folder.path().join("k"), written.folder.path().join("out"));
    std::os::unix::fs::symlink(out.join("b.yaml"), inside.join("b.yaml")).unwrap();
    std::os::unix::fs::symlink(&out, inside.join("way")).unwrap();
    std::os::unix::fs::symlink(&inside, inside.join("circle")).unwrap();
    let found = read_at(&inside).unwrap();
    assert_eq!(lines(&found), ["service a"]);
    check_warnings(&found, &[("b.yaml:1", "links are not followed")]);
    // The control: the same file, not behind a link.
    std::fs::copy(out.join("b.yaml"), inside.join("c.yaml")).unwrap();
    assert_eq!(lines(&read_at(&inside).unwrap()), ["service a", "service secret"]);
}

#[test]
fn hostile_sets_are_refused() {
    let mut deep = String::from("k");
    for _ in 0..18 {
        deep.push_str("/d");
    }
    let written = Written::new(&[]);
    write(&written.folder.path().join(deep).join("a.yaml"), b"a: b\n");
    let error = read_at(&written.folder.path().join("k")).unwrap_err();
    assert_eq!(error.code(), "limit_exceeded", "{error}");

    let mut lists = String::from("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n");
    for _ in 0..6 {
        let inner = format!("    {}\n", lists.trim_end().replace('\n', "\n    "));
        lists = format!("apiVersion: v1\nkind: List\nitems:\n  -\n{inner}");
    }
    let error = read_one(&[("l.yaml", &lists)], "l.yaml").unwrap_err();
    assert_eq!(error.code(), "limit_exceeded", "{error}");

    let error = read_one(&[("c.yaml", "apiVersion: v1\nkind: Secret\n")], "c.yaml").unwrap_err();
    assert_eq!(error.code(), "not_of_format", "{error}");
}

#[test]
fn one_kind_of_file_at_a_time_unless_stated() {
    let written = Written::new(&[
        ("a.yaml", "services: {a: {image: b}}\n"),
        ("b.csv", "name,x\nb,1\n"),
        ("c.txt", "name\nc\n"),
    ]);
    let path = |name: &str| written.folder.path().join(name);
    let error = recognise(&[path("a.yaml"), path("b.csv")]).unwrap_err();
    assert_eq!((error.code(), error.file()), ("formats_mixed", Some("b.csv")), "{error}");
    let request = |format| Request { files: vec![path("c.txt")], format, ..Request::default() };
    assert!(read(&request(None)).is_err(), "one column without an ending is not recognised");
    assert_eq!(read(&request(Some(Format::Table))).unwrap().services.len(), 1);
}
