import { getContext, setContext } from "svelte";
import { COMMANDS, type ApiError, type SessionView } from "@/lib/generated/api";
import { asApiError, type Answer, type Argument, type Platform } from "@/lib/platform/platform";
import { Queries, type Entry, type ReadName } from "./query.svelte";
import { Toasts } from "./toasts.svelte";

type Table = typeof COMMANDS;
/** Commands that change the programme. */
export type WriteName = {
  [N in keyof Table]: Table[N]["kind"] extends "write" ? N : never;
}[keyof Table];
/** Commands that ask the host to do something and change nothing. */
export type HostName =
  | "report"
  | "what_if"
  | "try_writer_rule"
  | "frozen_report"
  | "choose_import"
  | "map_import"
  | "save_import_template"
  | "save_report"
  | "save_retro"
  | "choose_retro"
  | "save_export"
  | "choose_playbook"
  | "save_playbook"
  | "draft_check"
  | "adopted_text"
  | "open_link";

/** A write that waits for room on the disk. */
export interface Held {
  message: string;
  retry: () => void;
  giveUp: () => void;
}

/** The app's side of the contract: views, writes, and the one place where errors are shown. */
export class Client {
  readonly queries: Queries;
  readonly toasts = new Toasts();
  /** True while a write is under way, so that a double click writes once. */
  writing = $state(false);
  /** A write that a full disk refused. It waits, and so does the form it came from. */
  held = $state.raw<Held>();

  constructor(private readonly platform: Platform) {
    this.queries = new Queries(platform);
  }

  /** Follows the host's change events until the answered function is called. */
  listen(): () => void {
    return this.platform.onChanged((tags) => this.queries.invalidate(tags));
  }

  /** Writes, says what is saved and offers to undo it. Answers nothing when it failed. */
  async write<N extends WriteName>(name: N, argument: Argument<N>): Promise<Answer<N> | undefined> {
    const { answer, error } = await this.attempt(name, argument);
    if (error) this.showError(error);
    return answer;
  }

  /**
   * Writes like `write`, for forms that say beside their field what went wrong. Both are missing
   * while another write is under way.
   */
  async attempt<N extends WriteName>(
    name: N,
    argument: Argument<N>,
  ): Promise<{ answer?: Answer<N>; error?: ApiError }> {
    if (this.writing) return {};
    this.writing = true;
    try {
      const answer = await this.#callUntilThereIsRoom(name, argument);
      this.queries.invalidate(COMMANDS[name].tags);
      if ("summary" in answer) {
        const final = name === "undo" || name === "act_as" || !("batch" in answer);
        const batch = final ? null : answer.batch;
        this.toasts.show("done", answer.summary, batch);
      }
      return { answer };
    } catch (thrown) {
      return { error: asApiError(thrown) };
    } finally {
      this.writing = false;
    }
  }

  /**
   * A full disk is no reason to lose what somebody typed: the write is kept until it succeeds or is
   * given up, and the form stays open as it is meanwhile.
   */
  async #callUntilThereIsRoom<N extends WriteName>(
    name: N,
    argument: Argument<N>,
  ): Promise<Answer<N>> {
    for (;;) {
      try {
        return await this.platform.call(name, argument);
      } catch (thrown) {
        const error = asApiError(thrown);
        if (error.code !== "disk_full") throw error;
        const again = await new Promise<boolean>((decide) => {
          this.held = {
            message: error.message,
            retry: () => decide(true),
            giveUp: () => decide(false),
          };
        });
        this.held = undefined;
        if (!again) throw error;
      }
    }
  }

  /** Asks the host; answers nothing when it failed. */
  async ask<N extends HostName>(name: N, argument: Argument<N>): Promise<Answer<N> | undefined> {
    try {
      return await this.platform.call(name, argument);
    } catch (thrown) {
      this.showError(asApiError(thrown));
      return undefined;
    }
  }

  /** The one place where errors are shown. The words come from the error and are never matched. */
  showError(error: ApiError): void {
    this.toasts.show("error", error.message);
  }
}

const CLIENT = Symbol("client");

/** Offers the client to all components below. */
export function setClient(client: Client): Client {
  return setContext(CLIENT, client);
}

/** The client of the tree this component stands in. */
export function getClient(): Client {
  return getContext<Client>(CLIENT);
}

/** What a component sees of a view. */
export interface Query<N extends ReadName> {
  readonly data: Answer<N> | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  /** Fetches again; the way out of an error. */
  retry(): void;
}

/**
 * A view, kept fresh while the component lives. The argument is a function, so that it may depend
 * on state; `null` asks for nothing yet.
 */
export function query<N extends ReadName>(name: N, argument: () => Argument<N> | null): Query<N> {
  const { queries } = getClient();
  const key = $derived(JSON.stringify(argument()));
  const entry = $derived<Entry<N> | null>(
    key === "null" ? null : queries.entry(name, JSON.parse(key) as Argument<N>),
  );
  $effect(() => (entry ? queries.observe(entry) : undefined));
  return {
    get data() {
      return entry?.data;
    },
    get error() {
      return entry?.error;
    },
    get loading() {
      return entry?.loading ?? false;
    },
    retry() {
      void entry?.refetch();
    },
  };
}

/** Why nothing can be written now, as advice on a disabled button; nothing where it can. */
export function writeAdvice(session: SessionView | undefined): string | undefined {
  if (!session) return "The programme is still loading";
  if (session.read_only) return session.read_only;
  return session.acting_as ? undefined : "Say first who is working";
}
