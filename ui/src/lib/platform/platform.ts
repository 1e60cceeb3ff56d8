import type { ApiError, Commands, Tag } from "@/lib/generated/api";

/** Name of a command of the wire contract. */
export type CommandName = keyof Commands;
/** Argument of a command. */
export type Argument<N extends CommandName> = Commands[N]["argument"];
/** Answer of a command. */
export type Answer<N extends CommandName> = Commands[N]["answer"];

/**
 * All the app needs from its host. Two implementations exist, the desktop shell's and the
 * development test host's; tests bring their own. It is "that handful and nothing more".
 */
export interface Platform {
  /** Runs a command; rejects with an {@link ApiError}. */
  call<N extends CommandName>(name: N, argument: Argument<N>): Promise<Answer<N>>;
  /** Tells which tags became old, for whatever reason; answers the way to stop listening. */
  onChanged(listener: (tags: readonly Tag[]) => void): () => void;
}

function isApiError(value: unknown): value is ApiError {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "message" in value &&
    typeof value.message === "string"
  );
}

/** Whatever was thrown, as an error of the contract, so that one function can show all of them. */
export function asApiError(thrown: unknown): ApiError {
  if (isApiError(thrown)) return thrown;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: "internal",
    message: `Pilotage did not get an answer. Nothing was changed. Try again. (${detail})`,
    params: {},
  };
}
