import { beforeEach, describe, expect, it } from "vitest";
import { href, parseHash, router, serviceHref } from "./router.svelte";

describe("parseHash", () => {
  const check = (hash: string, page: string, id: string | null, params: Record<string, string>) => {
    const route = parseHash(hash);
    expect(
      { page: route.page, id: route.id, params: Object.fromEntries(route.params) },
      hash,
    ).toEqual({ page, id, params });
  };

  it("reads pages, ids and values", () => {
    check("", "progress", null, {});
    check("#/", "progress", null, {});
    check("#/services?sort=-stage&q=a%20b", "services", null, { sort: "-stage", q: "a b" });
    check("#/service/a%2Fb?check=CON-01", "service", "a/b", { check: "CON-01" });
    check("#/services?q=what%3F", "services", null, { q: "what?" });
  });

  it("leads what is not known to a page that is", () => {
    check("#/nowhere?x=1", "progress", null, { x: "1" });
    check("#/service", "services", null, {});
    check("#/service/%E0%A4%A", "services", null, {});
    check("#/__proto__", "progress", null, {});
  });
});

describe("href", () => {
  it("leaves empty values out and survives the way back", () => {
    expect(href("services", { q: "", stage: null, sort: "name" })).toBe("#/services?sort=name");
    const route = parseHash(serviceHref("50% / ü?", "LIV-01"));
    expect([route.page, route.id, route.params.get("check")]).toEqual([
      "service",
      "50% / ü?",
      "LIV-01",
    ]);
  });
});

describe("router", () => {
  beforeEach(() => {
    location.hash = "";
  });

  it("follows the address, back included", async () => {
    const stop = router.listen();
    router.go("#/services?group=stage");
    await expect.poll(() => router.route.page).toBe("services");
    router.go("#/settings");
    await expect.poll(() => router.route.page).toBe("settings");
    history.back();
    await expect.poll(() => router.route.params.get("group")).toBe("stage");
    stop();
  });

  it("changes values in place, without a step for back", async () => {
    const stop = router.listen();
    router.go("#/services?group=stage");
    await expect.poll(() => router.route.page).toBe("services");
    const steps = history.length;
    router.replaceParams({ q: "loan", group: null });
    expect(location.hash).toBe("#/services?q=loan");
    expect(router.route.params.get("q")).toBe("loan");
    expect(history.length).toBe(steps);
    stop();
  });
});
