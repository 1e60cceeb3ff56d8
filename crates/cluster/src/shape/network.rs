//! How requests find pods: Services, their endpoints, and routes.

use super::kind;
use super::lenient::{NumberOrText, Present, part};
use super::meta::Labels;
use std::sync::Arc;

kind! {
    /// A Service of Kubernetes.
    Service = "Service" in "" / "v1" as "services", NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: ServiceSpec,
        /// What is.
        "status" status: ServiceStatus,
    }
}
kind! {
    /// Some of a Service's endpoints.
    EndpointSlice = "EndpointSlice" in "discovery.k8s.io" / "v1" as "endpointslices",
        NamespaceResourceScope {
        /// The endpoints.
        "endpoints" endpoints: Box<[Endpoint]>,
    }
}
kind! {
    /// An Ingress.
    Ingress = "Ingress" in "networking.k8s.io" / "v1" as "ingresses", NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: IngressSpec,
    }
}
kind! {
    /// An HTTPRoute of the Gateway API.
    HttpRoute = "HTTPRoute" in "gateway.networking.k8s.io" / "v1" as "httproutes",
        NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: HttpRouteSpec,
    }
}
kind! {
    /// Allows routes of another namespace to point here.
    ReferenceGrant = "ReferenceGrant" in "gateway.networking.k8s.io" / "v1beta1" as "referencegrants",
        NamespaceResourceScope {
        /// What is wanted.
        "spec" spec: ReferenceGrantSpec,
    }
}

part! {
    /// What is wanted of a Service.
    ServiceSpec {
        /// Its type.
        #[serde(rename = "type")]
        kind: Option<Arc<str>>,
        /// Its pods.
        selector: Labels,
        /// Its ports.
        ports: Box<[ServicePort]>,
        /// Whether pods that are not ready are published.
        publish_not_ready_addresses: bool,
    }
    /// A port of a Service.
    ServicePort {
        /// Name.
        name: Option<Box<str>>,
        /// Number.
        port: Option<i64>,
        /// Port of the pods; absent means the number.
        target_port: NumberOrText,
    }
    /// What is of a Service.
    ServiceStatus {
        /// Its load balancer.
        load_balancer: LoadBalancer,
    }
    /// A load balancer.
    LoadBalancer {
        /// Its addresses.
        ingress: Box<[Present]>,
    }
    /// One endpoint.
    Endpoint {
        /// How it fares.
        conditions: EndpointConditions,
    }
    /// How an endpoint fares.
    EndpointConditions {
        /// Takes requests; absent counts as true.
        ready: Option<bool>,
        /// Would take requests if it were not being removed; absent counts as true.
        serving: Option<bool>,
    }
    /// What is wanted of an Ingress.
    IngressSpec {
        /// Where requests go that no rule takes.
        default_backend: Option<Box<Backend>>,
        /// Rules.
        rules: Box<[IngressRule]>,
        /// Certificates.
        tls: Box<[IngressTls]>,
    }
    /// A rule of an Ingress.
    IngressRule {
        /// Its paths.
        http: IngressPaths,
    }
    /// Paths of an Ingress.
    IngressPaths {
        /// The paths.
        paths: Box<[IngressPath]>,
    }
    /// One path of an Ingress.
    IngressPath {
        /// Where it leads.
        backend: Backend,
    }
    /// Where a path leads.
    Backend {
        /// The Service.
        service: BackendService,
    }
    /// The Service that a path leads to.
    BackendService {
        /// Name.
        name: Box<str>,
        /// Port.
        port: BackendPort,
    }
    /// A port by name or number.
    BackendPort {
        /// Name.
        name: Option<Box<str>>,
        /// Number.
        number: Option<i64>,
    }
    /// A certificate of an Ingress.
    IngressTls {
        /// The Secret.
        secret_name: Option<Box<str>>,
    }
    /// What is wanted of an HTTPRoute.
    HttpRouteSpec {
        /// Rules.
        rules: Box<[HttpRouteRule]>,
    }
    /// A rule of an HTTPRoute.
    HttpRouteRule {
        /// Where it leads.
        backend_refs: Box<[BackendReference]>,
    }
    /// Where a rule leads.
    BackendReference {
        /// Kind; absent means Service.
        kind: Option<Box<str>>,
        /// Name.
        name: Box<str>,
        /// Namespace; absent means the route's own.
        namespace: Option<Box<str>>,
        /// Port.
        port: Option<i64>,
    }
    /// What a ReferenceGrant allows.
    ReferenceGrantSpec {
        /// From where.
        from: Box<[GrantFrom]>,
    }
    /// From where references are allowed.
    GrantFrom {
        /// Kind.
        kind: Box<str>,
        /// Namespace.
        namespace: Box<str>,
    }
}

impl Service {
    /// Whether it picks its pods by labels at all.
    pub fn selects(&self) -> bool {
        !self.spec.selector.is_empty() && self.spec.kind.as_deref() != Some("ExternalName")
    }

    /// Whether it has a port of that number or name.
    pub fn has_port(&self, number: Option<i64>, name: Option<&str>) -> bool {
        if number.is_none() && name.is_none() {
            return true;
        }
        self.spec.ports.iter().any(|port| {
            number.is_some_and(|number| port.port == Some(number))
                || name.is_some_and(|name| port.name.as_deref() == Some(name))
        })
    }
}

impl EndpointSlice {
    /// The Service it belongs to.
    pub fn service(&self) -> Option<&str> {
        self.meta.labels.get("kubernetes.io/service-name")
    }
}
