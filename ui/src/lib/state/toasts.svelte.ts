/** A short message in the corner. */
export interface Toast {
  id: number;
  /** Advice says why something cannot be done now; nothing failed. */
  kind: "done" | "advice" | "error";
  message: string;
  /** The action that "Undo" takes back. */
  batch: string | null;
}

const SHOWN_MS = 9000;

/** Messages now on the screen. Errors stay until they are dismissed; a person may be elsewhere. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(kind: Toast["kind"], message: string, batch: string | null = null): void {
    const toast: Toast = { id: this.#next++, kind, message, batch };
    this.list = [...this.list.filter((other) => other.kind === "error"), toast].slice(-3);
    if (kind !== "error") this.resume(toast.id);
  }

  dismiss(id: number): void {
    this.pause(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Stops the clock while the pointer or focus is on the message. */
  pause(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  /** Starts the clock again, unless the message is an error. */
  resume(id: number): void {
    const toast = this.list.find((other) => other.id === id);
    if (!toast || toast.kind === "error") return;
    this.pause(id);
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), SHOWN_MS),
    );
  }
}
