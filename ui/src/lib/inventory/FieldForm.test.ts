import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import { row, session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import FieldForm from "./FieldForm.svelte";
import type { Field } from "./fields";

async function start(field: Field, rows = [row({ id: "a", tags: ["x"], team: "Core" })]) {
  const platform = new TestPlatform({
    session: () => session(),
    edit_services: () => ({ batch: "b1", summary: "Saved", id: null }),
  });
  const close = vi.fn();
  draw(platform, FieldForm, { field, rows, known: ["Core", "Edge"], close });
  await expect.poll(() => platform.count("session")).toBe(1);
  const input = screen.getByTestId(testids.fieldInput);
  const written = () => platform.calls.find(({ name }) => name === "edit_services")?.argument;
  const type = (value: string) => fireEvent.input(input, { target: { value } });
  const press = (key: string) => fireEvent.keyDown(input, { key });
  const save = () => fireEvent.click(screen.getByTestId(testids.fieldSave));
  return { platform, close, input, written, type, press, save };
}

describe("FieldForm", () => {
  it("takes any text, and suggests what is known", async () => {
    const form = await start("team");
    expect(form.input).toHaveValue("Core");
    await form.type("ed");
    expect(screen.getAllByRole("option").map(({ textContent }) => textContent?.trim())).toEqual([
      "Edge",
    ]);
    await form.press("ArrowDown");
    await form.press("Enter");
    await expect.poll(form.written).toEqual({
      services: ["a"],
      edits: [{ field: "team", value: "Edge" }],
    });
    expect(form.close).toHaveBeenCalledWith(true);
  });

  it("writes nothing where nothing changed", async () => {
    const form = await start("team");
    await form.save();
    expect(form.close).toHaveBeenCalledWith(false);
    expect(form.written()).toBeUndefined();
  });

  it("takes from a closed list only what is on it", async () => {
    const form = await start("effort");
    await form.type("nonsense");
    await form.press("Enter");
    expect(screen.getByRole("status")).toHaveTextContent("Nothing matches");
    expect(form.written()).toBeUndefined();
    await form.type("xl");
    await form.press("Enter");
    await expect.poll(form.written).toEqual({
      services: ["a"],
      edits: [{ field: "effort", value: "XL" }],
    });
  });

  it("adds and removes tags as one action", async () => {
    const form = await start("tags");
    await form.press("Backspace");
    await form.type("pci");
    await form.press("Enter");
    await form.save();
    await expect.poll(form.written).toEqual({
      services: ["a"],
      edits: [
        { field: "tag", value: { tag: "pci", present: true } },
        { field: "tag", value: { tag: "x", present: false } },
      ],
    });
  });

  it("says how many it changes, and lets a pick be read before it is saved", async () => {
    const form = await start("team", [row({ id: "a" }), row({ id: "b" })]);
    expect(screen.getByTestId(testids.fieldSave)).toHaveTextContent("Change 2 services");
    await form.press("ArrowDown");
    await form.press("Enter");
    expect(form.written()).toBeUndefined();
    await form.save();
    await expect.poll(form.written).toEqual({
      services: ["a", "b"],
      edits: [{ field: "team", value: "Core" }],
    });
  });

  it("leaves by Escape with nothing written", async () => {
    const form = await start("owner");
    await form.type("Zoe");
    await form.press("Escape");
    expect(form.close).toHaveBeenCalledWith(false);
    expect(form.written()).toBeUndefined();
  });
});
