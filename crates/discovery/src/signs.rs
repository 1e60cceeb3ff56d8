//! The words that tell what a program is. Phrases are lower case, their words separated by blanks.
//!
//! A word also fits with a number behind it (`redis1`). Lists hold product names and common names
//! of roles only, never the names of one system.

/// Load generators, anywhere in a name.
pub(crate) const LOAD: &[&str] = &[
    "artillery",
    "gatling",
    "jmeter",
    "k6",
    "load gen",
    "load generator",
    "load test",
    "loadgen",
    "loadgenerator",
    "loadtest",
    "locust",
    "locustio",
    "traffic generator",
    "trafficgenerator",
    "user sim",
    "user simulator",
    "usersim",
    "vegeta",
];

/// Load tools as programs in a command.
pub(crate) const LOAD_PROGRAMS: &[&str] =
    &["artillery", "gatling", "gatling.sh", "jmeter", "k6", "locust", "vegeta"];

/// Telemetry, anywhere in a name.
pub(crate) const TELEMETRY: &[&str] = &[
    "alertmanager",
    "apm server",
    "cadvisor",
    "datadog agent",
    "filebeat",
    "fluent bit",
    "fluentbit",
    "fluentd",
    "grafana",
    "graphite",
    "jaeger",
    "jaegertracing",
    "kibana",
    "logstash",
    "metricbeat",
    "node exporter",
    "opensearch dashboards",
    "opentelemetry collector",
    "otel agent",
    "otel collector",
    "otelcol",
    "otelcollector",
    "prometheus",
    "promtail",
    "pushgateway",
    "skywalking",
    "statsd",
    "telegraf",
    "victoriametrics",
    "zipkin",
];

/// Telemetry, as the whole name only, since the words mean other things too.
pub(crate) const TELEMETRY_WHOLE: &[&str] = &[
    "collector",
    "loki",
    "metrics",
    "mimir",
    "opentelemetry",
    "otel",
    "tempo",
    "thanos",
    "tracing",
    "tracing server",
    "vector",
];

/// Other platform parts, anywhere in a name.
pub(crate) const PLATFORM: &[&str] = &[
    "adminer",
    "akhq",
    "autoheal",
    "boot admin",
    "cert manager",
    "certbot",
    "cmak",
    "config server",
    "config service",
    "configserver",
    "configuration server",
    "consul",
    "discovery server",
    "discovery service",
    "etcd",
    "eureka",
    "feature flags",
    "flagd",
    "flipt",
    "hystrix",
    "istio",
    "istiod",
    "kafdrop",
    "kafka manager",
    "kafka ui",
    "ld relay",
    "linkerd",
    "mongo express",
    "nacos",
    "pgadmin",
    "phpmyadmin",
    "portainer",
    "redis commander",
    "redisinsight",
    "registry server",
    "registry service",
    "schema registry",
    "service discovery",
    "service registry",
    "turbine",
    "unleash",
    "watchtower",
    "zookeeper",
];

/// Other platform parts, as the whole name only.
pub(crate) const PLATFORM_WHOLE: &[&str] =
    &["admin server", "config", "discovery", "monitoring", "operator", "registry", "vault"];

/// Stores and queues by product: at the beginning or the end of a name.
pub(crate) const STORES: &[&str] = &[
    "activemq",
    "arangodb",
    "artemis",
    "azure sql edge",
    "cassandra",
    "clickhouse",
    "cockroach",
    "cockroachdb",
    "couchbase",
    "couchdb",
    "dragonfly",
    "dynamodb",
    "elasticsearch",
    "emqx",
    "eventstore",
    "hazelcast",
    "influxdb",
    "kafka",
    "keydb",
    "mariadb",
    "meilisearch",
    "memcached",
    "milvus",
    "minio",
    "mongo",
    "mongodb",
    "mosquitto",
    "mssql",
    "mysql",
    "nats",
    "neo4j",
    "opensearch",
    "percona",
    "postgis",
    "postgres",
    "postgresql",
    "pulsar",
    "qdrant",
    "rabbitmq",
    "redis",
    "redpanda",
    "rethinkdb",
    "rocketmq",
    "scylla",
    "scylladb",
    "solr",
    "sql server",
    "sqlserver",
    "surrealdb",
    "timescaledb",
    "typesense",
    "valkey",
    "weaviate",
    "zipkin mysql",
];

/// Endings that make a store of an own image: `accounts-db`.
pub(crate) const STORE_ENDINGS: &[&str] = &["cache", "database", "datastore", "db"];

/// Names that are a store by themselves.
pub(crate) const STORE_WHOLE: &[&str] = &["database", "datastore", "db"];

/// Stores that serve telemetry in one system and the product in another.
pub(crate) const SEARCH_STORES: &[&str] = &["elasticsearch", "opensearch"];

/// Endings of the team's own programs around a product: `kafka-consumer`, `redis-api`.
pub(crate) const OWN_ENDINGS: &[&str] = &[
    "adapter",
    "api",
    "app",
    "backend",
    "back end",
    "bridge",
    "cli",
    "client",
    "connect",
    "connector",
    "consumer",
    "front end",
    "frontend",
    "gateway",
    "listener",
    "producer",
    "proxy",
    "publisher",
    "service",
    "subscriber",
    "svc",
    "ui",
    "web",
    "worker",
];

/// Endings of a front that is the team's own when its image is: `flagd-ui`.
pub(crate) const FRONT_ENDINGS: &[&str] =
    &["api", "app", "client", "front end", "frontend", "ui", "web"];

/// A task that runs once on a store's image: `kafka-init`, `mongo-seed`.
pub(crate) const TASKS: &[&str] = &[
    "backup",
    "init",
    "initializer",
    "migrate",
    "migration",
    "migrations",
    "seed",
    "seeder",
    "setup",
    "topics",
];

/// Last parts of an image that say nothing without the part before.
pub(crate) const BARE_PARTS: &[&str] = &["all in one", "core", "database", "server", "standalone"];

/// Ports that only stores listen on (IANA and the products' defaults).
pub(crate) const STORE_PORTS: &[&str] =
    &["1433", "1521", "3306", "5432", "5672", "6379", "9042", "9092", "11211", "27017"];
