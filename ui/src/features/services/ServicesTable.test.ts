import { fireEvent, screen } from "@testing-library/svelte";
import type { ComponentProps } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { row, session, STAGES } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import { USUAL } from "./columns";
import ServicesTable from "./ServicesTable.svelte";
import { groupRows } from "./rows";

const MANY = 5000;

function table(number: number, changes: Partial<ComponentProps<typeof ServicesTable>> = {}) {
  const onsort = vi.fn();
  const rows = Array.from({ length: number }, (_, index) =>
    row({ id: `s${index}`, name: `service-${index}` }),
  );
  const platform = new TestPlatform({
    session: () => session(),
    edit_services: () => {
      throw { code: "arguments_invalid", message: "The team is too long.", params: {} };
    },
  });
  draw(platform, ServicesTable, {
    lines: groupRows(rows, "none", STAGES),
    columns: USUAL,
    stages: STAGES,
    measure: { today: "2026-11-24", doneIndex: 3 },
    sort: "name",
    descending: false,
    selection: new Set<string>(),
    known: () => ["Core"],
    locked: false,
    onsort,
    onselect: vi.fn(),
    ...changes,
  });
  return { onsort, platform };
}

describe("ServicesTable", () => {
  beforeEach(() => {
    vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(720);
    vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(1200);
  });
  afterEach(() => vi.restoreAllMocks());

  it("mounts only the rows in sight and counts all", () => {
    table(MANY);
    const mounted = screen.getAllByTestId(testids.servicesRow);
    expect(mounted.length).toBeGreaterThan(20);
    expect(mounted.length).toBeLessThanOrEqual(120);
    const grid = screen.getByTestId(testids.servicesGrid);
    expect(grid).toHaveAttribute("aria-rowcount", String(MANY + 1));
    expect(mounted[0]).toHaveAttribute("aria-rowindex", "2");
    expect(screen.getAllByRole("columnheader")).toHaveLength(
      Number(grid.getAttribute("aria-colcount")),
    );
  });

  it("moves by arrow keys and opens by Enter", async () => {
    table(3);
    const grid = screen.getByTestId(testids.servicesGrid);
    await fireEvent.focus(grid);
    await fireEvent.keyDown(grid, { key: "ArrowDown" });
    await fireEvent.keyDown(grid, { key: "ArrowDown" });
    await fireEvent.keyDown(grid, { key: "ArrowDown" });
    expect(grid).toHaveAttribute("aria-activedescendant", "line-2");
    await fireEvent.keyDown(grid, { key: "ArrowUp" });
    await fireEvent.keyDown(grid, { key: "Enter" });
    expect(location.hash).toBe("#/service/s1");
  });

  it("sorts on a press of a heading", async () => {
    const { onsort } = table(1);
    await fireEvent.click(screen.getByTestId(testids.servicesSort("stage")));
    expect(onsort).toHaveBeenCalledWith("stage");
    expect(screen.getByRole("columnheader", { name: /Name/ })).toHaveAttribute(
      "aria-sort",
      "ascending",
    );
  });

  it("chooses by Space, by a range and all, and says what it chose", async () => {
    const onselect = vi.fn();
    table(4, { onselect });
    const grid = screen.getByTestId(testids.servicesGrid);
    await fireEvent.focus(grid);
    const last = () => [...(onselect.mock.lastCall?.[0] as Set<string>)].join(" ");
    await fireEvent.keyDown(grid, { key: " " });
    expect(last()).toBe("s0");
    await fireEvent.keyDown(grid, { key: "ArrowDown", shiftKey: true });
    expect(last()).toBe("s0 s1");
    await fireEvent.click(screen.getAllByTestId(testids.servicesRow)[3] as HTMLElement, {
      shiftKey: true,
    });
    expect(last()).toBe("s0 s1 s2 s3");
    await fireEvent.keyDown(grid, { key: "a", ctrlKey: true });
    expect(last()).toBe("s0 s1 s2 s3");
  });

  it("edits a cell in place, and keeps what was typed where it is refused", async () => {
    const { platform } = table(2);
    await expect.poll(() => platform.count("session")).toBe(1);
    const grid = screen.getByTestId(testids.servicesGrid);
    await fireEvent.focus(grid);
    for (let step = 0; step <= USUAL.indexOf("team"); step += 1)
      await fireEvent.keyDown(grid, { key: "ArrowRight" });
    expect(grid).toHaveAttribute("aria-activedescendant", "active-cell");
    await fireEvent.keyDown(grid, { key: "F2" });
    const input = await screen.findByTestId(testids.fieldInput);
    await fireEvent.input(input, { target: { value: "Corex" } });
    await fireEvent.click(screen.getByTestId(testids.fieldSave));
    expect(await screen.findByRole("alert")).toHaveTextContent("The team is too long.");
    expect(screen.getByTestId(testids.fieldInput)).toHaveValue("Corex");
    expect(platform.calls.at(-1)?.argument).toEqual({
      services: ["s0"],
      edits: [{ field: "team", value: "Corex" }],
    });
    await fireEvent.keyDown(input, { key: "Escape" });
    expect(screen.queryByTestId(testids.fieldInput)).toBeNull();
  });

  it("does not edit what is locked, and opens instead what is no field", async () => {
    table(1, { locked: true });
    const cell = document.querySelector('[data-column="team"]') as HTMLElement;
    await fireEvent.dblClick(cell);
    expect(screen.queryByTestId(testids.fieldInput)).toBeNull();
    expect(location.hash).toBe("#/service/s0");
  });
});
