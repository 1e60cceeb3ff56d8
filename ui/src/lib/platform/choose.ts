import type { Platform } from "./platform";
import { tauriPlatform } from "./tauri";

/** The host this page runs in. The test host's branch exists only in builds of mode `testhost`. */
export async function choosePlatform(): Promise<Platform> {
  if (import.meta.env.MODE === "testhost" && !("__TAURI_INTERNALS__" in window)) {
    const { httpPlatform } = await import("./http");
    return httpPlatform();
  }
  return tauriPlatform();
}
