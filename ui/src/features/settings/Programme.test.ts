import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { session, STAGES } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Programme from "./Programme.svelte";

function show(names_shown: boolean, refuses = false) {
  const platform = new TestPlatform({
    session: () => session(),
    edit_programme: () => {
      if (refuses) throw { code: "disk_failed", message: "The disk refused.", params: {} };
      return { batch: "b1", summary: "Saved", id: null };
    },
  });
  const view = {
    name: "Shop",
    time_zone: "Europe/Berlin",
    time_zones: ["Europe/Berlin"],
    deadline: null,
    done_stage: "live",
    names_shown,
    stages: STAGES,
  };
  draw(platform, Programme, { view });
  return () => platform.calls.find(({ name }) => name === "edit_programme")?.argument;
}

const NOTHING_ELSE = { name: null, time_zone: null, deadline: null, done_stage: null };

describe("The switch for names on Progress", () => {
  it("is off unless the team says otherwise, and changes nothing else", async () => {
    const sent = show(false);
    const box = await screen.findByTestId(testids.settingsNames);
    await expect.poll(() => box).toBeEnabled();
    expect(box).not.toBeChecked();
    await fireEvent.click(box);
    await expect.poll(sent).toEqual({ ...NOTHING_ELSE, names_shown: true });
  });

  it("takes the names off again", async () => {
    const sent = show(true);
    const box = await screen.findByTestId(testids.settingsNames);
    await expect.poll(() => box).toBeEnabled();
    expect(box).toBeChecked();
    await fireEvent.click(box);
    await expect.poll(sent).toEqual({ ...NOTHING_ELSE, names_shown: false });
  });

  it("shows what is saved where it was refused", async () => {
    const sent = show(false, true);
    const box = await screen.findByTestId(testids.settingsNames);
    await expect.poll(() => box).toBeEnabled();
    await fireEvent.click(box);
    await expect.poll(sent).toBeDefined();
    await expect.poll(() => box).not.toBeChecked();
  });
});
