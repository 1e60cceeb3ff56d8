import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { ImportReport } from "@/lib/generated/api";
import { importReport, session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Import from "./Import.svelte";

const differs = importReport({
  differs: 1,
  rejected: 1,
  columns: [
    { title: "Who", field: "owner", samples: ["Ann", "Ben"] },
    { title: "Other", field: null, samples: [] },
  ],
  rows: [
    {
      outcome: "differs",
      name: "pay",
      class: "service",
      class_reason: "the table says so",
      file: "services.csv",
      line: 2,
      reason: null,
      fields: [
        { field: "owner", here: "Ann", file: "Ben", differs: true },
        { field: "notes", here: null, file: "new", differs: true },
        { field: "team", here: "A", file: "B", differs: false },
      ],
    },
    {
      outcome: "rejected",
      name: "pay: effort",
      class: null,
      class_reason: null,
      file: "services.csv",
      line: 7,
      reason: "The cell is no effort.",
      fields: [],
    },
  ],
});

async function open(report: ImportReport, mapped: ImportReport = report) {
  const platform = new TestPlatform({
    session: () => session(),
    choose_import: () => report,
    map_import: () => ({ ...mapped, token: "t2" }),
    apply_import: () => ({ ...report, applied: true, token: null, batch: "d:1-1" }),
    save_import_template: () => "services-template.csv",
    save_export: () => "services.csv",
  });
  draw(platform, Import, {});
  await screen.findByTestId(testids.importChoose);
  await fireEvent.click(screen.getByTestId(testids.importChoose));
  await screen.findByTestId(testids.importApply);
  const last = (name: string) => platform.calls.findLast((call) => call.name === name)?.argument;
  return { platform, last };
}

describe("Import", () => {
  it("shows what differs side by side, and takes it field by field", async () => {
    const { last } = await open(differs);
    const section = screen.getByTestId(testids.importDifferences);
    expect(within(section).getByText("Ann")).toBeInTheDocument();
    expect(within(section).getByText("Ben")).toBeInTheDocument();
    expect(within(section).queryByText("team")).toBeNull();
    await fireEvent.click(screen.getByTestId(testids.importTake("pay", "owner")));
    const all = screen.getByTestId<HTMLInputElement>(testids.importTakeAll);
    expect(all.indeterminate).toBe(true);
    await fireEvent.click(screen.getByTestId(testids.importApply));
    expect(last("apply_import")).toEqual({ token: "t1", take: [{ name: "pay", field: "owner" }] });
    await waitFor(() => expect(screen.queryByTestId(testids.importTakeAll)).toBeNull());
  });

  it("takes all or none at once", async () => {
    const { last } = await open(differs);
    await fireEvent.click(screen.getByTestId(testids.importTakeAll));
    await fireEvent.click(screen.getByTestId(testids.importApply));
    expect(last("apply_import")).toMatchObject({
      take: [{ field: "owner" }, { field: "notes" }],
    });
  });

  it("takes nothing unasked", async () => {
    const { last } = await open(differs);
    await fireEvent.click(screen.getByTestId(testids.importApply));
    expect(last("apply_import")).toEqual({ token: "t1", take: [] });
  });

  it("reads the table again when a column is mapped otherwise", async () => {
    const { last } = await open(differs);
    const select = screen.getByTestId(testids.importColumn("Other"));
    await fireEvent.change(select, { target: { value: "owner" } });
    expect(last("map_import")).toEqual({
      token: "t1",
      columns: [
        { title: "Who", field: null },
        { title: "Other", field: "owner" },
      ],
    });
    await fireEvent.click(screen.getByTestId(testids.importApply));
    expect(last("apply_import")).toMatchObject({ token: "t2" });
  });

  it("names the line of a row that cannot be taken", async () => {
    await open(differs);
    const rows = screen.getAllByTestId(testids.importRow);
    expect(rows[0]).toHaveTextContent("services.csv:7");
    expect(rows[0]).toHaveTextContent("The cell is no effort.");
  });

  it("says what an export of Pilotage adds, and refuses to merge nothing", async () => {
    const log = { devices: 2, new: 0, known: 9, set_aside: 0 };
    await open(importReport({ format: "pilotage", log, columns: [] }));
    expect(screen.getByTestId(testids.importLog)).toHaveTextContent("9 are here already");
    expect(screen.getByTestId(testids.importApply)).toHaveAttribute("aria-disabled", "true");
  });

  it("saves the template and exports", async () => {
    const { platform, last } = await open(differs);
    await fireEvent.click(screen.getByTestId(testids.importTemplate));
    expect(platform.count("save_import_template")).toBe(1);
    await fireEvent.click(screen.getByTestId(testids.exportMenu));
    // The menu focuses its first item in the next frame.
    await new Promise(requestAnimationFrame);
    await fireEvent.click(screen.getByTestId(testids.exportItem("services")));
    expect(last("save_export")).toEqual({ what: "services" });
  });
});
