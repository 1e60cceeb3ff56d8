import { fireEvent, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { ExecutionView, LevelCell, SkillsView } from "@/lib/generated/api";
import AttestForm from "@/lib/checks/AttestForm.svelte";
import { router } from "@/lib/state/router.svelte";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Skills from "./Skills.svelte";
import { cellText, leaderText } from "./words";

const SAVED = { batch: "b1", summary: "Saved", id: "s2" };
const ADA = { id: "p1", name: "Ada" };
const EVE = { id: "p2", name: "Eve" };
const NONE = { alone: 0, all: 0, alone_with_unconfirmed: 0, all_with_unconfirmed: 0 };

function cell(changes: Partial<LevelCell> = {}): LevelCell {
  return {
    person: "p1",
    skill: "pipeline",
    level: 3,
    words: "L3",
    reopened: false,
    faded: false,
    last_use: "2026-11-20",
    since: "2026-11-12",
    executions: 4,
    unconfirmed: 1,
    assessed: 4,
    ...changes,
  };
}

function view(changes: Partial<SkillsView> = {}): SkillsView {
  const person = { outside: false, willing: true, open_assessment: false };
  const skill = { mandatory: true, holders: [], median_days: null, times: [] };
  return {
    as_of: "2026-11-24",
    skills: [
      { ...skill, id: "pipeline", title: "Pipeline", holders: [ADA] },
      { ...skill, id: "rollback", title: "Rollback" },
    ],
    people: [
      { ...ADA, ...person },
      { ...EVE, ...person, outside: true },
    ],
    levels: [cell()],
    executions: 4,
    unconfirmed: 1,
    contested: 0,
    truck_factor: 1,
    weakest: ["pipeline"],
    orphaned: ["rollback"],
    half_lost: null,
    independence: { alone: 2, all: 3, alone_with_unconfirmed: 3, all_with_unconfirmed: 4 },
    unaided: [],
    unaided_regressed: [],
    sprints: [
      {
        id: "s1",
        name: "Week one",
        kind: "expert-led",
        independence: NONE,
        done: 2,
        unaided: [],
        hours: 450,
        services: 3,
        hours_per_service: 150,
      },
    ],
    hours: [],
    suggestion: {
      sprint: "Week two",
      state: "planned",
      needed: ["pipeline"],
      mandatory: ["pipeline"],
      leader: {
        eligible: [
          { person: ADA, high: 1, guided: 2, fresh: 0.5, led_last_sprint: true, total: 2.5 },
        ],
        one_step_away: [],
        nearest: [],
      },
      pairs: null,
      note: null,
    },
    ...changes,
  };
}

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
