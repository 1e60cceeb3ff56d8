import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { EVE, skillsView } from "@/lib/testing/skills";
import { testids } from "@/lib/testids";
import Hours from "./Hours.svelte";

function show(skills = skillsView()) {
  const platform = new TestPlatform({
    session: () => session(),
    skills: () => skills,
    report_hours: () => ({ batch: "b1", summary: "Saved", id: "h1" }),
  });
  draw(platform, Hours, { service: "a" });
  return (name: string) => platform.calls.find((call) => call.name === name)?.argument;
}

describe("Expert's hours", () => {
  it("are reported for whoever is from outside, once they are a number", async () => {
    const sent = show();
    const add = await screen.findByTestId(testids.hoursAdd);
    await expect.poll(() => sent("skills")).toBeDefined();
    await fireEvent.click(add);
    const amount = await screen.findByTestId(testids.hoursAmount);
    const save = screen.getByTestId(testids.hoursSave);
    await fireEvent.input(amount, { target: { value: "25" } });
    await fireEvent.click(save);
    expect(sent("report_hours"), "a day has no 25 hours").toBeUndefined();
    await fireEvent.input(amount, { target: { value: "1.5" } });
    await fireEvent.click(save);
    await expect
      .poll(() => sent("report_hours"))
      .toEqual({ service: "a", hundredths: 150, person: EVE.id });
  });

  it("say where to say that somebody is from outside, where nobody is", async () => {
    const people = skillsView().people.filter(({ outside }) => !outside);
    show(skillsView({ people }));
    const add = await screen.findByTestId(testids.hoursAdd);
    await expect.poll(() => add.getAttribute("title")).toContain("Settings, below People");
  });
});
