import type { ClusterView, ContextView, WorkloadView } from "@/lib/generated/api";

// Clusters for tests, as in fixtures.ts.

export function workload(changes: Partial<WorkloadView> = {}): WorkloadView {
  return {
    context: "prod",
    namespace: "shop",
    kind: "Deployment",
    name: "cart",
    verdict: "healthy",
    reason: "healthy",
    deciding_field: "",
    since: null,
    impact: "none",
    note: "",
    service: null,
    writer: { class: "pipeline", manager: "codefresh", at: null, reason: "name", help: null },
    pods: { wanted: 2, ready: 2, restarts: 0, by_status: [{ word: "Running", count: 2 }] },
    pending: null,
    ...changes,
  };
}

export function clusterContext(changes: Partial<ContextView> = {}): ContextView {
  return {
    name: "prod",
    server: "https://prod.example",
    user: "ann",
    file: "config",
    notes: [],
    environments: ["production"],
    on: true,
    state: "live",
    since: null,
    why: "",
    way_out: "",
    missing: [],
    complete: true,
    consent: null,
    workloads: [{ word: "healthy", count: 1 }],
    pods: [{ word: "Running", count: 2 }],
    ...changes,
  };
}

export function clusterView(changes: Partial<ClusterView> = {}): ClusterView {
  return {
    available: true,
    simulated: false,
    contexts: [clusterContext()],
    most: 4,
    problems: [],
    nodes: [],
    namespaces: [],
    workloads: [workload()],
    suspected: [],
    held_back: [],
    ...changes,
  };
}
