import { describe, expect, it } from "vitest";
import { readEvidence } from "./evidence";

describe("the address of a cell", () => {
  const check = (value: string, expected: ReturnType<typeof readEvidence>) =>
    expect(readEvidence(value), value).toEqual(expected);

  it("names a service and a check", () => {
    check("ledger/LI-01", { service: "ledger", check: "LI-01" });
    check("team/ledger/LI-01", { service: "team/ledger", check: "LI-01" });
  });

  it("names nothing where a half is missing", () => {
    for (const half of ["", "/", "ledger", "ledger/", "/LI-01"]) check(half, null);
  });
});
