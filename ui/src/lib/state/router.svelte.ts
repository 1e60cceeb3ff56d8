import { tick } from "svelte";

/** Pages of the app; `service` needs an id. */
export const PAGES = [
  "progress",
  "services",
  "service",
  "heatmap",
  "sprint",
  "retro",
  "checklist",
  "skills",
  "cluster",
  "playbook",
  "conflicts",
  "import",
  "settings",
] as const;
export type Page = (typeof PAGES)[number];

/** What the address says. */
export interface Route {
  page: Page;
  id: string | null;
  params: URLSearchParams;
}

/** Values of an address; empty ones are left out. */
export type Params = Record<string, string | null | undefined>;

/** Reads the part of an address after `#`; what is not known leads to Progress. */
export function parseHash(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  const [name, rawId] = path.split("/").filter(Boolean);
  const page = PAGES.find((known) => known === name) ?? "progress";
  const id = page === "service" ? decode(rawId) : null;
  if (page === "service" && !id)
    return { page: "services", id: null, params: new URLSearchParams() };
  return { page, id, params: new URLSearchParams(search) };
}

function decode(text: string | undefined): string | null {
  try {
    return text ? decodeURIComponent(text) : null;
  } catch {
    // A broken escape names no service.
    return null;
  }
}

/** The address of a page. */
export function href(page: Page, params: Params = {}, id?: string): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value) search.set(key, value);
  const query = search.toString();
  const path = id === undefined ? page : `${page}/${encodeURIComponent(id)}`;
  return `#/${path}${query ? `?${query}` : ""}`;
}

/** The address of a service, optionally with one check opened. */
export function serviceHref(id: string, check?: string): string {
  return href("service", { check }, id);
}

/** The address as state. The hash is the only memory: back and forward just change it. */
class Router {
  route = $state.raw<Route>(parseHash(location.hash));

  /** Follows the address until the answered function is called. */
  listen(): () => void {
    const read = () => (this.route = parseHash(location.hash));
    read();
    addEventListener("hashchange", read);
    addEventListener("popstate", read);
    return () => {
      removeEventListener("hashchange", read);
      removeEventListener("popstate", read);
    };
  }

  /** Goes to an address and leaves a step for "back". */
  go(address: string): void {
    location.hash = address;
  }

  /** The address of this page with some values changed: what a link to an inspector leads to. */
  with(changes: Params): string {
    const { page, id, params } = this.route;
    return href(page, { ...Object.fromEntries(params), ...changes }, id ?? undefined);
  }

  /** Changes values of the address in place: a filter being typed is no step for "back". */
  replaceParams(changes: Params): void {
    const address = this.with(changes);
    history.replaceState(history.state, "", address);
    this.route = parseHash(address);
  }
}

export const router = new Router();

/** Moves focus to the new page's heading, so that keyboard and screen reader start there. */
export async function focusHeading(): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
}
