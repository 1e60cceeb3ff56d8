import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Tag } from "@/lib/generated/api";
import { asApiError, type Answer, type Platform } from "./platform";

/** The desktop shell: one typed command and one event. */
export function tauriPlatform(): Platform {
  return {
    async call<N extends Parameters<Platform["call"]>[0]>(command: N, argument: unknown) {
      try {
        return await invoke<Answer<N>>("call", { command, argument });
      } catch (thrown) {
        throw asApiError(thrown);
      }
    },
    onChanged(listener) {
      const stop = listen<{ tags: Tag[] }>("changed", (event) => listener(event.payload.tags));
      return () => void stop.then((unlisten) => unlisten());
    },
  };
}
