import { describe, expect, it } from "vitest";
import type { SearchHit } from "@/lib/generated/api";
import { gather, type Item } from "./find";
import { excerpt, hitItems } from "./hits";

const hit = (place: string, changes: Partial<SearchHit> = {}): SearchHit => ({
  place,
  service: { id: "s1", name: "ledger" },
  reference: "r1",
  title: null,
  text: "the firewall rule is asked for",
  ...changes,
});
const items = (...hits: SearchHit[]) => hitItems({ hits, total: hits.length }, "firewall");

describe("what the host found", () => {
  it("becomes items of its kind, each with its service", () => {
    const found = items(
      hit("blocker"),
      hit("check", { reference: "LI-01", title: "A plan exists" }),
      hit("field", { reference: "notes" }),
      hit("field", { reference: "owner" }),
      hit("person", { service: null, text: "Ada (ada@example.org)" }),
    );
    expect(found.map(({ kind, hint }) => [kind, hint])).toEqual([
      ["Blocker", "ledger"],
      ["Note", "ledger, A plan exists"],
      ["Note", "ledger, notes"],
      ["Field", "ledger, owner"],
      ["Person", undefined],
    ]);
  });

  it("leaves out names, which the palette finds itself, and says each tag once", () => {
    const tag = (id: string) =>
      hit("tag", { service: { id, name: id }, reference: "edge", text: "edge" });
    expect(items(hit("name"), tag("s1"), tag("s2")).map(({ title }) => title)).toEqual(["edge"]);
  });

  it("shows the part of a text that holds the words", () => {
    const long = `${"a ".repeat(100)}firewall ${"b ".repeat(100)}`;
    const part = excerpt(long, "b firewall");
    expect(part).toContain("firewall");
    expect(part.length).toBeLessThan(120);
    expect(part.startsWith("…") && part.endsWith("…")).toBe(true);
    expect(excerpt("short text", "text")).toBe("short text");
  });
});

describe("groups", () => {
  const item = (kind: Item["kind"], title: string): Item => ({
    id: title,
    kind,
    title,
    run: () => undefined,
  });

  it("stand in the order of their best answer and keep the order within", () => {
    const groups = gather([item("Check", "a"), item("Service", "b"), item("Check", "c")]);
    expect(groups.map(({ title, items }) => [title, items.map(({ title }) => title)])).toEqual([
      ["Checks", ["a", "c"]],
      ["Services", ["b"]],
    ]);
    expect(groups.map(({ start }) => start)).toEqual([0, 2]);
  });
});
