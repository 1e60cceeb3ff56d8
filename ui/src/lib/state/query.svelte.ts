import { COMMANDS, type ApiError, type Tag } from "@/lib/generated/api";
import { asApiError, type Answer, type Argument, type Platform } from "@/lib/platform/platform";

type Table = typeof COMMANDS;
/** Commands that read and can therefore be kept and refetched. */
export type ReadName = {
  [N in keyof Table]: Table[N]["kind"] extends "read"
    ? Table[N]["tags"] extends readonly []
      ? never
      : N
    : never;
}[keyof Table];

/** Views nobody looks at any more are kept this many deep, so that "back" shows at once. */
const KEPT = 24;
/** Changes that arrive together are answered by one refetch. */
const GATHER_MS = 15;

/** One kept view: the last data stays visible while newer data is fetched. */
export class Entry<N extends ReadName> {
  data = $state.raw<Answer<N>>();
  error = $state.raw<ApiError>();
  loading = $state(false);
  observers = 0;
  stale = true;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(
    readonly name: N,
    readonly argument: Argument<N>,
    private readonly platform: Platform,
  ) {}

  /** Fetches; while a fetch is under way, one more follows instead of many in parallel. */
  refetch(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    this.loading = true;
    do {
      this.#again = false;
      this.stale = false;
      try {
        this.data = await this.platform.call(this.name, this.argument);
        this.error = undefined;
      } catch (thrown) {
        this.error = asApiError(thrown);
        this.stale = true;
      }
    } while (this.#again);
    this.loading = false;
  }
}

/** All kept views of one platform. */
export class Queries {
  #entries = new Map<string, Entry<ReadName>>();
  #gathered = new Set<Tag>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly platform: Platform) {}

  /** The view for this command and argument; two askers share one. */
  entry<N extends ReadName>(name: N, argument: Argument<N>): Entry<N> {
    const key = `${name} ${JSON.stringify(argument)}`;
    let entry = this.#entries.get(key);
    if (entry) this.#entries.delete(key);
    else entry = new Entry<ReadName>(name, argument, this.platform);
    this.#entries.set(key, entry);
    this.#forget();
    return entry as unknown as Entry<N>;
  }

  /** Keeps the view fresh until the answered function is called. */
  observe<N extends ReadName>(entry: Entry<N>): () => void {
    entry.observers += 1;
    if (entry.stale && !entry.loading) void entry.refetch();
    return () => {
      entry.observers -= 1;
    };
  }

  /** These tags became old: views on the screen are refetched, others when they are next shown. */
  invalidate(tags: readonly Tag[]): void {
    for (const tag of tags) this.#gathered.add(tag);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const old = this.#gathered;
    this.#gathered = new Set();
    for (const entry of this.#entries.values()) {
      if (!COMMANDS[entry.name].tags.some((tag) => old.has(tag))) continue;
      entry.stale = true;
      if (entry.observers > 0) void entry.refetch();
    }
  }

  #forget(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= KEPT) return;
      if (entry.observers === 0) this.#entries.delete(key);
    }
  }
}
