import { fireEvent } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { chosen } from "./chosen";

describe("A list that acts at once", () => {
  let select: HTMLSelectElement;
  let told: string[];

  beforeEach(() => {
    select = document.createElement("select");
    for (const value of ["a", "b", "c"]) select.append(new Option(value, value));
    told = [];
    chosen(select, (value) => told.push(value));
  });

  /** As a browser does it: the key, then the value, then the event. */
  async function step(value: string) {
    await fireEvent.keyDown(select, { key: "ArrowDown" });
    select.value = value;
    await fireEvent.change(select);
  }

  it("counts what the pointer chose", async () => {
    await fireEvent.pointerDown(select);
    select.value = "b";
    await fireEvent.change(select);
    expect(told).toEqual(["b"]);
  });

  it("counts what is chosen in the list that a key opened", async () => {
    await fireEvent.keyDown(select, { key: " " });
    select.value = "c";
    await fireEvent.change(select);
    expect(told).toEqual(["c"]);
  });

  it("passes options by steps, and counts the one where Enter is pressed", async () => {
    await step("b");
    await step("c");
    expect(told, "nothing is chosen in passing").toEqual([]);
    await fireEvent.keyDown(select, { key: "Enter" });
    expect(told).toEqual(["c"]);
    await fireEvent.blur(select);
    expect(told, "once").toEqual(["c"]);
  });

  it("counts where the field is left, and goes back with Escape", async () => {
    await step("b");
    await fireEvent.keyDown(select, { key: "Escape" });
    expect(select.value).toBe("a");
    await fireEvent.blur(select);
    expect(told).toEqual([]);
    await step("b");
    await fireEvent.blur(select);
    expect(told).toEqual(["b"]);
  });
});
