import { fireEvent, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { PlaybookTrial, PlaybookView } from "@/lib/generated/api";
import { unsaved } from "@/lib/playbook/unsaved.svelte";
import { router } from "@/lib/state/router.svelte";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { action } from "@/lib/testing/retros";
import { testids } from "@/lib/testids";
import Playbook from "./Playbook.svelte";

const TEXT = "playbook: small\nversion: 1\nchecks:\n  - id: A-1\n    title: x\n";

function view(changes: Partial<PlaybookView> = {}): PlaybookView {
  return {
    name: "small",
    version: 1,
    title: "Two steps",
    adopted_at: "2026-11-24T12:00:00Z",
    adoption: "a1",
    text: TEXT,
    waivers: "anyone",
    stages: [],
    archetypes: [],
    history: [
      { id: "a1", name: "small", version: 1, at: "2026-11-24T12:00:00Z", by: "Ada", counted: 1 },
    ],
    ...changes,
  };
}

function answer(text: string): PlaybookTrial {
  const version = Number(/^version: (\d+)/m.exec(text)?.[1]);
  const old = version <= 1;
  const fault = { line: 2, text: "version 1 is in force", raise_to: 2 };
  return {
    faults: old ? [fault] : [],
    version: old ? 0 : version,
    differences: [],
    affected: [],
    services: 3,
  };
}

function open(tab: string, changes: ConstructorParameters<typeof TestPlatform>[0] = {}) {
  router.go(`#/playbook?tab=${tab}`);
  router.route = { page: "playbook", id: null, params: new URLSearchParams({ tab }) };
  const platform = new TestPlatform({
    session: () => session(),
    playbook: () => view(),
    try_playbook: ({ text }) => answer(text),
    ...changes,
  });
  return { platform, ...draw(platform, Playbook, {}) };
}

async function type(text: string) {
  await fireEvent.input(await screen.findByTestId(testids.playbookText), {
    target: { value: text },
  });
}

beforeEach(() => {
  unsaved.discard();
  unsaved.flush();
  localStorage.clear();
});

describe("the playbook's editor", () => {
  it("tries what is typed, and raises the version where that mends it", async () => {
    const { platform } = open("edit");
    await type(TEXT.replace("x", "y"));
    await screen.findByText("Line 2");
    expect(platform.count("try_playbook"), "typing is answered once").toBe(1);
    await fireEvent.click(screen.getByTestId(testids.playbookRaise));
    await waitFor(() =>
      expect(screen.getByTestId(testids.playbookState)).toHaveTextContent("No faults. Version 2"),
    );
    expect(screen.getByTestId(testids.playbookText)).toHaveValue(
      TEXT.replace("x", "y").replace("version: 1", "version: 2"),
    );
  });

  it("keeps the text through leaving the page and a refused adoption", async () => {
    const mine = TEXT.replace("version: 1", "version: 2");
    const first = open("edit");
    await type(mine);
    first.unmount();
    const { platform } = open("try", {
      adopt_playbook: () => {
        throw { code: "disk_failed", message: "The disk refused.", params: {} };
      },
    });
    const adopt = await screen.findByTestId(testids.playbookAdopt);
    await waitFor(() => expect(adopt).toHaveAttribute("aria-disabled", "false"));
    await screen.findByText("Nobody would move: all 3 services in scope stay where they are.");
    await fireEvent.click(adopt);
    await fireEvent.click(screen.getByTestId(testids.playbookConfirm));
    await waitFor(() => expect(platform.count("adopt_playbook")).toBe(1));
    expect(platform.calls.find(({ name }) => name === "adopt_playbook")?.argument).toEqual({
      text: mine,
      seen: "a1",
      closes: [],
    });
    await waitFor(() => expect(screen.queryByTestId(testids.playbookConfirm)).toBeNull());
    expect(unsaved.text).toBe(mine);
  });

  it("closes the action that it was edited for, and no other", async () => {
    unsaved.write(TEXT.replace("version: 1", "version: 2"), view());
    unsaved.action = "a2";
    const about = { target: "playbook" };
    const { platform } = open("try", {
      open_actions: () => [
        action({ ...about, id: "a1" }),
        action({ ...about, id: "a2", text: "Ask for the owner" }),
        action({ id: "a3" }),
      ],
      adopt_playbook: () => ({ batch: "b1", summary: "Saved", id: "p1" }),
    });
    await screen.findByText("Ask for the owner");
    const adopt = await screen.findByTestId(testids.playbookAdopt);
    await waitFor(() => expect(adopt).toHaveAttribute("aria-disabled", "false"));
    await fireEvent.click(adopt);
    expect(await screen.findByTestId(testids.playbookCloses("a2"))).toBeChecked();
    expect(screen.getByTestId(testids.playbookCloses("a1"))).not.toBeChecked();
    expect(screen.queryByTestId(testids.playbookCloses("a3"))).toBeNull();
    await fireEvent.click(screen.getByTestId(testids.playbookConfirm));
    await waitFor(() => expect(platform.count("adopt_playbook")).toBe(1));
    expect(platform.calls.find(({ name }) => name === "adopt_playbook")?.argument).toMatchObject({
      closes: ["a2"],
    });
    await waitFor(() => expect(unsaved.action).toBe(""));
  });

  it("does not adopt over what somebody else adopted since", async () => {
    let shown = view();
    const { platform } = open("try", { playbook: () => shown });
    await screen.findByText("There is nothing to try");
    unsaved.write(TEXT.replace("version: 1", "version: 3"), shown);
    const adopt = await screen.findByTestId(testids.playbookAdopt);
    await waitFor(() => expect(adopt).toHaveAttribute("aria-disabled", "false"));
    shown = view({
      version: 2,
      adoption: "a2",
      text: "other",
      history: [
        { id: "a2", name: "small", version: 2, at: "2026-11-24T13:00:00Z", by: "Ben", counted: 1 },
        ...view().history,
      ],
    });
    platform.change("programme");
    expect(await screen.findByTestId(testids.playbookSince)).toHaveTextContent("by Ben");
    await fireEvent.click(screen.getByTestId(testids.playbookAdopt));
    expect(screen.queryByTestId(testids.playbookConfirm)).toBeNull();
    await fireEvent.click(screen.getByTestId(testids.playbookKeepMine));
    await waitFor(() =>
      expect(screen.getByTestId(testids.playbookAdopt)).toHaveAttribute("aria-disabled", "false"),
    );
  });
});
