import { fireEvent, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { StorageView } from "@/lib/generated/api";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import AttestForm from "@/lib/checks/AttestForm.svelte";
import { testids } from "@/lib/testids";
import StorageNotices from "../frame/StorageNotices.svelte";
import Backups from "./Backups.svelte";

function storage(changes: Partial<StorageView> = {}): StorageView {
  const backup = (day: number) => ({
    name: `2026112${day}T080000000Z-daily.pilotage`,
    made_at: `2026-11-2${day}T08:00:00Z`,
    reason: "daily",
    kib: 900,
  });
  return {
    folder: "/home/ada/backups",
    backups: [4, 3, 2, 1].map(backup),
    total_kib: 3600,
    daily: true,
    advice: [],
    recovery: null,
    ...changes,
  };
}

const saved = { batch: null, summary: "Restored", id: null };

describe("Backups", () => {
  it("says how many, how large and how old", async () => {
    draw(new TestPlatform({ session: () => session(), storage: () => storage() }), Backups, {});
    expect(await screen.findByTestId(testids.backupFacts)).toHaveTextContent("4 backups, 3.5 MB");
    expect(screen.getAllByTestId(testids.backupRow)).toHaveLength(4);
  });

  it("restores only after a confirmation", async () => {
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    HTMLDialogElement.prototype.close ??= () => undefined;
    const platform = new TestPlatform({
      session: () => session(),
      storage: () => storage(),
      restore_backup: () => saved,
    });
    draw(platform, Backups, {});
    const rows = await screen.findAllByTestId(testids.backupRestore);
    const second = rows[1];
    if (second) await fireEvent.click(second);
    const restored = () => platform.calls.filter((call) => call.name === "restore_backup");
    expect(restored()).toHaveLength(0);
    await fireEvent.click(screen.getByTestId(testids.backupRestoreConfirm));
    await waitFor(() => expect(restored()).toHaveLength(1));
    expect(restored()[0]?.argument).toEqual({ name: "20261123T080000000Z-daily.pilotage" });
  });
});

describe("StorageNotices", () => {
  it("holds a write that a full disk refused, and saves it when there is room", async () => {
    let full = true;
    const platform = new TestPlatform({
      session: () => session(),
      storage: () => storage(),
      make_backup: () => {
        if (full) throw { code: "disk_full", message: "Not saved: the disk is full.", params: {} };
        return saved;
      },
    });
    draw(platform, Backups, {}, StorageNotices);
    const made = () => platform.calls.filter((call) => call.name === "make_backup");
    await fireEvent.click(await screen.findByTestId(testids.backupMake));
    expect(await screen.findByTestId(testids.diskFullBanner)).toHaveTextContent("the disk is full");
    await fireEvent.click(screen.getByTestId(testids.diskFullRetry));
    await waitFor(() => expect(made()).toHaveLength(2));
    expect(await screen.findByTestId(testids.diskFullBanner)).toBeInTheDocument();
    full = false;
    await fireEvent.click(screen.getByTestId(testids.diskFullRetry));
    await waitFor(() => expect(screen.queryByTestId(testids.diskFullBanner)).toBeNull());
    expect(made()).toHaveLength(3);
  });

  it("leaves a form as it was typed when the person gives up", async () => {
    const platform = new TestPlatform({
      session: () => session(),
      storage: () => storage(),
      attest: () => {
        throw { code: "disk_full", message: "Not saved: the disk is full.", params: {} };
      },
    });
    let closed = 0;
    const properties = {
      service: "s1",
      check: "CON-01",
      kind: "manual",
      result: "pass" as const,
      close: () => (closed += 1),
    };
    draw(platform, AttestForm, properties, StorageNotices);
    const note = screen.getByTestId<HTMLInputElement>(testids.attestNote);
    await fireEvent.input(note, { target: { value: "Seen with my own eyes" } });
    await waitFor(() =>
      expect(screen.getByTestId(testids.attestSave)).toHaveAttribute("aria-disabled", "false"),
    );
    await fireEvent.click(screen.getByTestId(testids.attestSave));
    await fireEvent.click(await screen.findByTestId(testids.diskFullGiveUp));
    await waitFor(() => expect(screen.queryByTestId(testids.diskFullBanner)).toBeNull());
    expect(note.value).toBe("Seen with my own eyes");
    expect(closed).toBe(0);
  });

  it("shows what a recovery brought back until it is read", async () => {
    const platform = new TestPlatform({
      session: () => session(),
      dismiss_recovery: () => ({}),
      storage: () =>
        storage({
          recovery: {
            at: "2026-11-24T09:00:00Z",
            damage: "database disk image is malformed",
            aside: "/home/ada/p.pilotage-damaged-1",
            backup: "20261124T080000000Z-daily.pilotage",
            backup_made_at: "2026-11-24T08:00:00Z",
            bad_backups: [],
            salvaged: 3,
            waiting: 0,
            missing: [
              { device: "01010101", actions: 1, first: 40, last: 40, from: null, to: null },
            ],
            summary: "The programme's file was damaged and is set aside.",
          },
        }),
    });
    draw(platform, StorageNotices, {});
    const banner = await screen.findByTestId(testids.recoveredBanner);
    expect(banner).toHaveTextContent("Missing of device 01010101: 1 action, at an unknown time");
    expect(banner).toHaveTextContent("/home/ada/p.pilotage-damaged-1");
    await fireEvent.click(screen.getByTestId(testids.recoveredDismiss));
    expect(platform.calls.some((call) => call.name === "dismiss_recovery")).toBe(true);
  });
});
