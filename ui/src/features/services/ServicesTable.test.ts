import { fireEvent, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { row, session, STAGES } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import ServicesTable from "./ServicesTable.svelte";
import { groupRows } from "./rows";

const MANY = 5000;

function table(number: number, onsort = vi.fn()) {
  const rows = Array.from({ length: number }, (_, index) =>
    row({ id: `s${index}`, name: `service-${index}` }),
  );
  draw(new TestPlatform({ session: () => session() }), ServicesTable, {
    lines: groupRows(rows, "none", STAGES),
    stages: STAGES,
    doneIndex: 3,
    sort: "name",
    descending: false,
    showClass: false,
    onsort,
  });
  return onsort;
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
    const onsort = table(1);
    await fireEvent.click(screen.getByTestId(testids.servicesSort("stage")));
    expect(onsort).toHaveBeenCalledWith("stage");
    expect(screen.getByRole("columnheader", { name: /Name/ })).toHaveAttribute(
      "aria-sort",
      "ascending",
    );
  });
});
