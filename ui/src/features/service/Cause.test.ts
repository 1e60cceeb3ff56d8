import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { check, session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Cause from "./Cause.svelte";

function show(changes: { regressed?: boolean; check?: string; refuses?: boolean } = {}) {
  const { regressed = true, check: failing = "CD-09", refuses = false } = changes;
  const platform = new TestPlatform({
    session: () => session(),
    trace_regression: () => {
      if (refuses) throw { code: "not_possible", message: "It has not regressed.", params: {} };
      return { batch: "b1", summary: "Saved", id: "c1" };
    },
  });
  const checks = ["LI-02", "CD-09"].map((id) => check({ id, regressed: id === failing }));
  const stage = {
    stage: "live",
    title: "Live",
    meaning: "It serves users.",
    state: "next",
    first_reached: null,
    checks,
  };
  draw(platform, Cause, { service: { id: "a", regressed, ladder: [stage] } });
  const sent = () => platform.calls.find(({ name }) => name === "trace_regression")?.argument;
  return { sent };
}

describe("The cause of a regression", () => {
  it("is asked for only where something fell back", async () => {
    show({ regressed: false });
    await new Promise((settled) => setTimeout(settled));
    expect(screen.queryByTestId(testids.causeOpen)).toBeNull();
  });

  it("is the check that fell, unless somebody says another one", async () => {
    const { sent } = show();
    await fireEvent.click(await screen.findByTestId(testids.causeOpen));
    const chosen = await screen.findByTestId(testids.causeCheck);
    expect(chosen).toHaveValue("CD-09");
    await fireEvent.change(chosen, { target: { value: "LI-02" } });
    await fireEvent.input(screen.getByLabelText("Note (optional)"), {
      target: { value: " the old limit was kept " },
    });
    await fireEvent.click(screen.getByTestId(testids.causeSave));
    expect(sent()).toEqual({ service: "a", check: "LI-02", note: "the old limit was kept" });
    await expect.poll(() => screen.queryByTestId(testids.causeSave)).toBeNull();
  });

  it("needs a check, and says so", async () => {
    const { sent } = show({ check: "none" });
    await fireEvent.click(await screen.findByTestId(testids.causeOpen));
    await fireEvent.click(await screen.findByTestId(testids.causeSave));
    expect(await screen.findByRole("alert")).toHaveTextContent("Choose a check.");
    expect(sent()).toBeUndefined();
  });

  it("stays open with the reason where it was refused", async () => {
    const { sent } = show({ refuses: true });
    await fireEvent.click(await screen.findByTestId(testids.causeOpen));
    await fireEvent.click(await screen.findByTestId(testids.causeSave));
    expect(await screen.findByRole("alert")).toHaveTextContent("It has not regressed.");
    expect(sent()).toEqual({ service: "a", check: "CD-09" });
  });
});
