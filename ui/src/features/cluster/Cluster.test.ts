import { fireEvent, screen, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import type { ClusterView } from "@/lib/generated/api";
import { router } from "@/lib/state/router.svelte";
import { clusterContext, clusterView } from "@/lib/testing/clusters";
import { row, session, STAGES } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Cluster from "./Cluster.svelte";

const workloadRef = { target: "t", namespace: "shop", kind: "Deployment", name: "cart" };
const TARGET = {
  target: "t",
  environment: "production",
  context: "prod",
  namespaces: ["shop"],
  seen: true,
  confirmed: [],
  missing: [],
  proposed: [
    { workload: workloadRef, service: { id: "s", name: "cart" }, reason: "it bears its name" },
    {
      workload: { ...workloadRef, name: "orders" },
      service: { id: "o", name: "orders" },
      reason: "its label app says orders",
    },
  ],
  contested: [],
  unmapped: [{ workload: { ...workloadRef, name: "ledger" }, name: "ledger", images: ["l:1"] }],
  unmatched: [],
};

function show(view: ClusterView = clusterView()) {
  const platform = new TestPlatform({
    session: () => session(),
    cluster: () => view,
    cluster_mapping: () => ({ targets: [TARGET] }),
    services: () => ({ rows: [row({ id: "d", name: "deposits" })], stages: STAGES }),
    switch_context: () => ({}),
    agree_to_plugin: () => ({}),
    retry_context: () => ({}),
    map_workloads: () => ({ batch: "b1", summary: "Saved", id: null }),
  });
  draw(platform, Cluster, {});
  const sent = (name: string) => platform.calls.find((call) => call.name === name)?.argument;
  return { sent };
}

describe("Cluster", () => {
  beforeEach(() =>
    router.replaceParams({ tab: null, text: null, verdict: null, workload: null, context: null }),
  );

  it("shows each context with its state and the way out, and watches no other unasked", async () => {
    const { sent } = show(
      clusterView({
        contexts: [
          clusterContext({
            state: "unreachable",
            why: "connection refused",
            way_out: "Check the VPN.",
            missing: [{ resource: "nodes", namespace: "", reason: "forbidden" }],
          }),
          clusterContext({ name: "other", on: false, state: "off" }),
        ],
      }),
    );
    const card = await screen.findByTestId(testids.clusterContext("prod"));
    expect(card).toHaveTextContent("unreachable");
    expect(card).toHaveTextContent("connection refused");
    expect(card).toHaveTextContent("Check the VPN.");
    expect(card).toHaveTextContent("nodes : you may not read it");
    await fireEvent.click(within(card).getByTestId(testids.clusterRetry("prod")));
    expect(sent("retry_context")).toEqual({ context: "prod" });
    expect(screen.queryByTestId(testids.clusterContext("other"))).toBeNull();
    await fireEvent.click(screen.getByTestId(testids.clusterSwitch("other")));
    expect(sent("switch_context")).toEqual({ context: "other", on: true });
  });

  it("asks about a program with all that would run, and sends the key that was shown", async () => {
    const consent = {
      consent: "key-1",
      path: "/opt/bin/sign-in",
      arguments: ["get", "token"],
      variables: [{ name: "LD_PRELOAD", delicate: true }],
      api_version: "client.authentication.k8s.io/v1",
      known: false,
    };
    const { sent } = show(
      clusterView({ contexts: [clusterContext({ state: "needs_person", consent })] }),
    );
    await fireEvent.click(await screen.findByTestId(testids.clusterConsent("prod")));
    const dialog = screen.getByRole("dialog");
    for (const part of ["/opt/bin/sign-in", "token", "LD_PRELOAD", "changes what programs do"])
      expect(dialog).toHaveTextContent(part);
    expect(sent("agree_to_plugin")).toBeUndefined();
    await fireEvent.click(screen.getByTestId(testids.clusterAgree));
    expect(sent("agree_to_plugin")).toEqual({ context: "prod", consent: "key-1" });
  });

  it("confirms all proposals in one action", async () => {
    router.replaceParams({ tab: "mapping" });
    const { sent } = show();
    await fireEvent.click(await screen.findByTestId(testids.clusterMapAll));
    expect(sent("map_workloads")).toEqual({
      word: "confirmed",
      pairs: [
        { workload: workloadRef, service: "s", born: false },
        { workload: { ...workloadRef, name: "orders" }, service: "o", born: false },
      ],
    });
  });

  it("adds a service that was born in the cluster", async () => {
    router.replaceParams({ tab: "mapping" });
    const { sent } = show();
    await fireEvent.click(await screen.findByText(/Born here/));
    expect(sent("map_workloads")).toMatchObject({ pairs: [{ service: "ledger", born: true }] });
  });

  it("says of the sample that its clusters are simulated, and of others nothing", async () => {
    show(clusterView({ simulated: true }));
    expect(await screen.findByTestId(testids.clusterSimulated)).toHaveTextContent("nothing real");
  });

  it("tells what is suspected", async () => {
    const suspected = {
      service: "cart",
      target: "production (prod)",
      check: "CD-31",
      result: "pass",
      suspected: "fail",
      observed: "image of app set by kubectl-edit",
      writer: "kubectl-edit",
    };
    show(clusterView({ suspected: [suspected], held_back: ["CD-02"] }));
    const said = await screen.findByTestId(testids.clusterSuspected);
    expect(said).toHaveTextContent("CD-31 fails for cart: image of app set by kubectl-edit");
    expect(said).toHaveTextContent("CD-02");
    expect(screen.queryByTestId(testids.clusterSimulated)).toBeNull();
    expect(screen.queryByTestId(testids.clusterSuspectedRest)).toBeNull();
  });

  it("keeps a first look at a large cluster short", async () => {
    const suspected = ["A", "B", "C", "D", "E", "F"].map((check) => ({
      service: "cart",
      target: "production (prod)",
      check,
      result: "unknown",
      suspected: "fail",
      observed: "",
      writer: null,
    }));
    show(clusterView({ suspected }));
    const rest = await screen.findByTestId(testids.clusterSuspectedRest);
    expect(rest).toHaveTextContent("2 further checks");
    expect(rest).not.toHaveAttribute("open");
    const said = screen.getByTestId(testids.clusterSuspected);
    expect(said.querySelectorAll("li")).toHaveLength(6);
  });
});
