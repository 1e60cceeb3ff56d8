import { fireEvent, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { preferences } from "@/lib/state/preferences.svelte";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import FirstSteps from "./FirstSteps.svelte";
import { stepsOf } from "./steps";

const NEW = { person: true, services: false, assigned: false, looked: false };

function show(first_steps: typeof NEW, read_only: string | null = null) {
  const view = session({ first_steps, read_only });
  const host = new TestPlatform({
    session: () => view,
    add_service: () => ({ batch: "b", summary: "ledger added", id: "s" }),
  });
  draw(host, FirstSteps, { session: view });
  return host;
}

describe("the first steps", () => {
  beforeEach(() => {
    localStorage.clear();
    preferences.firstSteps = "shown";
  });

  it("show the one whose turn it is, and tick what is done", () => {
    show({ ...NEW, services: true });
    expect(screen.getByTestId(testids.firstStep("assigned"))).toHaveAttribute("aria-current");
    expect(screen.getByTestId(testids.firstStep("services"))).toHaveTextContent("✓");
    expect(screen.getByTestId(testids.firstStep("looked"))).not.toHaveTextContent("✓");
    expect(screen.getByRole("link", { name: "Choose a service" })).toBeVisible();
  });

  it("add a service by its name", async () => {
    const host = show(NEW);
    await fireEvent.input(screen.getByLabelText("Name of a service"), {
      target: { value: " ledger " },
    });
    await waitFor(() => expect(host.count("session")).toBeGreaterThan(0));
    await fireEvent.click(screen.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(host.count("add_service")).toBe(1));
    expect(host.calls.find(({ name }) => name === "add_service")?.argument).toEqual({
      name: "ledger",
      class: null,
    });
  });

  it("are gone once all are done, and where nothing can be written", () => {
    show({ person: true, services: true, assigned: true, looked: true });
    expect(screen.queryByTestId(testids.firstSteps)).toBeNull();
    show(NEW, "The file is open elsewhere");
    expect(screen.queryByTestId(testids.firstSteps)).toBeNull();
    // The search itself can find them:
    show(NEW);
    expect(screen.getByTestId(testids.firstSteps)).toBeVisible();
  });

  it("stay away once they were put away", async () => {
    show(NEW);
    await fireEvent.click(screen.getByTestId(testids.firstStepsDismiss));
    expect(screen.queryByTestId(testids.firstSteps)).toBeNull();
    expect(localStorage.getItem("pilotage.first-steps")).toBe("dismissed");
  });

  it("come in the order one takes them", () => {
    expect(stepsOf(NEW).map(({ id, done }) => [id, done])).toEqual([
      ["person", true],
      ["services", false],
      ["assigned", false],
      ["looked", false],
    ]);
  });
});
