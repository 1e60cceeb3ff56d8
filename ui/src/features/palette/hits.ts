import type { RecentView, SearchHit, SearchView } from "@/lib/generated/api";
import { href, router, serviceHref } from "@/lib/state/router.svelte";
import type { Item } from "./find";

/** Characters kept before and after the first word found in a long text. */
const AROUND = 36;

/** The part of a text around the first word of a question, so that it shows why it was found. */
export function excerpt(text: string, question: string): string {
  const plain = text.replace(/\s+/g, " ").trim();
  const lower = plain.toLowerCase();
  const places = question
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => lower.indexOf(word))
    .filter((place) => place >= 0);
  const at = places.length === 0 ? 0 : Math.min(...places);
  const start = at <= AROUND ? 0 : at - AROUND;
  const end = Math.min(plain.length, Math.max(at, AROUND) + 2 * AROUND);
  return `${start > 0 ? "…" : ""}${plain.slice(start, end)}${end < plain.length ? "…" : ""}`;
}

const FIELDS: Readonly<Record<string, Item["kind"]>> = { notes: "Note" };

/** What the host found, beyond names of services, which the palette knows itself. */
export function hitItems(view: SearchView | undefined, question: string): Item[] {
  const tags = new Set<string>();
  return (view?.hits ?? []).flatMap((hit): Item[] => {
    if (hit.place === "tag") {
      if (tags.has(hit.reference || hit.text)) return [];
      tags.add(hit.reference || hit.text);
    }
    const item = itemOf(hit, question);
    return item ? [item] : [];
  });
}

function itemOf(hit: SearchHit, question: string): Item | undefined {
  const { place, service, reference, title, text } = hit;
  if (place === "person")
    return {
      id: `checklist ${reference}`,
      kind: "Person",
      title: `Checklist of ${text}`,
      run: () => router.go(href("checklist", { person: reference })),
    };
  if (!service || place === "name") return undefined;
  const base = {
    id: `hit ${place} ${service.id} ${reference}`,
    title: excerpt(text, question),
    run: () => router.go(serviceHref(service.id)),
  };
  switch (place) {
    case "tag":
      return {
        ...base,
        id: `tag ${text}`,
        kind: "Tag",
        title: text,
        hint: "on the heat map",
        run: () => router.go(href("heatmap", { q: text })),
      };
    case "alias":
      return { ...base, kind: "Service", title: service.name, hint: `known as ${text}` };
    case "blocker":
      return { ...base, kind: "Blocker", hint: service.name };
    case "check":
      return {
        ...base,
        kind: "Note",
        hint: `${service.name}, ${title ?? reference}`,
        run: () =>
          router.go(
            href(
              "service",
              { check: reference, evidence: `${service.id}/${reference}` },
              service.id,
            ),
          ),
      };
    default:
      return {
        ...base,
        kind: FIELDS[reference] ?? "Field",
        hint: `${service.name}, ${reference.replaceAll("_", " ")}`,
      };
  }
}

/** The services that changed last, for a palette in which nothing is typed yet. */
export function recentItems(view: RecentView | undefined, most: number): Item[] {
  return (view?.services ?? []).slice(0, most).map(({ service, event }) => ({
    id: `recent ${service.id}`,
    kind: "Recent" as const,
    title: service.name,
    ...(event ? { hint: event.summary } : {}),
    run: () => router.go(serviceHref(service.id)),
  }));
}
