import { beforeEach, describe, expect, it } from "vitest";
import { unsaved } from "./unsaved.svelte";

function view(programme: string, adoption: string, text: string) {
  return { text, adoption, history: [{ id: adoption }, { id: programme }] };
}

beforeEach(() => {
  unsaved.resume(view("none", "none", ""));
  unsaved.discard();
  unsaved.flush();
  localStorage.clear();
});

describe("the unsaved text", () => {
  it("is kept for its programme, with the adoption it was made from", () => {
    const first = view("p1", "a1", "one");
    unsaved.resume(first);
    unsaved.write("mine", first);
    expect([unsaved.text, unsaved.base]).toEqual(["mine", "a1"]);
    unsaved.resume(view("p2", "b1", "other"));
    expect(unsaved.text, "another programme has nothing unsaved").toBeUndefined();
    unsaved.resume(view("p1", "a2", "two"));
    expect([unsaved.text, unsaved.base], "adopted since").toEqual(["mine", "a1"]);
    unsaved.write("mine, more", view("p1", "a2", "two"));
    expect(unsaved.base, "going on does not hide it").toBe("a1");
    unsaved.rebase("a2");
    expect([unsaved.text, unsaved.base]).toEqual(["mine, more", "a2"]);
  });

  it("is nothing where it is the text in force", () => {
    const now = view("p1", "a1", "one\r\ntwo");
    unsaved.resume(now);
    unsaved.write("mine", now);
    unsaved.write("one\ntwo", now);
    expect(unsaved.text).toBeUndefined();
    unsaved.write("mine", now);
    unsaved.resume(view("p1", "a2", "mine"));
    expect(unsaved.text, "it was adopted").toBeUndefined();
    unsaved.flush();
    expect(localStorage.getItem("pilotage.playbook.p1")).toBeNull();
  });

  it("survives what storage holds", () => {
    localStorage.setItem("pilotage.playbook.p3", '{"text":7}');
    unsaved.resume(view("p3", "a1", "one"));
    expect(unsaved.text).toBeUndefined();
  });
});
