import { describe, expect, it } from "vitest";
import { flushSync } from "svelte";
import { progress, session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { Client, writeAdvice } from "./client.svelte";

const saved = { batch: "b1", summary: "Saved", id: null };

function start() {
  const platform = new TestPlatform({
    session: () => session(),
    progress: () => progress(),
    services: () => ({ rows: [], stages: [] }),
    attest: () => saved,
    act_as: () => saved,
  });
  const client = new Client(platform);
  client.listen();
  return { platform, client };
}
const attestation = { service: "s", check: "c", result: "pass", note: null, link: null } as const;

describe("queries", () => {
  it("share one fetch between two askers", async () => {
    const { platform, client } = start();
    const entry = client.queries.entry("progress", { since: null });
    expect(client.queries.entry("progress", { since: null })).toBe(entry);
    client.queries.observe(entry);
    client.queries.observe(entry);
    await expect.poll(() => entry.data).toBeDefined();
    expect(platform.count("progress")).toBe(1);
  });

  it("refetch when a change names their tag, and only then", async () => {
    const { platform, client } = start();
    const view = client.queries.entry("services", {});
    const frame = client.queries.entry("session", {});
    client.queries.observe(view);
    client.queries.observe(frame);
    await expect.poll(() => platform.calls.length).toBe(2);
    platform.change("services");
    platform.change("services");
    await expect.poll(() => platform.count("services")).toBe(2);
    expect(platform.count("session")).toBe(1);
  });

  it("refetch after an own write", async () => {
    const { platform, client } = start();
    const view = client.queries.entry("progress", { since: null });
    client.queries.observe(view);
    await expect.poll(() => view.data).toBeDefined();
    await client.write("attest", attestation);
    await expect.poll(() => platform.count("progress")).toBe(2);
  });

  it("wait with what nobody looks at", async () => {
    const { platform, client } = start();
    const view = client.queries.entry("services", {});
    const stop = client.queries.observe(view);
    await expect.poll(() => view.data).toBeDefined();
    stop();
    client.queries.invalidate(["services"]);
    await expect.poll(() => view.stale).toBe(true);
    expect(platform.count("services")).toBe(1);
    client.queries.observe(view);
    await expect.poll(() => platform.count("services")).toBe(2);
  });

  it("keep old data while and after a fetch fails", async () => {
    const { platform, client } = start();
    const view = client.queries.entry("services", {});
    client.queries.observe(view);
    await expect.poll(() => view.data).toBeDefined();
    platform.handlers.services = () => {
      throw { code: "workspace_busy", message: "Busy", params: {} };
    };
    platform.change("services");
    await expect.poll(() => view.error?.code).toBe("workspace_busy");
    expect(view.data).toEqual({ rows: [], stages: [] });
  });

  it("forget views long gone", () => {
    const { client } = start();
    const first = client.queries.entry("service", { service: "0" });
    for (let index = 1; index < 60; index++) {
      client.queries.entry("service", { service: String(index) });
    }
    expect(client.queries.entry("service", { service: "0" })).not.toBe(first);
  });
});

describe("write", () => {
  it("says what is saved and offers to undo it", async () => {
    const { client } = start();
    await client.write("attest", attestation);
    flushSync();
    expect(client.toasts.list).toMatchObject([{ kind: "done", message: "Saved", batch: "b1" }]);
  });

  it("shows an error's own words and anything else as internal", async () => {
    const { client, platform } = start();
    platform.handlers.attest = () => {
      throw { code: "not_possible", message: "Own words", params: {} };
    };
    expect(await client.write("attest", attestation)).toBeUndefined();
    platform.handlers.attest = () => {
      throw new TypeError("broken pipe");
    };
    await client.write("attest", attestation);
    expect(client.toasts.list.map(({ kind }) => kind)).toEqual(["error", "error"]);
    expect(client.toasts.list[0]?.message).toBe("Own words");
    expect(client.toasts.list[1]?.message).toContain("broken pipe");
  });

  it("is advised against while nobody works or nothing can be written", () => {
    expect(writeAdvice(session())).toBeUndefined();
    expect(writeAdvice(session({ read_only: "Newer file" }))).toBe("Newer file");
    expect(writeAdvice(session({ acting_as: null }))).toBeDefined();
    expect(writeAdvice(undefined)).toBeDefined();
  });
});
