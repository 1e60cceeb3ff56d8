import type { ClusterView, SuspectedView, WorkloadView } from "@/lib/generated/api";

/** What filters of the address say. */
export interface Choice {
  text: string;
  context: string;
  namespace: string;
  verdict: string;
  writer: string;
}

export const UNFILTERED = {
  text: null,
  context: null,
  namespace: null,
  verdict: null,
  writer: null,
};

export const TABS = [
  { tab: "workloads", title: "Workloads" },
  { tab: "nodes", title: "Nodes" },
  { tab: "namespaces", title: "Namespaces" },
  { tab: "mapping", title: "Mapping" },
  { tab: "deployments", title: "Deployments" },
] as const;
export type Tab = (typeof TABS)[number]["tab"];

/** Verdicts from bad to good: what needs somebody stands first. */
const URGENCY = ["degraded", "missing", "progressing", "unknown", "suspended", "healthy"];

export const VERDICTS: Record<string, { glyph: string; word: string; tone: string }> = {
  healthy: { glyph: "●", word: "healthy", tone: "pass" },
  suspended: { glyph: "‖", word: "suspended", tone: "quiet" },
  progressing: { glyph: "↻", word: "progressing", tone: "stale" },
  missing: { glyph: "∅", word: "missing", tone: "fail" },
  degraded: { glyph: "✕", word: "degraded", tone: "fail" },
  unknown: { glyph: "?", word: "unknown", tone: "unknown" },
};

const STATES: Record<string, string> = {
  off: "off",
  connecting: "connecting",
  live: "live",
  stale: "stale",
  forbidden: "forbidden",
  expired: "credentials expired",
  unreachable: "unreachable",
  needs_person: "needs you",
};

/** How a context's connection stands, in words. */
export function stateText(state: string): string {
  return STATES[state] ?? state;
}

const NOTES: Record<string, string> = {
  no_certificate_check: "The server's certificate is not checked.",
  plain_http: "The connection is not encrypted.",
  impersonates: "It acts as somebody else.",
  auth_provider: "Its credentials come from an auth-provider, which kubectl no longer knows.",
  incomplete: "Its cluster or its user is defined nowhere.",
};

/** What should be pointed out about a context, as a sentence. */
export function noteText(note: string): string {
  return NOTES[note] ?? note;
}

const MISSING: Record<string, string> = {
  forbidden: "you may not read it",
  api_absent: "the cluster does not serve it",
  not_synced: "not read to its end yet",
  stale: "last seen too long ago",
};

/** Why a list is missing, in words. */
export function missingText(reason: string): string {
  return MISSING[reason] ?? reason;
}

/** A reason code as words: `below_minimum` reads "below minimum". */
export function reasonText(reason: string): string {
  return reason.replaceAll("_", " ");
}

/** The address's own name for a workload, and back. */
export function workloadKey(one: Pick<WorkloadView, "context" | "namespace" | "kind" | "name">) {
  return [one.context, one.namespace, one.kind, one.name].map(encodeURIComponent).join("/");
}

export function readWorkload(key: string) {
  const parts = key.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      // A broken escape names no workload.
      return "";
    }
  });
  const [context, namespace, kind, name] = parts;
  if (parts.length !== 4 || !context || !namespace || !kind || !name) return null;
  return { context, namespace, kind, name };
}

/** Reads the filters from the address. */
export function readChoice(params: URLSearchParams): Choice {
  const of = (name: string) => params.get(name) ?? "";
  return {
    text: of("text"),
    context: of("context"),
    namespace: of("namespace"),
    verdict: of("verdict"),
    writer: of("writer"),
  };
}

export function isFiltered(choice: Choice): boolean {
  return Object.values(choice).some((value) => value !== "");
}

/** Workloads that the filters leave, what needs somebody first, then by name: rows do not jump. */
export function chosen(view: ClusterView, choice: Choice): WorkloadView[] {
  const words = choice.text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (one: WorkloadView) => {
    const text =
      `${one.name} ${one.namespace} ${one.kind} ${one.context} ${one.service?.name ?? ""} ${one.writer.manager} ${one.reason}`.toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      (!choice.context || one.context === choice.context) &&
      (!choice.namespace || one.namespace === choice.namespace) &&
      (!choice.verdict || one.verdict === choice.verdict) &&
      (!choice.writer || one.writer.class === choice.writer)
    );
  };
  const rank = (one: WorkloadView) => URGENCY.indexOf(one.verdict);
  const key = (one: WorkloadView) => `${one.name} ${one.namespace} ${one.kind} ${one.context}`;
  return view.workloads
    .filter(fits)
    .map((one) => ({ one, rank: rank(one), key: key(one) }))
    .sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1))
    .map(({ one }) => one);
}

/** Suspicions by check and by what they say: failures first, then the most frequent. */
export function byCheck(all: readonly SuspectedView[]) {
  const groups = new Map<string, { check: string; suspected: string; all: SuspectedView[] }>();
  for (const one of all) {
    const key = `${one.check} ${one.suspected}`;
    const group = groups.get(key) ?? { check: one.check, suspected: one.suspected, all: [] };
    group.all.push(one);
    groups.set(key, group);
  }
  const fails = (group: { suspected: string }) => Number(group.suspected === "fail");
  return [...groups.values()].sort(
    (a, b) => fails(b) - fails(a) || b.all.length - a.all.length || (a.check < b.check ? -1 : 1),
  );
}
