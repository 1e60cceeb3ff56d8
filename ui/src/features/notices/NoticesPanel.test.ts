import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { NoticeView } from "@/lib/generated/api";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import NoticesPanel from "./NoticesPanel.svelte";

const asked: NoticeView = {
  kind: "waiver_requested",
  service: { id: "s1", name: "ledger" },
  check: "LI-01",
  text: "Ada asks that LI-01 be waived on ledger: being sold",
  at: "2026-11-24T10:00:00Z",
  unseen: true,
  request: "r1",
};
const blocked: NoticeView = {
  ...asked,
  kind: "blocked",
  check: null,
  text: "ledger is blocked, waiting for Legal",
  at: "2026-11-20T10:00:00Z",
  unseen: false,
  request: null,
};

function platform(notices: readonly NoticeView[]) {
  let looked = "";
  return new TestPlatform({
    session: () => session(),
    notices: () => {
      const list = notices.map((notice) => ({
        ...notice,
        unseen: notice.at > looked && notice.unseen,
      }));
      return { notices: list, unseen: list.filter(({ unseen }) => unseen).length };
    },
    looked_at: ({ until }) => {
      looked = until;
      return {};
    },
    answer_waiver: () => ({ batch: "b1", summary: "answered", id: null }),
  });
}

describe("the notices", () => {
  it("are seen once looked at, and stay marked as new while the panel is open", async () => {
    const host = platform([asked, blocked]);
    draw(host, NoticesPanel, {});
    expect(await screen.findAllByTestId(testids.notice)).toHaveLength(2);
    await waitFor(() => expect(host.count("notices")).toBeGreaterThan(1));
    expect(host.calls.filter(({ name }) => name === "looked_at")).toEqual([
      { name: "looked_at", argument: { until: asked.at } },
    ]);
    const [first, second] = screen.getAllByTestId(testids.notice) as [HTMLElement, HTMLElement];
    expect(within(first).getByText("new")).toBeVisible();
    expect(within(second).queryByText("new")).toBeNull();
  });

  it("lead to the evidence, and answer a request in place", async () => {
    const host = platform([asked]);
    draw(host, NoticesPanel, {});
    const link = await screen.findByRole("link", { name: asked.text });
    expect(link).toHaveAttribute("href", "#/service/s1?check=LI-01&evidence=s1%2FLI-01");
    await waitFor(() => expect(host.count("looked_at")).toBe(1));
    await fireEvent.click(screen.getByRole("button", { name: "Decline…" }));
    await fireEvent.input(screen.getByLabelText("Why not?"), { target: { value: " not yet " } });
    await fireEvent.click(screen.getByTestId(testids.noticeDecline));
    await waitFor(() => expect(host.count("answer_waiver")).toBe(1));
    expect(host.calls.find(({ name }) => name === "answer_waiver")?.argument).toEqual({
      request: "r1",
      grant: false,
      note: "not yet",
    });
  });

  it("say when there are none, and look at nothing", async () => {
    const host = platform([]);
    draw(host, NoticesPanel, {});
    expect(await screen.findByText("Nothing needs you")).toBeVisible();
    expect(host.count("looked_at")).toBe(0);
  });
});
