import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { progress, session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Progress from "./Progress.svelte";

describe("Progress", () => {
  it("shows the numbers, each a link to its list", async () => {
    draw(new TestPlatform({ session: () => session(), progress: () => progress() }), Progress, {});
    const done = await screen.findByTestId(testids.progressDone);
    expect(done).toHaveTextContent("4of 17");
    expect(done).toHaveAttribute("href", "#/services?reached=live");
    const proved = screen.getByTestId(testids.progressProved);
    expect(proved).toHaveTextContent("75 %20 claimed");
    expect(screen.getByTestId(testids.progressBlocked)).toHaveTextContent("2");
    expect(screen.getByTestId(testids.progressRegressed)).toHaveAccessibleDescription(
      /lost a stage/,
    );
    expect(screen.getByTestId(testids.stageCount("live"))).toHaveAttribute(
      "href",
      "#/services?stage=live",
    );
    expect(screen.getByTestId(testids.progressDeadline)).toHaveTextContent("10 days left");
  });

  it("has a table twin of the chart", async () => {
    draw(new TestPlatform({ session: () => session(), progress: () => progress() }), Progress, {});
    await fireEvent.click(await screen.findByTestId(testids.flowToggle));
    expect(screen.getByTestId(testids.flowTable)).toHaveTextContent("Playbook version 2");
    expect(screen.queryByTestId(testids.flowChart)).not.toBeInTheDocument();
  });

  it("keeps its numbers while newer ones are fetched, then shows those", async () => {
    const platform = new TestPlatform({ session: () => session(), progress: () => progress() });
    draw(platform, Progress, {});
    await screen.findByTestId(testids.progressDone);
    platform.handlers.progress = () => progress({ done: 5 });
    platform.change("services");
    expect(screen.getByTestId(testids.progressDone)).toHaveTextContent("4of 17");
    await expect.poll(() => screen.getByTestId(testids.progressDone).textContent).toContain("5");
  });

  it("offers the import when nothing is there, and a way out of an error", async () => {
    draw(
      new TestPlatform({ session: () => session({ nodes: 0 }), progress: () => progress() }),
      Progress,
      {},
    );
    expect(await screen.findByTestId(testids.emptyImport)).toHaveAttribute("href", "#/import");
  });

  it("says what failed and tries again", async () => {
    const platform = new TestPlatform({
      session: () => session(),
      progress: () => {
        throw { code: "disk_failed", message: "The disk did not answer.", params: {} };
      },
    });
    draw(platform, Progress, {});
    const retry = await screen.findByTestId(testids.retry);
    expect(screen.getByRole("alert")).toHaveTextContent("The disk did not answer.");
    platform.handlers.progress = () => progress();
    await fireEvent.click(retry);
    expect(await screen.findByTestId(testids.progressDone)).toBeInTheDocument();
  });
});
