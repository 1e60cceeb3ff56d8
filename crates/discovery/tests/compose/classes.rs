//! Classes of an invented system, judged by hand.

use std::fmt::Write as _;

use crate::support::taken;

/// Name, attributes, class.
const TABLE: &[(&str, &str, &str)] = &[
    // The team's own, and gateways with its routes.
    ("harbour", "image: port/harbour:1", "service"),
    ("crane", "image: port/crane:1", "service"),
    ("berth-planner", "build: ./berth", "service"),
    ("gate", "image: 'nginx:1.27'", "service"),
    ("entry", "image: 'traefik:3'", "service"),
    ("sidegate", "image: envoyproxy/envoy", "service"),
    ("customs-mock", "image: wiremock/wiremock", "service"),
    ("kafka-consumer", "image: port/kafka-consumer", "service"),
    ("redis-api", "image: port/redis-api", "service"),
    ("cargo-collector", "image: port/cargo-collector", "service"),
    ("configurator", "image: port/configurator", "service"),
    ("toll", "image: 'fees:1'\n    command: [serve, --locust-like]", "service"),
    ("kafka-init", "image: confluentinc/cp-kafka", "service"),
    ("unleash-ui", "image: port/unleash-ui", "service"),
    // Stores and queues.
    ("berth-db", "image: port/berth-db:1", "datastore"),
    ("manifest-store", "image: 'postgres:16'", "datastore"),
    ("registry-books", "image: 'bitnami/mongodb:7'", "datastore"),
    ("sessions", "image: 'redis/redis-stack-server:7'", "datastore"),
    ("tide-cache", "image: port/tide-cache", "datastore"),
    ("queue", "image: 'rabbitmq:3-management'", "datastore"),
    ("broker", "image: 'confluentinc/cp-kafka:7'", "datastore"),
    ("kafka1", "image: port/brokers", "datastore"),
    ("files", "image: minio/minio", "datastore"),
    ("lock", "image: 'valkey/valkey:8'", "datastore"),
    ("sheets", "image: 'mcr.microsoft.com/mssql/server:2022'", "datastore"),
    ("db", "build: ./db", "datastore"),
    ("lookup", "image: 'elasticsearch:8'", "datastore"),
    ("tally", "image: port/tally\n    expose: [5432]", "datastore"),
    ("zipkin-mysql", "image: port/zipkin-mysql", "datastore"),
    // Platform.
    ("watch", "image: 'prom/prometheus:v2'", "platform"),
    ("panels", "image: grafana/grafana", "platform"),
    ("logs", "image: grafana/loki", "platform"),
    ("trace", "image: jaegertracing/all-in-one", "platform"),
    ("spans", "image: openzipkin/zipkin", "platform"),
    ("otel", "image: otel/opentelemetry-collector-contrib", "platform"),
    ("names", "image: 'hashicorp/consul:1'", "platform"),
    ("keeper", "image: 'zookeeper:3'", "platform"),
    ("discovery-server", "image: port/discovery-server", "platform"),
    ("config-server", "build: ./config", "platform"),
    ("config", "image: port/config", "platform"),
    ("flags", "image: ghcr.io/open-feature/flagd", "platform"),
    ("db-exporter", "image: prometheuscommunity/postgres-exporter", "platform"),
    ("kafka-ui", "image: provectuslabs/kafka-ui", "platform"),
    ("peek", "image: 'mongo-express:1'", "platform"),
    ("turbine-stream-service", "image: port/turbine-stream-service", "platform"),
    ("logstore", "image: opensearchproject/opensearch", "platform"),
    // Makers of traffic.
    ("crowd", "image: locustio/locust", "load generator"),
    ("storm", "image: grafana/k6", "load generator"),
    ("user-sim", "image: port/visitors", "load generator"),
    ("waves", "image: port/load-test", "load generator"),
    ("swell", "image: 'python:3'\n    command: python -m locust -f x.py", "load generator"),
];

#[test]
fn the_table_holds() {
    let mut text = "services:\n".to_owned();
    for (name, attributes, _) in TABLE {
        writeln!(text, "  {name}:\n    {attributes}").expect("a string takes everything");
    }
    let found = taken(&[("c.yml", text.as_str())]);
    assert_eq!(found.services.len(), TABLE.len(), "every name is taken: {:?}", found.rejected);
    let wrong: Vec<_> = TABLE
        .iter()
        .filter_map(|(name, _, expect)| {
            let service = found.services.iter().find(|service| service.name == *name)?;
            let seen = service.class.word();
            (seen != *expect).then(|| format!("{name}: {seen} ({})", service.class_reason))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(found.services.iter().all(|s| !s.class_reason.is_empty()), "each class has a reason");
}

#[test]
fn a_search_store_follows_who_needs_it() {
    for (rest, expect) in [
        ("", "datastore"),
        ("  jaeger: {image: jaegertracing/jaeger}", "platform"),
        ("  jaeger: {image: jaegertracing/jaeger, depends_on: [opensearch]}", "platform"),
        ("  shop: {image: shop, depends_on: [opensearch]}", "datastore"),
        (
            "  jaeger: {image: jaegertracing/jaeger}\n  shop: {image: shop, depends_on: [opensearch]}",
            "datastore",
        ),
    ] {
        let text =
            format!("services:\n  opensearch: {{image: opensearchproject/opensearch}}\n{rest}\n");
        let found = taken(&[("c.yml", text.as_str())]);
        let store = found.services.iter().find(|s| s.name == "opensearch").expect("the store");
        assert_eq!(store.class.word(), expect, "beside {rest:?}");
    }
}

#[test]
fn programs_of_one_repository_are_told_apart_by_their_tags() {
    let found = taken(&[(
        "c.yml",
        "services:
  broker: {image: 'acme/all:latest-kafka'}
  flagd-ui: {image: 'acme/all:latest-flagd-ui'}
  shop: {image: 'acme/all:2.0-shop'}
  older: {image: 'postgres:13-alpine'}
  newer: {image: 'postgres:14-bookworm'}
",
    )]);
    let classes: Vec<_> =
        found.services.iter().map(|s| (s.name.as_str(), s.class.word())).collect();
    assert_eq!(
        classes,
        [
            ("broker", "datastore"),
            ("flagd-ui", "service"),
            ("newer", "datastore"),
            ("older", "datastore"),
            ("shop", "service"),
        ]
    );
}
