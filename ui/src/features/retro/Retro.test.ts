import { fireEvent, screen } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { RetroView } from "@/lib/generated/api";
import { router } from "@/lib/state/router.svelte";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { action, note, retro } from "@/lib/testing/retros";
import { skillsView } from "@/lib/testing/skills";
import { testids } from "@/lib/testids";
import Retro from "./Retro.svelte";
import { columnsOf, timeText } from "./words";

const PAIR = {
  people: [
    { id: "p1", name: "Ada" },
    { id: "p2", name: "Eve" },
  ],
  score: 1,
  moves: ["rollback"],
  support: [],
};
const PREVIEW = {
  file_name: "there.json",
  text: "{}",
  programme: "Harbour",
  sprint: { ...retro().document.sprint, id: "s9", name: "Week nine" },
  sprint_is_here: false,
  notes: 3,
  notes_left_out: 1,
  unknown_services: ["cart"],
  actions: [{ text: "Ask earlier", owner: "Ada", state: "open", is_here: true }],
  people: ["Eve"],
};
const SAVED = { batch: "b1", summary: "Saved", id: "r1" };

function show(view: RetroView | null) {
  const platform = new TestPlatform({
    session: () => session(),
    retro: () => view,
    edit_retro: () => SAVED,
    turn_retro: () => SAVED,
    write_note: () => SAVED,
    reveal_notes: () => SAVED,
    group_notes: () => SAVED,
    agree_action: () => SAVED,
    decide_action: () => SAVED,
    keep_formats: () => SAVED,
    save_retro: () => "one.md",
    choose_retro: () => PREVIEW,
    import_retro: () => SAVED,
    retro_formats: () => ({ text: "[]", own: false }),
    skills: () =>
      skillsView({
        suggestion: {
          ...skillsView().suggestion,
          pairs: { best: { score: 1, groups: [PAIR] }, runner_up: null, greedy: false },
        },
      }),
  });
  draw(platform, Retro, {});
  const sent = (name: string) => platform.calls.find((call) => call.name === name)?.argument;
  return { platform, sent };
}

describe("Retrospective", () => {
  beforeEach(() => router.replaceParams({ step: null, sprint: null }));

  it("says what to do where no sprint has started", async () => {
    show(null);
    expect(await screen.findByText("No sprint has started yet")).toBeInTheDocument();
    expect(screen.getByText("Go to Sprint")).toHaveAttribute("href", "#/sprint");
  });

  it("asks before it goes on past open actions, and sends who skips", async () => {
    const { sent, platform } = show(
      retro({ step: "open-actions", open_actions: [action()] }, { waits: "1 waits." }),
    );
    await fireEvent.click(await screen.findByTestId(testids.retroStep("facts")));
    expect(sent("edit_retro"), "nothing is sent silently").toBeUndefined();
    await fireEvent.click(screen.getByTestId(testids.retroSkip));
    expect(sent("edit_retro")).toEqual({ sprint: "s1", step: "facts", skip: true });
    expect(platform.calls.filter(({ name }) => name === "edit_retro")).toHaveLength(1);
  });

  it("offers no third carry", async () => {
    const { sent } = show(retro({ step: "open-actions", open_actions: [action({ carried: 2 })] }));
    const keep = await screen.findByTestId(testids.retroKeep("a1"));
    expect(keep).toHaveAttribute("aria-disabled", "true");
    await fireEvent.click(keep);
    expect(sent("decide_action")).toBeUndefined();
    await fireEvent.click(screen.getByTestId(testids.retroDone("a1")));
    expect(sent("decide_action")).toEqual({ action: "a1", decision: "done", sprint: "s1" });
  });

  it("shows a fact with the list behind it, and why one was not observed", async () => {
    show(retro({ step: "facts" }));
    const figure = await screen.findByTestId(testids.retroFigure("2.1/done"));
    expect(figure).toHaveTextContent("Done");
    expect(screen.getByText("cart")).toBeInTheDocument();
    expect(screen.getByText(/no step execution was recorded/)).toBeInTheDocument();
    const list = figure.closest("details");
    expect(list).not.toHaveAttribute("open");
    dispatchEvent(new Event("beforeprint"));
    expect(list, "paper shows the list").toHaveAttribute("open");
    dispatchEvent(new Event("afterprint"));
    expect(list).not.toHaveAttribute("open");
  });

  it("keeps a note on Enter and not on Shift and Enter", async () => {
    const { sent } = show(retro());
    const field = await screen.findByTestId(testids.retroNewNote("liked"));
    await fireEvent.input(field, { target: { value: "Calm" } });
    await fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
    expect(sent("write_note")).toBeUndefined();
    await fireEvent.keyDown(field, { key: "Enter" });
    expect(sent("write_note")).toEqual({ sprint: "s1", column: "liked", text: "Calm" });
  });

  it("groups by a list as by dragging", async () => {
    const { sent } = show(
      retro({
        step: "group",
        notes: [note()],
        groups: [{ id: "g1", name: "Pairs", votes: 0, cast: {} }],
      }),
    );
    await fireEvent.change(await screen.findByTestId(testids.retroGroupOf("n1")), {
      target: { value: "g1" },
    });
    expect(sent("group_notes")).toEqual({ sprint: "s1", notes: ["n1"], group: "g1" });
  });

  it("proposes who leads and who pairs, with the reasons, and accepts both", async () => {
    const { sent, platform } = show(retro({ step: "close" }));
    const leader = await screen.findByTestId(testids.retroSuggestedLeader);
    expect(leader).toHaveTextContent("2 · 1 skills at L4 or L5");
    await fireEvent.click(screen.getByTestId(testids.retroAcceptLeader));
    expect(sent("edit_retro")).toMatchObject({
      next_leader: { person: "p1", reason: expect.stringContaining("as suggested") as string },
    });
    platform.calls.length = 0;
    expect(screen.getByTestId(testids.retroSuggestedPairs)).toHaveTextContent("moves Rollback");
    await fireEvent.click(screen.getByTestId(testids.retroAcceptPairs));
    expect(sent("edit_retro")).toMatchObject({
      pairs: [{ people: ["p1", "p2"], reason: "as suggested: moves Rollback" }],
    });
  });

  it("asks why another one than suggested leads", async () => {
    const { sent } = show(retro({ step: "close" }));
    await screen.findByTestId(testids.retroSuggestedLeader);
    const choose = screen.getByTestId(testids.retroLeader);
    await fireEvent.change(screen.getByLabelText("Leader"), { target: { value: "p2" } });
    await fireEvent.click(choose);
    expect(sent("edit_retro"), "nothing without a reason").toBeUndefined();
    await fireEvent.input(screen.getByLabelText("Why he leads"), {
      target: { value: "Ada is away" },
    });
    await fireEvent.click(choose);
    expect(sent("edit_retro")).toMatchObject({
      next_leader: { person: "p2", reason: "Ada is away" },
    });
  });

  it("asks once before notes about people leave as a file", async () => {
    localStorage.removeItem("pilotage.retro.shared");
    const { sent, platform } = show(
      retro({ notes: [note({ text: "Ada saved the day" })] }, { about_people: ["n1"] }),
    );
    const agreed = { sprint: "s1", format: "md", with_people: true };
    const save = async () => {
      await fireEvent.click(await screen.findByTestId(testids.retroExport));
      await fireEvent.click(await screen.findByText("Markdown"));
    };
    await save();
    expect(sent("save_retro"), "not before it was asked").toBeUndefined();
    await fireEvent.click(await screen.findByTestId(testids.retroShare));
    await expect.poll(() => sent("save_retro")).toEqual(agreed);
    platform.calls.length = 0;
    await save();
    await expect.poll(() => sent("save_retro")).toEqual(agreed);
  });

  it("says nothing of people where no note speaks about them", async () => {
    const { sent } = show(retro({ notes: [note()] }));
    await fireEvent.click(await screen.findByTestId(testids.retroExport));
    await fireEvent.click(await screen.findByText("Markdown"));
    await expect.poll(() => sent("save_retro")).toEqual({ sprint: "s1", format: "md" });
  });

  it("shows what an export would bring in, and takes it in only then", async () => {
    const { sent } = show(retro());
    await fireEvent.click(await screen.findByTestId(testids.retroImport));
    const shown = await screen.findByTestId(testids.retroPreview);
    for (const part of ["Harbour", "Week nine", "Ask earlier", "Eve", "is here already", "cart"]) {
      expect(shown).toHaveTextContent(part);
    }
    expect(sent("import_retro"), "not before it was looked at").toBeUndefined();
    await fireEvent.click(screen.getByTestId(testids.retroTakeIn));
    expect(sent("import_retro")).toEqual({ text: "{}" });
    await expect.poll(() => screen.queryByTestId(testids.retroPreview)).toBeNull();
    await expect.poll(() => location.hash).toBe("#/retro?sprint=s9");
  });

  it("takes one in where no sprint has started, and leaves it where somebody cancels", async () => {
    const { sent } = show(null);
    await fireEvent.click(await screen.findByTestId(testids.retroImport));
    await screen.findByTestId(testids.retroPreview);
    await fireEvent.click(screen.getByText("Cancel"));
    await expect.poll(() => screen.queryByTestId(testids.retroPreview)).toBeNull();
    expect(sent("import_retro")).toBeUndefined();
  });

  it("edits the formats as text", async () => {
    const { sent } = show(retro());
    await fireEvent.click(await screen.findByTestId(testids.retroFormats));
    await fireEvent.input(await screen.findByTestId(testids.retroFormatsText), {
      target: { value: "[1]" },
    });
    await fireEvent.click(screen.getByTestId(testids.retroFormatsSave));
    expect(sent("keep_formats")).toEqual({ text: "[1]" });
  });

  it("asks which action to drop for a fourth", async () => {
    const three = ["a1", "a2", "a3"].map((id) => action({ id, text: `Action ${id}` }));
    const { sent } = show(retro({ step: "actions", actions: three }));
    await fireEvent.click(await screen.findByTestId(testids.retroActionAdd));
    const set = (id: string, value: string) =>
      fireEvent.input(screen.getByTestId(id), { target: { value } });
    await set(testids.retroActionText, "Ask earlier");
    await set(testids.retroActionSeen, "fewer hours");
    await fireEvent.change(screen.getByTestId(testids.retroActionOwner), {
      target: { value: "p2" },
    });
    const save = screen.getByTestId(testids.retroActionSave);
    expect(save).toHaveAttribute("title", "Choose which action to drop for it.");
    await fireEvent.change(screen.getByTestId(testids.retroActionInstead), {
      target: { value: "a2" },
    });
    await fireEvent.click(save);
    expect(sent("agree_action")).toMatchObject({ owner: "p2", instead_of: "a2" });
  });
});

describe("words", () => {
  it("tell time, over it too", () => {
    expect([timeText(245), timeText(0), timeText(-30)]).toEqual(["4:05", "0:00", "-0:30"]);
  });

  it("have a column for notes that fit none, where there are such", () => {
    expect(columnsOf(retro()).map(({ id }) => id)).toEqual(["liked", "learned"]);
    const stray = retro({ notes: [note({ column: "mad" })] });
    expect(columnsOf(stray).map(({ id }) => id)).toEqual(["liked", "learned", ""]);
  });
});
