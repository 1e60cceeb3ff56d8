import { describe, expect, it } from "vitest";
import { clusterView, workload } from "@/lib/testing/clusters";
import { byCheck, chosen, readChoice, readWorkload, workloadKey } from "./words";

const names = (search: string) => {
  const view = clusterView({
    workloads: [
      workload({ name: "b" }),
      workload({ name: "a", verdict: "unknown", namespace: "back" }),
      workload({
        name: "z",
        verdict: "degraded",
        writer: { ...workload().writer, class: "manual" },
      }),
      workload({ name: "c", context: "staging", service: { id: "s", name: "checkout" } }),
    ],
  });
  return chosen(view, readChoice(new URLSearchParams(search))).map(({ name }) => name);
};

describe("what the filters leave", () => {
  it.each([
    ["", ["z", "a", "b", "c"]],
    ["text=checkout", ["c"]],
    ["text=shop z", ["z"]],
    ["verdict=healthy", ["b", "c"]],
    ["namespace=back", ["a"]],
    ["writer=manual", ["z"]],
    ["context=staging", ["c"]],
    ["text=nothing", []],
  ])("%s", (search, expected) => expect(names(search)).toEqual(expected));
});

describe("the name of a workload in the address", () => {
  it("comes back as it was, whatever it holds", () => {
    const one = { context: "a/b c", namespace: "n", kind: "Deployment", name: "x?&" };
    expect(readWorkload(workloadKey(one))).toEqual(one);
  });
  it.each(["", "a/b/c", "a/b/c/d/e", "a//c/d", "%/b/c/d"])("%s names none", (key) =>
    expect(readWorkload(key)).toBeNull(),
  );
});

it("gathers suspicions by check, the most frequent first", () => {
  const one = (service: string, check: string, suspected = "fail") => ({
    service,
    target: "t",
    check,
    result: "pass",
    suspected,
    observed: "",
    writer: null,
  });
  const groups = byCheck([
    one("a", "X"),
    one("a", "Y"),
    one("b", "Y"),
    ...["a", "b", "c"].map((service) => one(service, "Y", "unknown")),
  ]);
  expect(groups.map(({ check, suspected, all }) => [check, suspected, all.length])).toEqual([
    ["Y", "fail", 2],
    ["X", "fail", 1],
    ["Y", "unknown", 3],
  ]);
});
