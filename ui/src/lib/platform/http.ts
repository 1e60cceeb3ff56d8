import type { Tag } from "@/lib/generated/api";
import { asApiError, type Answer, type Platform } from "./platform";

/**
 * The development test host in a plain browser. The desktop build leaves this module out: the
 * shipped app neither listens on nor speaks to a socket.
 */
export function httpPlatform(): Platform {
  return {
    async call<N extends Parameters<Platform["call"]>[0]>(command: N, argument: unknown) {
      try {
        const response = await fetch("/api/call", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ command, argument }),
        });
        const body: unknown = await response.json();
        if (!response.ok) throw body;
        return body as Answer<N>;
      } catch (thrown) {
        throw asApiError(thrown);
      }
    },
    onChanged(listener) {
      const events = new EventSource("/api/events");
      events.onmessage = (event: MessageEvent<string>) => {
        const { tags } = JSON.parse(event.data) as { tags: Tag[] };
        listener(tags);
      };
      return () => events.close();
    },
  };
}
