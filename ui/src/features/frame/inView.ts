import { readEvidence } from "@/features/evidence/evidence";
import type { Route } from "@/lib/state/router.svelte";

/** What a note links itself to. */
export interface InView {
  service?: string;
  check?: string;
  sprint?: string;
}

/** The service, check or sprint that an address shows. An opened evidence names both its parts. */
export function inView(route: Route): InView {
  const evidence = readEvidence(route.params.get("evidence") ?? "");
  if (evidence) return { service: evidence.service, check: evidence.check };
  if (route.page === "service" && route.id) {
    const opened = route.params.get("check");
    return opened ? { service: route.id, check: opened } : { service: route.id };
  }
  const sprint = route.params.get("sprint");
  return sprint && (route.page === "sprint" || route.page === "retro") ? { sprint } : {};
}
