import { describe, expect, it } from "vitest";
import { Shortcuts } from "./shortcuts";

function press(key: string, init: KeyboardEventInit = {}, target: HTMLElement = document.body) {
  const event = new KeyboardEvent("keydown", { key, ...init });
  Object.defineProperty(event, "target", { value: target });
  return event;
}

describe("Shortcuts", () => {
  it("go to pages after g", () => {
    const shortcuts = new Shortcuts();
    expect(shortcuts.read(press("g"))).toBeUndefined();
    expect(shortcuts.read(press("s"))).toEqual({ kind: "go", address: "#/services" });
    expect(shortcuts.read(press("s"))).toBeUndefined();
    shortcuts.read(press("g"));
    expect(shortcuts.read(press(","))).toEqual({ kind: "go", address: "#/settings" });
  });

  it("leave fields alone, except for the palette", () => {
    const shortcuts = new Shortcuts();
    const field = document.createElement("input");
    for (const key of ["u", "?", "/", "g"]) {
      expect(shortcuts.read(press(key, {}, field)), key).toBeUndefined();
    }
    expect(shortcuts.read(press("z", { ctrlKey: true }, field))).toBeUndefined();
    expect(shortcuts.read(press("k", { ctrlKey: true }, field))).toEqual({ kind: "palette" });
  });

  it("undo", () => {
    const shortcuts = new Shortcuts();
    expect(shortcuts.read(press("u"))).toEqual({ kind: "undo" });
    expect(shortcuts.read(press("z", { metaKey: true }))).toEqual({ kind: "undo" });
    expect(shortcuts.read(press("Z", { ctrlKey: true, shiftKey: true }))).toBeUndefined();
  });
});
