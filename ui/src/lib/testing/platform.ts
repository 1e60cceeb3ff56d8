import type { Tag } from "@/lib/generated/api";
import type { Answer, Argument, CommandName, Platform } from "@/lib/platform/platform";

type Handlers = { [N in CommandName]?: (argument: Argument<N>) => Answer<N> };

/** A platform for tests: answers from functions, remembers calls, and can say what changed. */
export class TestPlatform implements Platform {
  readonly calls: { name: CommandName; argument: unknown }[] = [];
  #listeners = new Set<(tags: readonly Tag[]) => void>();

  constructor(readonly handlers: Handlers) {}

  async call<N extends CommandName>(name: N, argument: Argument<N>): Promise<Answer<N>> {
    this.calls.push({ name, argument });
    const handler = this.handlers[name];
    if (!handler) throw new Error(`no answer to ${name}`);
    return handler(argument);
  }

  onChanged(listener: (tags: readonly Tag[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(...tags: Tag[]): void {
    for (const listener of this.#listeners) listener(tags);
  }

  /** How often a command was called. */
  count(name: CommandName): number {
    return this.calls.filter((call) => call.name === name).length;
  }
}
