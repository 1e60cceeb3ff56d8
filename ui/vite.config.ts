import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Two builds of one app: `vite build` is the desktop's and holds no HTTP adapter;
// `--mode testhost` may speak to the development test host in a plain browser.
export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  base: "./",
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // The policy allows no data: address for scripts or styles, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": process.env["PILOTAGE_TEST_HOST"] ?? "http://127.0.0.1:4400" } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts"],
    // Machines differ in speed; a wait ends when its answer is there.
    testTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ["src/lib/testing/setup.ts"],
  },
});
