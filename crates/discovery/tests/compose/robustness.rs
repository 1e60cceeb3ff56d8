//! No input brings the importer down: a result or an error, always.

use pilotage_discovery::read_compose;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{Written, write};

const SEED: &str = "x-a: &a
  image: one
  depends_on: [b, c]
include: [c.yml, other.yml]
services:
  a:
    <<: [*a, {hostname: h}]
    extends: {file: other.yml, service: b}
    ports: ['80:80', {target: 1, published: 2}]
  b:
    image: ${X:-${Y}}
    build: {context: ., dockerfile: d/Dockerfile}
    depends_on:
      c: {condition: service_healthy}
    networks: {n: {aliases: [x]}}
  c: !override {image: 'c:$X', links: ['a:b'], command: [
    k6
  ]}
  d: !reset null
";

fn read(compose: &[u8], env: &[u8]) {
    let written = Written::new(&[("other.yml", "services: {b: {image: b, extends: c}, c: {}}")]);
    write(&written.folder.path().join("c.yml"), compose);
    write(&written.folder.path().join(".env"), env);
    let request = written.request(&["c.yml", "other.yml"]);
    match read_compose(&request) {
        Ok(found) => {
            for service in &found.services {
                assert!(service.place.line > 0, "lines count from 1");
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "an error says something"),
    }
}

fn mutated(cuts: &[(prop::sample::Index, u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = SEED.as_bytes().to_vec();
    for (at, length, patch) in cuts {
        let start = at.index(bytes.len().max(1)).min(bytes.len());
        let end = (start + usize::from(*length % 8)).min(bytes.len());
        bytes.splice(start..end, patch.iter().copied());
    }
    bytes
}

/// Bytes that mean something to YAML or to interpolation.
fn meaningful() -> impl Strategy<Value = Vec<u8>> {
    let signs: &[u8] = b" \n\t:-?[]{},&*!|>'\"%@`#$~<=+.\\ab0\r";
    vec(prop::sample::select(signs.to_vec()), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(compose in vec(any::<u8>(), 0..400), env in vec(any::<u8>(), 0..100)) {
        read(&compose, &env);
    }

    #[test]
    fn arbitrary_signs(parts in vec(meaningful(), 0..40), env in vec(meaningful(), 0..20)) {
        read(&parts.concat(), &env.concat());
    }

    #[test]
    fn mutated_files(
        cuts in vec((any::<prop::sample::Index>(), any::<u8>(), meaningful()), 1..8),
    ) {
        read(&mutated(&cuts), b"X=${Y}\nY='a'\n");
    }
}

#[test]
fn every_prefix_of_a_file() {
    for end in 0..SEED.len() {
        read(&SEED.as_bytes()[..end], b"");
    }
}
