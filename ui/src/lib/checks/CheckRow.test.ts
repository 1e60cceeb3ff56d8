import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { FindingView, SessionView } from "@/lib/generated/api";
import { check, session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import CheckRow from "./CheckRow.svelte";

const finding: FindingView = {
  id: "f1",
  check: "CON-01",
  result: "pass",
  source: "person",
  by: "Ada\u202e",
  claimed: true,
  observed: "<img src=x onerror=alert(1)>",
  link: null,
  seen_at: "2026-11-24T11:00:00Z",
  stale_after: null,
};

function start(changes: Parameters<typeof check>[0] = {}, frame: Partial<SessionView> = {}) {
  const saved = { batch: "b1", summary: "Saved", id: null };
  const platform = new TestPlatform({
    session: () => session(frame),
    attest: () => saved,
    waive: () => saved,
    retract: () => saved,
  });
  draw(platform, CheckRow, { service: "s1", check: check(changes) });
  return platform;
}
const open = () => fireEvent.click(screen.getByTestId(testids.checkToggle("CON-01")));

describe("CheckRow", () => {
  it("says its status by shape and word", () => {
    start({ result: "fail", reason: null });
    expect(screen.getByTestId(testids.check("CON-01"))).toHaveTextContent(/✕\s*fail/);
  });

  it("tells claimed from proved", () => {
    start({ result: "pass", reason: null, claimed: true, finding });
    expect(screen.getByTestId(testids.check("CON-01"))).toHaveTextContent("claimed");
    expect(screen.getByTestId(testids.check("CON-01"))).not.toHaveTextContent("proved");
  });

  it("shows foreign text as text", async () => {
    start({ result: "pass", reason: null, claimed: true, finding });
    await open();
    const item = screen.getByTestId(testids.check("CON-01"));
    expect(item).toHaveTextContent("<img src=x onerror=alert(1)>");
    expect(item).toHaveTextContent("Ada⟨U+202E⟩");
    expect(item.querySelector("img")).toBeNull();
  });

  it("attests with note and link", async () => {
    const platform = start();
    await open();
    await expect
      .poll(() => screen.getByTestId(testids.attest("pass")).getAttribute("aria-disabled"))
      .toBe("false");
    await fireEvent.click(screen.getByTestId(testids.attest("pass")));
    await fireEvent.input(screen.getByTestId(testids.attestNote), {
      target: { value: " built it " },
    });
    await fireEvent.click(screen.getByTestId(testids.attestSave));
    await expect.poll(() => platform.count("attest")).toBe(1);
    expect(platform.calls.find(({ name }) => name === "attest")?.argument).toEqual({
      service: "s1",
      check: "CON-01",
      result: "pass",
      note: "built it",
      link: null,
    });
    await expect.poll(() => screen.queryByTestId(testids.attestSave)).toBeNull();
  });

  it("takes a person's finding back", async () => {
    const platform = start({ result: "pass", reason: null, finding });
    await open();
    await expect
      .poll(() => screen.getByTestId(testids.retract).getAttribute("aria-disabled"))
      .toBe("false");
    await fireEvent.click(screen.getByTestId(testids.retract));
    expect(platform.count("retract")).toBe(0);
    await fireEvent.input(screen.getByLabelText("Why is it taken back?"), {
      target: { value: "wrong cluster" },
    });
    await fireEvent.click(screen.getByTestId(testids.retractSave));
    await expect.poll(() => platform.count("retract")).toBe(1);
    expect(platform.calls.find(({ name }) => name === "retract")?.argument).toEqual({
      finding: "f1",
      note: "wrong cluster",
    });
  });

  it("gives the reason where a person cannot attest, and does not open the form", async () => {
    start({ advice: "A verifier judges this check." });
    await open();
    const button = screen.getByTestId(testids.attest("pass"));
    await expect.poll(() => button.title).toBe("A verifier judges this check.");
    await fireEvent.click(button);
    expect(screen.queryByTestId(testids.attestNote)).toBeNull();
  });

  it("writes nothing into a file that is read only", async () => {
    const platform = start({}, { read_only: "Written by a newer version." });
    await open();
    const button = screen.getByTestId(testids.waive);
    await expect.poll(() => button.title).toBe("Written by a newer version.");
    await fireEvent.click(button);
    expect(screen.queryByTestId(testids.waiveReason)).toBeNull();
    expect(platform.count("waive")).toBe(0);
  });

  it("says when it is late and who takes care of it", async () => {
    start({ due: "2026-11-20", doing: { id: "p1", name: "Ada" } });
    await expect
      .poll(() => screen.getByTestId(testids.check("CON-01")).textContent)
      .toMatch(/Ada.*late, 20 Nov/s);
  });

  it("does not call late what has passed", async () => {
    const platform = start({ due: "2026-11-20", result: "pass", reason: null, finding });
    await expect.poll(() => platform.count("session")).toBe(1);
    const item = screen.getByTestId(testids.check("CON-01"));
    await expect.poll(() => item.textContent).toMatch(/due 20 Nov/);
    expect(item.textContent).not.toMatch(/late/);
  });

  it("says beside the form why a waiver was refused, and asks another person instead", async () => {
    const platform = start();
    platform.handlers.waive = () => {
      throw { code: "not_possible", message: "A second person grants it.", params: {} };
    };
    platform.handlers.request_waiver = () => ({ batch: "b1", summary: "Asked", id: null });
    await open();
    await expect
      .poll(() => screen.getByTestId(testids.waive).getAttribute("aria-disabled"))
      .toBe("false");
    await fireEvent.click(screen.getByTestId(testids.waive));
    await fireEvent.input(screen.getByTestId(testids.waiveReason), { target: { value: "late" } });
    await fireEvent.click(screen.getByTestId(testids.waiveSave));
    expect(await screen.findByRole("alert")).toHaveTextContent("A second person grants it.");
    expect(screen.getByTestId(testids.waiveReason)).toHaveValue("late");
    await fireEvent.click(screen.getByTestId(testids.waiveAsk));
    await expect.poll(() => platform.count("request_waiver")).toBe(1);
  });

  it("answers a request, and says why it may not", async () => {
    const request = { id: "r1", reason: "No time", by: "Ada", expires_on: "2026-12-24" };
    const platform = start({ request });
    platform.handlers.answer_waiver = ({ grant }) => {
      if (grant) throw { code: "not_possible", message: "Another person grants it.", params: {} };
      return { batch: "b1", summary: "Declined", id: null };
    };
    await open();
    await expect
      .poll(() => screen.getByTestId(testids.answerWaiver("grant")).getAttribute("aria-disabled"))
      .toBe("false");
    await fireEvent.click(screen.getByTestId(testids.answerWaiver("grant")));
    expect(await screen.findByRole("alert")).toHaveTextContent("Another person grants it.");
    await fireEvent.click(screen.getByTestId(testids.answerWaiver("decline")));
    await fireEvent.click(screen.getByTestId(testids.answerWaiver("declined")));
    await expect
      .poll(() => platform.calls.filter(({ name }) => name === "answer_waiver").at(-1)?.argument)
      .toEqual({ request: "r1", grant: false, note: null });
  });
});
