import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { row, session, STAGES } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Writers from "./Writers.svelte";

function show() {
  const platform = new TestPlatform({
    session: () => session(),
    services: () => ({ rows: [row({ id: "d", name: "deposits" })], stages: STAGES }),
    writers: () => ({
      rules: [
        {
          id: "r1",
          is: { manager: "ci" },
          words: "“ci”",
          class: "pipeline",
          note: "ours",
          by: "Ann",
          at: "2026-03-02T10:00:00Z",
          on: "2026-03-02",
        },
      ],
      pipelines: [{ service: { id: "d", name: "deposits" }, managers: ["deposits-ci"] }],
    }),
    try_writer_rule: () => ({
      looked_at: 4,
      changed: [
        {
          workload: "prod shop/Deployment cart",
          service: null,
          manager: "robot",
          from: "ambiguous",
          to: "pipeline",
        },
      ],
    }),
    edit_writer_rule: () => ({ batch: "b1", summary: "Saved", id: null }),
    edit_pipeline: () => ({ batch: "b1", summary: "Saved", id: null }),
  });
  draw(platform, Writers, {});
  const sent = (name: string) => platform.calls.find((call) => call.name === name)?.argument;
  return { sent };
}

describe("Writers", () => {
  it("tells rules and pipelines in words", async () => {
    show();
    const list = await screen.findByTestId(testids.writerRules);
    expect(list).toHaveTextContent("“ci” counts as pipeline ours Ann, 2 Mar 2026");
    expect(list).toHaveTextContent("The pipeline of deposits writes as deposits-ci");
  });

  it("tries a rule before it is saved", async () => {
    const { sent } = show();
    await fireEvent.click(await screen.findByTestId(testids.writerAdd));
    await fireEvent.input(screen.getByTestId(testids.writerText), { target: { value: "robot" } });
    await fireEvent.click(screen.getByTestId(testids.writerTry));
    const trial = await screen.findByTestId(testids.writerTrial);
    expect(trial).toHaveTextContent("1 of 4 workloads would be read otherwise");
    expect(trial).toHaveTextContent("robot: ambiguous → pipeline");
    const rule = { is: { manager: "robot" }, class: "pipeline" };
    expect(sent("try_writer_rule")).toEqual(rule);
    expect(sent("edit_writer_rule")).toBeUndefined();
    await fireEvent.click(screen.getByTestId(testids.writerSave));
    expect(sent("edit_writer_rule")).toEqual(rule);
  });

  it("says a name for one service alone", async () => {
    const { sent } = show();
    await fireEvent.click(await screen.findByTestId(testids.writerAdd));
    await screen.findByText("its own pipeline: deposits");
    await fireEvent.input(screen.getByTestId(testids.writerText), { target: { value: "d-ci" } });
    await fireEvent.change(screen.getByTestId(testids.writerService), { target: { value: "d" } });
    expect(screen.queryByTestId(testids.writerTry)).toBeNull();
    await fireEvent.click(screen.getByTestId(testids.writerSave));
    expect(sent("edit_pipeline")).toEqual({ service: "d", managers: ["d-ci"] });
  });
});
