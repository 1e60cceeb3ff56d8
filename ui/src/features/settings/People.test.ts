import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { ADA, EVE, skillsView } from "@/lib/testing/skills";
import { testids } from "@/lib/testids";
import People from "./People.svelte";

function show(refuses: boolean) {
  const platform = new TestPlatform({
    session: () => session({ people: [ADA, EVE] }),
    skills: () => skillsView(),
    describe_person: () => {
      if (refuses) throw { code: "disk_failed", message: "The disk refused.", params: {} };
      return { batch: "b1", summary: "Saved", id: "p1" };
    },
  });
  const people = [ADA, EVE].map((one) => ({ ...one, email: null, services: 0 }));
  draw(platform, People, { people });
  return (name: string) => platform.calls.find((call) => call.name === name)?.argument;
}

describe("People", () => {
  it("say who is from outside, and change whether one leads", async () => {
    const sent = show(false);
    expect(await screen.findByText("from outside")).toBeInTheDocument();
    await fireEvent.click(screen.getByLabelText("Edit Ada"));
    expect(await screen.findByTestId(testids.personOutside)).not.toBeChecked();
    const willing = screen.getByTestId(testids.personWilling);
    expect(willing).toBeChecked();
    await fireEvent.click(willing);
    await expect.poll(() => sent("describe_person")).toEqual({ person: "p1", willing: false });
  });

  it("show what is saved where it was refused", async () => {
    const sent = show(true);
    await screen.findByText("from outside");
    await fireEvent.click(screen.getByLabelText("Edit Ada"));
    const outside = await screen.findByTestId(testids.personOutside);
    await fireEvent.click(outside);
    await expect.poll(() => sent("describe_person")).toEqual({ person: "p1", outside: true });
    await expect.poll(() => outside).not.toBeChecked();
  });
});
