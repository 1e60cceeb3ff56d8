import { fireEvent, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { ConflictRow } from "@/lib/generated/api";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Conflicts from "./Conflicts.svelte";
import { shownValue, typedValue, valueKind } from "./values";

const choice = (shown: string, value: string, version: string) => ({
  shown,
  value,
  version,
  by: "Ada",
  at: "2026-11-24T10:00:00Z",
});
const owner: ConflictRow = {
  entity: "s1",
  kind: "service",
  name: "ledger",
  field: "owner",
  values: [choice("Ben", '"Ben"', "v1"), choice("Eve", '"Eve"', "v2")],
};

function platform(rows: ConflictRow[]) {
  return new TestPlatform({
    session: () => session(),
    conflicts: () => ({ conflicts: rows }),
    settle_conflict: ({ field }) => {
      rows = rows.filter((row) => row.field !== field);
      return { batch: "b1", summary: "owner of ledger settled", id: null };
    },
  });
}

describe("conflicts", () => {
  it("show both values and settle what was on the screen", async () => {
    const host = platform([owner]);
    draw(host, Conflicts, {});
    const keep = await screen.findByRole("button", { name: "Keep Eve" });
    expect(screen.getByText("In force now")).toBeVisible();
    await waitFor(() => expect(keep).toHaveAttribute("aria-disabled", "false"));
    await fireEvent.click(keep);
    expect(await screen.findByText("No field has two values")).toBeVisible();
    expect(host.calls.find(({ name }) => name === "settle_conflict")?.argument).toEqual({
      entity: "s1",
      field: "owner",
      value: '"Eve"',
      seen: ["v1", "v2"],
    });
    expect(screen.queryByTestId(testids.conflict)).toBeNull();
  });

  it("take another value of the same kind", async () => {
    const host = platform([owner]);
    draw(host, Conflicts, {});
    const save = await screen.findByRole("button", { name: "Save it" });
    expect(save).toHaveAttribute("aria-disabled", "true");
    await fireEvent.input(screen.getByLabelText("Another value"), { target: { value: " Kim " } });
    await waitFor(() => expect(save).toHaveAttribute("aria-disabled", "false"));
    await fireEvent.click(save);
    await waitFor(() => expect(host.count("settle_conflict")).toBe(1));
    expect(host.calls.find(({ name }) => name === "settle_conflict")?.argument).toMatchObject({
      value: '"Kim"',
    });
  });

  it("know what kind of value a field takes", () => {
    const kind = (...values: string[]) =>
      valueKind({ ...owner, values: values.map((value) => choice("", value, value)) });
    expect(kind('"a"', "null")).toBe("text");
    expect(kind("3", "4")).toBe("number");
    expect(kind("true", "false")).toBe("other");
    expect(kind("null", "null")).toBe("other");
    expect(kind('"a"', "3")).toBe("other");
    expect(typedValue("number", " 4 ")).toBe("4");
    expect(typedValue("number", "four")).toBeUndefined();
    expect(typedValue("text", "  ")).toBeUndefined();
    expect(typedValue("text", '"x"')).toBe('"\\"x\\""');
    expect(shownValue(choice("null", "null", "v"))).toBe("(empty)");
  });
});
