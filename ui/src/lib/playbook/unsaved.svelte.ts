import { plainLines } from "./text";

/** A text that was not adopted yet, and the adoption it was made from. */
interface Kept {
  text: string;
  base: string | null;
}

/** What the playbook's view says about the text in force. */
interface InForce {
  text: string;
  adoption: string | null;
  history: readonly { id: string }[];
}

/** How long after the last key the text is kept on this device. */
const KEEP_MS = 400;

/**
 * The playbook's text while a person works on it. It outlives the page, a failed adoption and the
 * window: it is kept on this device until it is adopted or discarded.
 */
class Unsaved {
  #kept = $state.raw<Kept>();
  #key = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the editor was left: selection and scroll position. */
  place: { selection: [number, number]; scroll: number } = { selection: [0, 0], scroll: 0 };

  /** The action of a retrospective for which the playbook is being edited. */
  action = $state("");

  /** The text, or nothing where it is the one in force. */
  get text(): string | undefined {
    return this.#kept?.text;
  }

  /** The adoption that was in force when the work began. */
  get base(): string | null {
    return this.#kept?.base ?? null;
  }

  /** Takes up what was left for this programme. Its first adoption is never taken back. */
  resume(view: InForce): void {
    const key = `pilotage.playbook.${view.history.at(-1)?.id ?? ""}`;
    if (key !== this.#key) {
      this.flush();
      this.#key = key;
      this.place = { selection: [0, 0], scroll: 0 };
      this.#kept = read(key);
    }
    // Somebody adopted this very text, here or elsewhere.
    if (this.#kept?.text === plainLines(view.text)) this.discard();
  }

  /** What is being written; the same as in force is nothing. */
  write(text: string, view: InForce): void {
    if (text === plainLines(view.text)) this.discard();
    else {
      this.#kept = { text, base: this.#kept ? this.#kept.base : view.adoption };
      this.#later();
    }
  }

  /** Another text, founded on what is in force now. */
  begin(text: string, view: InForce): void {
    this.place = { selection: [0, 0], scroll: 0 };
    this.#kept = { text: plainLines(text), base: view.adoption };
    this.#later();
  }

  /** The text stays and counts as founded on what is in force now. */
  rebase(adoption: string | null): void {
    if (this.#kept) this.#kept = { ...this.#kept, base: adoption };
    this.#later();
  }

  discard(): void {
    this.#kept = undefined;
    this.#later();
  }

  /** Keeps the text now. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      if (this.#kept) localStorage.setItem(this.#key, JSON.stringify(this.#kept));
      else localStorage.removeItem(this.#key);
    } catch {
      // Storage may be full or switched off; the text then lasts as long as the window.
    }
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), KEEP_MS);
  }
}

function read(key: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (typeof kept !== "object" || kept === null) return undefined;
    if (!("text" in kept) || typeof kept.text !== "string") return undefined;
    const base = "base" in kept && typeof kept.base === "string" ? kept.base : null;
    return { text: kept.text, base };
  } catch {
    return undefined;
  }
}

export const unsaved = new Unsaved();
addEventListener("pagehide", () => unsaved.flush());
