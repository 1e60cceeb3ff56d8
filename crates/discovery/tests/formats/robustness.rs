//! No input brings a reader down: a result or an error, always, and the same one each time.

use crate::support::{Written, write};
use pilotage_discovery::{Format, Request, TEMPLATE, read};
use proptest::collection::vec;
use proptest::prelude::*;

const CATALOGUE: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: &m {name: a, tags: [x], links: [{url: 'https://a.example'}], annotations: {github.com/project-slug: a/b}}
spec: {type: service, owner: 'user:x/y', providesApis: [p], consumesApis: [p], dependsOn: [component:b]}
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: l}
spec: {targets: [./c.yaml, ../x, '*']}
";
const MANIFEST: &str = "apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: a, namespace: n}
  spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{image: b, command: [c], ports: [{containerPort: 1}]}]}}}
- {apiVersion: v1, kind: Service, metadata: {name: s, namespace: n}, spec: {selector: {app: a}}}
";

fn check(bytes: &[u8], format: Format) {
    let written = Written::new(&[]);
    let path = written.folder.path().join("f.yaml");
    write(&path, bytes);
    let request = Request { files: vec![path], format: Some(format), ..Request::default() };
    let found = read(&request);
    assert_eq!(found, read(&request), "the same bytes give the same result");
    match found {
        Ok(found) => {
            let places = found.services.iter().map(|service| &service.place);
            for place in places.chain(found.rejected.iter().map(|row| &row.place)) {
                assert!(place.line > 0, "lines count from 1");
            }
            for service in &found.services {
                let name = pilotage_domain::text::name(&service.name);
                assert_eq!(name.as_deref(), Ok(service.name.as_str()), "names are clean");
            }
        }
        Err(error) => assert!(error.to_string().ends_with('.'), "a sentence: {error}"),
    }
}

fn mutated(seed: &str, cuts: &[(prop::sample::Index, u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = seed.as_bytes().to_vec();
    for (at, length, patch) in cuts {
        let start = at.index(bytes.len().max(1)).min(bytes.len());
        let end = (start + usize::from(*length % 8)).min(bytes.len());
        bytes.splice(start..end, patch.iter().copied());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_a_result_or_an_error(
        cuts in vec(
            (
                any::<prop::sample::Index>(),
                any::<u8>(),
                vec(prop::sample::select(b" \n\t:-?[]{},&*!|>'\"%@`#;=+.\\ab0\r\xe2\x80\xae".to_vec()), 0..6),
            ),
            1..8,
        ),
    ) {
        check(&mutated(CATALOGUE, &cuts), Format::Catalogue);
        check(&mutated(MANIFEST, &cuts), Format::Manifests);
        check(&mutated(TEMPLATE, &cuts), Format::Table);
    }

    #[test]
    fn any_bytes_are_a_result_or_an_error(bytes in vec(any::<u8>(), 0..200)) {
        for format in Format::ALL {
            let written = Written::new(&[]);
            let path = written.folder.path().join("f");
            write(&path, &bytes);
            // Nothing but a panic would be wrong.
            let _ = read(&Request { files: vec![path], format: Some(format), ..Request::default() });
        }
        check(&bytes, Format::Table);
    }
}
