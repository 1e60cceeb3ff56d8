import { fireEvent, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { ExecutionView, SkillsView } from "@/lib/generated/api";
import AttestForm from "@/lib/checks/AttestForm.svelte";
import { router } from "@/lib/state/router.svelte";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { ADA, cell, EVE, skillsView as view } from "@/lib/testing/skills";
import { testids } from "@/lib/testids";
import Skills from "./Skills.svelte";
import { leaderText, readHours } from "@/lib/skills/words";
import { cellText } from "./words";

const SAVED = { batch: "b1", summary: "Saved", id: "s2" };
function execution(changes: Partial<ExecutionView> = {}): ExecutionView {
  return {
    id: "e1",
    service: { id: "a", name: "accounts" },
    check: "PI-01",
    check_title: "It builds by itself",
    skills: ["Pipeline"],
    on: "2026-11-20",
    at: "2026-11-20T10:00:00Z",
    by: "Ada",
    people: [{ ...ADA, help: 3, words: "did it alone", outside: false }],
    by_script: false,
    exceptional: false,
    imported: false,
    older_version: false,
    note: null,
    confirmed_by: null,
    contests: [],
    confirm_advice: null,
    ...changes,
  };
}

function platform(skills: SkillsView, executions: ExecutionView[] = [execution()]) {
  return new TestPlatform({
    session: () => session({ people: [ADA, EVE] }),
    skills: () => skills,
    executions: () => ({ executions, total: executions.length }),
    confirm_execution: () => SAVED,
    assess_self: () => SAVED,
    describe_person: () => SAVED,
    wish_pair: () => SAVED,
    attest: () => SAVED,
  });
}

const sent = (of: TestPlatform, name: string) =>
  of.calls.find((call) => call.name === name)?.argument;

describe("Skills", () => {
  beforeEach(() => router.replaceParams({ person: null, skill: null, sprint: null, list: null }));

  it("leads to the first execution where there is none", async () => {
    draw(platform(view({ executions: 0, levels: [] })), Skills, {});
    const first = await screen.findByTestId(testids.skillsFirst);
    expect(first).toHaveAttribute("href", "#/checklist");
    expect(screen.queryByTestId(testids.skillsTruckFactor)).toBeNull();
  });

  it("tells orphaned skills apart from the truck factor, and no ratio of nothing", async () => {
    draw(platform(view()), Skills, {});
    expect(await screen.findByTestId(testids.skillsTruckFactor)).toHaveTextContent("1 Pipeline");
    expect(screen.getByTestId(testids.skillsOrphaned)).toHaveTextContent("1 Rollback");
    const figure = screen.getByTestId(testids.skillsIndependence);
    expect(figure).toHaveTextContent("2 of 3 (67 %)");
    expect(figure).toHaveTextContent("with unconfirmed 3 of 4 (75 %)");
    const sprints = screen.getByTestId(testids.skillsSprints);
    expect(within(sprints).getAllByRole("row")[1]).toHaveTextContent(/Week one.*–.*1.5 h/);
    expect(screen.getByTestId(testids.skillsSuggested)).toHaveTextContent(
      "2 · 1 skills at L4 or L5 + 2 guided to L3 + 0.50 fresh − 2 for leading the last sprint",
    );
  });

  it("tells the latest sprints first, and all where they are asked for", async () => {
    const many = [...Array(12).keys()].flatMap((index) =>
      view().sprints.map((week) => ({ ...week, id: `s${index}`, name: `Week ${index}` })),
    );
    draw(platform(view({ sprints: many })), Skills, {});
    const sprints = await screen.findByTestId(testids.skillsSprints);
    const names = () =>
      within(sprints)
        .getAllByRole("link")
        .map(({ textContent }) => textContent);
    expect(names()).toHaveLength(10);
    expect(names()).toContain("Week 11");
    expect(names()).not.toContain("Week 1");
    await fireEvent.click(screen.getByTestId(testids.skillsAllSprints));
    expect(names()).toHaveLength(12);
  });

  it("opens the executions behind a level, and a second person confirms there", async () => {
    const host = platform(view());
    draw(host, Skills, {});
    const found = await screen.findByTestId(testids.skillCell("p1", "pipeline"));
    expect(found).toHaveTextContent("L3");
    expect(within(found).getByLabelText("own assessment 4")).toHaveTextContent("○4");
    expect(found).toHaveAttribute("href", "#/progress?person=p1&skill=pipeline");
    router.replaceParams({ person: "p1", skill: "pipeline" });
    const panel = await screen.findByTestId(testids.skillsPanel);
    const confirm = await within(panel).findByTestId(testids.executionConfirm);
    expect(panel).toHaveTextContent("not confirmed");
    expect(sent(host, "executions")).toEqual({ person: "p1", skill: "pipeline" });
    await fireEvent.click(confirm);
    await expect.poll(() => sent(host, "confirm_execution")).toEqual({ id: "e1" });
    await fireEvent.change(within(panel).getByTestId(testids.skillsAssess), {
      target: { value: "2" },
    });
    await expect.poll(() => sent(host, "assess_self")).toEqual({ skill: "pipeline", level: 2 });
  });

  it("lets a person show his own assessment, and nobody else's", async () => {
    const host = platform(view());
    draw(host, Skills, {});
    router.replaceParams({ person: "p2", skill: "pipeline" });
    await screen.findByTestId(testids.skillsPanel);
    expect(screen.queryByTestId(testids.skillsOpenAssessment)).toBeNull();
    router.replaceParams({ person: "p1", skill: "pipeline" });
    await fireEvent.click(await screen.findByTestId(testids.skillsOpenAssessment));
    await expect
      .poll(() => sent(host, "describe_person"))
      .toEqual({ person: "p1", open_assessment: true });
  });

  it("keeps a wish of two people and takes it back", async () => {
    const team = [ADA, { id: "p3", name: "Bob" }];
    const person = { outside: false, willing: true, open_assessment: false };
    const known = view();
    const suggestion = {
      ...known.suggestion,
      wishes: [{ people: team, wish: "forbidden" as const }],
    };
    const host = platform(view({ people: team.map((one) => ({ ...one, ...person })), suggestion }));
    draw(host, Skills, {});
    const save = await screen.findByTestId(testids.wishSave);
    await fireEvent.change(screen.getByTestId(testids.wishPerson), { target: { value: "p1" } });
    await fireEvent.change(screen.getByTestId(testids.wishWith), { target: { value: "p1" } });
    await fireEvent.click(save);
    expect(sent(host, "wish_pair"), "nobody is a pair of his own").toBeUndefined();
    await fireEvent.change(screen.getByTestId(testids.wishWith), { target: { value: "p3" } });
    await fireEvent.click(save);
    await expect
      .poll(() => sent(host, "wish_pair"))
      .toEqual({ person: "p1", with: "p3", wish: "locked" });
    host.calls.length = 0;
    await fireEvent.click(screen.getByTestId(testids.wishFree("p1-p3")));
    await expect
      .poll(() => sent(host, "wish_pair"))
      .toEqual({ person: "p1", with: "p3", wish: "free" });
  });

  it("says why somebody cannot confirm, and sends nothing", async () => {
    const host = platform(view(), [execution({ confirm_advice: "You did it." })]);
    draw(host, Skills, {});
    await screen.findByTestId(testids.skillsMatrix);
    router.replaceParams({ list: "unconfirmed" });
    const confirm = await screen.findByTestId(testids.executionConfirm);
    expect(confirm).toHaveAttribute("title", "You did it.");
    await fireEvent.click(confirm);
    expect(sent(host, "confirm_execution")).toBeUndefined();
  });

  it("says all that stands behind a level and a score", () => {
    expect(cellText(cell({ reopened: true, words: "L3?" }))).toContain("regression was traced");
    expect(cellText(cell({ level: 0, assessed: null }))).toContain("No evidence");
    const row = { person: ADA, high: 3, guided: 2, fresh: 1, led_last_sprint: false, total: 9 };
    expect(leaderText(row)).not.toContain("−");
  });
});

describe("Who did it", () => {
  const properties = { service: "a", check: "PI-01", kind: "manual", result: "pass" as const };

  function show(changes: Partial<typeof properties> = {}) {
    const host = platform(view());
    draw(host, AttestForm, { ...properties, ...changes, close: () => undefined });
    return host;
  }

  it("is the acting person alone, without a word in the request", async () => {
    const host = show();
    expect(await screen.findByTestId(testids.whoDidIt)).toHaveTextContent("you did it alone");
    await fireEvent.click(screen.getByTestId(testids.attestSave));
    await expect.poll(() => sent(host, "attest")).toBeDefined();
    expect(sent(host, "attest")).not.toHaveProperty("done_by");
  });

  it("takes who helped; then nobody did it alone", async () => {
    const host = show();
    await fireEvent.click(await screen.findByTestId(testids.whoAdd));
    await fireEvent.change(screen.getByTestId(testids.whoHelp(0)), { target: { value: "1" } });
    await fireEvent.click(screen.getByTestId(testids.attestSave));
    await expect
      .poll(() => sent(host, "attest"))
      .toMatchObject({
        done_by: {
          who: "people",
          people: [
            { person: "p1", help: 1 },
            { person: "p2", help: 4 },
          ],
        },
      });
  });

  it("records nothing where the person says so", async () => {
    const host = show();
    await fireEvent.click(await screen.findByTestId(testids.whoNobody));
    await fireEvent.click(screen.getByTestId(testids.attestSave));
    await expect.poll(() => sent(host, "attest")).toMatchObject({ done_by: { who: "nobody" } });
  });

  it("is not asked of an approval or a failure", async () => {
    show({ kind: "approval" });
    await screen.findByTestId(testids.attestSave);
    expect(screen.queryByTestId(testids.whoDidIt)).toBeNull();
  });
});

describe("hours as typed", () => {
  it("are a number up to 24 with at most two places", () => {
    const check = (typed: string, expected: number | undefined) =>
      expect(readHours(typed), typed).toBe(expected);
    check("1.5", 150);
    check("1,25", 125);
    check("24", 2400);
    check("24.01", undefined);
    check("0", undefined);
    check("1.255", undefined);
    check("-1", undefined);
    check("", undefined);
  });
});
