import { getContext, setContext } from "svelte";
import { getClient } from "./client.svelte";

const REFUSAL = Symbol("refusal");
type Tell = (reason: string) => void;

/** A form that says itself why its button does nothing yet. */
export function setRefusal(tell: Tell): void {
  setContext(REFUSAL, tell);
}

/** Who says why a button does nothing: the form around it, else the messages in the corner. */
export function getRefusal(): Tell {
  const client = getClient();
  return (
    getContext<Tell | undefined>(REFUSAL) ?? ((reason) => client.toasts.show("advice", reason))
  );
}
