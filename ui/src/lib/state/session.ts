import { getContext, setContext } from "svelte";
import type { Query } from "./client.svelte";

const SESSION = Symbol("session");

/** Offers the frame's session to all components below. */
export function setSession(session: Query<"session">): void {
  setContext(SESSION, session);
}

/** The session of the tree this component stands in. */
export function getSession(): Query<"session"> {
  return getContext<Query<"session">>(SESSION);
}
