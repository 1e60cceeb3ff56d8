import { href, type Page } from "@/lib/state/router.svelte";

/** What a key asks for. */
export type Wish =
  | { kind: "go"; address: string }
  | { kind: "palette" }
  | { kind: "keys" }
  | { kind: "undo" }
  | { kind: "notices" }
  | { kind: "filter" }
  | { kind: "note" };

const PAGES: Record<string, Page> = {
  p: "progress",
  s: "services",
  h: "heatmap",
  r: "sprint",
  o: "retro",
  m: "checklist",
  k: "skills",
  c: "cluster",
  b: "playbook",
  i: "import",
  ",": "settings",
};
/** Between `g` and the letter. */
const PREFIX_MS = 1200;

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Reads keys as wishes. It remembers only whether `g` was just pressed. */
export class Shortcuts {
  #prefixAt = -Infinity;

  read(event: KeyboardEvent): Wish | undefined {
    const modified = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (modified && key === "k" && !event.altKey) return { kind: "palette" };
    if (inField(event.target) || event.altKey) return undefined;
    if (modified) return key === "z" && !event.shiftKey ? { kind: "undo" } : undefined;
    const page = PAGES[key];
    const prefixed = event.timeStamp - this.#prefixAt < PREFIX_MS;
    this.#prefixAt = key === "g" ? event.timeStamp : -Infinity;
    if (prefixed && page) return { kind: "go", address: href(page) };
    if (prefixed && key === "n") return { kind: "notices" };
    if (key === "n") return { kind: "note" };
    if (key === "u") return { kind: "undo" };
    if (key === "?") return { kind: "keys" };
    if (key === "/") return { kind: "filter" };
    return undefined;
  }
}
