import { fireEvent, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { SprintView } from "@/lib/generated/api";
import { router } from "@/lib/state/router.svelte";
import { row, session, STAGES } from "@/lib/testing/fixtures";
import { sprint, sprintRow } from "@/lib/testing/sprints";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Sprint from "./Sprint.svelte";

const SAVED = { batch: "b1", summary: "Saved", id: "s2" };

function show(view: SprintView | null = sprint()) {
  const platform = new TestPlatform({
    session: () => session(),
    sprint: () => view,
    sprints: () => ({
      sprints: view
        ? [sprintRow({ id: "s2", name: "Week two", state: "planned" }), view.sprint]
        : [],
    }),
    services: () => ({ rows: [row({ id: "d", name: "deposits" })], stages: STAGES }),
    turn_sprint: () => SAVED,
    scope_sprint: () => SAVED,
    plan_sprint: () => SAVED,
    assign: () => SAVED,
  });
  draw(platform, Sprint, {});
  const sent = (name: string) => platform.calls.find((call) => call.name === name)?.argument;
  return { platform, sent };
}

describe("Sprint", () => {
  beforeEach(() => router.replaceParams({ who: null, show: null, sprint: null }));

  it("shows cards by stage, each with its next check and its marks", async () => {
    show();
    const card = await screen.findByTestId(testids.sprintCard("a"));
    expect(card).toHaveAttribute("href", "#/service/a?check=CON-01");
    expect(card).toHaveTextContent("The image builds");
    const column = screen.getByTestId(testids.sprintColumn("discovered"));
    expect(column).toHaveTextContent("blocked");
    expect(screen.getByTestId(testids.sprintColumn("live"))).toHaveTextContent("reached Live");
    expect(screen.getByText("day 2 of 5")).toBeInTheDocument();
  });

  it("moves between cards by arrow keys and takes one out by X, with a reason", async () => {
    const { sent } = show();
    const card = await screen.findByTestId(testids.sprintCard("a"));
    card.focus();
    await fireEvent.keyDown(card, { key: "ArrowDown" });
    const next = screen.getByTestId(testids.sprintCard("b"));
    expect(next).toHaveFocus();
    expect(next).toHaveAttribute("tabindex", "0");
    expect(card).toHaveAttribute("tabindex", "-1");
    await fireEvent.keyDown(next, { key: "x" });
    const reason = screen.getByTestId(testids.sprintReason);
    expect(reason).toBeRequired();
    await fireEvent.input(reason, { target: { value: "another team took it" } });
    await fireEvent.click(screen.getByTestId(testids.sprintOutSave));
    await expect
      .poll(() => sent("scope_sprint"))
      .toEqual({ sprint: "s1", services: ["b"], change: "out", reason: "another team took it" });
  });

  it("puts a person on a service by A", async () => {
    const { sent } = show();
    const card = await screen.findByTestId(testids.sprintCard("a"));
    await fireEvent.keyDown(card, { key: "a" });
    await fireEvent.click(screen.getByTestId(testids.sprintAssign));
    await expect.poll(() => sent("assign")).toEqual({ service: "a", person: "p1", assigned: true });
  });

  it("ends with a sprint that takes over", async () => {
    const { sent } = show();
    await fireEvent.click(await screen.findByTestId(testids.sprintTurn("end")));
    const carry = await screen.findByTestId(testids.sprintCarry);
    await fireEvent.change(carry, { target: { value: "s2" } });
    await fireEvent.click(screen.getByTestId(testids.sprintTurnSave));
    await expect
      .poll(() => sent("turn_sprint"))
      .toEqual({ sprint: "s1", turn: "end", carry_over_to: "s2" });
  });

  it("says in the dialog why a turn was refused", async () => {
    const { platform } = show(sprint({ state: "planned" }, { started_at: null }));
    platform.handlers.turn_sprint = () => {
      throw { code: "not_possible", message: "Another sprint is running.", params: {} };
    };
    await fireEvent.click(await screen.findByTestId(testids.sprintTurn("start")));
    await fireEvent.click(screen.getByTestId(testids.sprintTurnSave));
    expect(await screen.findByRole("alert")).toHaveTextContent("Another sprint is running.");
  });

  it("adds services that are found by typing", async () => {
    const { sent } = show();
    await fireEvent.click(await screen.findByTestId(testids.sprintAdd));
    expect(screen.getByTestId(testids.sprintAddSave)).toHaveAttribute("aria-disabled", "true");
    const pick = screen.getByTestId(testids.sprintPick);
    await screen.findByRole("option", { name: "deposits" });
    await fireEvent.input(pick, { target: { value: "dep" } });
    await fireEvent.keyDown(pick, { key: "Enter" });
    await fireEvent.input(screen.getByTestId(testids.sprintReason), { target: { value: "ready" } });
    await fireEvent.click(screen.getByTestId(testids.sprintAddSave));
    await expect
      .poll(() => sent("scope_sprint"))
      .toEqual({ sprint: "s1", services: ["d"], change: "in", reason: "ready" });
  });

  it("has a table twin of the chart", async () => {
    show();
    await fireEvent.click(await screen.findByTestId(testids.sprintBurnToggle));
    const table = screen.getByTestId(testids.sprintBurnTable);
    const cells = within(table).getAllByRole("row")[1]?.children ?? [];
    expect([...cells].map(({ textContent }) => textContent)).toEqual([
      "24 Nov 2026",
      "3",
      "+1",
      "1",
    ]);
    expect(screen.queryByTestId(testids.sprintBurnUp)).not.toBeInTheDocument();
  });

  it("offers to plan the first sprint and goes to it", async () => {
    const { sent } = show(null);
    await fireEvent.click(await screen.findByTestId(testids.sprintPlan));
    const enter = (id: string, value: string, event: "input" | "change" = "input") =>
      fireEvent[event](screen.getByTestId(id), { target: { value } });
    await enter(testids.sprintName, "Week one");
    await enter(testids.sprintFirst, "2026-11-23", "change");
    await enter(testids.sprintLast, "2026-11-27", "change");
    await fireEvent.click(screen.getByTestId(testids.sprintSave));
    await expect
      .poll(() => sent("plan_sprint"))
      .toMatchObject({ name: "Week one", first: "2026-11-23", last: "2026-11-27", services: [] });
    await expect.poll(() => location.hash).toBe("#/sprint?sprint=s2");
  });

  it("leaves an ended sprint as it is", async () => {
    show(sprint({ state: "ended" }, { ended_at: "2026-11-27T15:00:00Z" }));
    const card = await screen.findByTestId(testids.sprintCard("a"));
    await fireEvent.keyDown(card, { key: "x" });
    expect(screen.queryByTestId(testids.sprintOutSave)).not.toBeInTheDocument();
    expect(screen.queryByTestId(testids.sprintAdd)).not.toBeInTheDocument();
    expect(screen.queryByTestId(testids.sprintTurn("start"))).not.toBeInTheDocument();
  });
});
