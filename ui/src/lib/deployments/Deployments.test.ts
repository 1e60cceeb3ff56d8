import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type {
  DeployedWeek,
  DeploymentRow,
  DeploymentsRequest,
  DeploymentsView,
} from "@/lib/generated/api";
import { session } from "@/lib/testing/fixtures";
import { TestPlatform } from "@/lib/testing/platform";
import { draw } from "@/lib/testing/render";
import { testids } from "@/lib/testids";
import Deployments from "./Deployments.svelte";
import { pieces, top } from "./weeks";

const week = (change: Partial<DeployedWeek>): DeployedWeek => ({
  week: "2026-03-02",
  observed: true,
  manual: 0,
  ambiguous: 0,
  controller: 0,
  pipeline: 0,
  gitops: 0,
  ...change,
});
const WEEKS = [
  week({ manual: 2, pipeline: 3 }),
  week({ week: "2026-03-09", observed: false }),
  week({ week: "2026-03-16", pipeline: 1 }),
];
const deployment = (change: Partial<DeploymentRow>): DeploymentRow => ({
  id: "f1",
  week: "2026-03-02",
  at: "2026-03-03T10:00:00Z",
  unseen_since: null,
  service: { id: "c", name: "cart" },
  environment: "production",
  workload: "shop/Deployment cart",
  revision: 4,
  change: "image",
  images: ["app: cart:4"],
  class: "manual",
  manager: "kubectl-edit",
  trace: null,
  source: null,
  ...change,
});

function show(change: Partial<DeploymentsView> = {}, service?: string) {
  const view: DeploymentsView = {
    service: null,
    weeks: WEEKS,
    days_since_manual: 12,
    last_manual: "2026-03-03T10:00:00Z",
    ambiguous_since: 1,
    watched_since: "2026-03-02T08:00:00Z",
    together: [],
    delivery: null,
    deployments: [
      deployment({ week: "2026-03-16", id: "f2", class: "pipeline", manager: "ci" }),
      deployment({}),
    ],
    total: 2,
    ...change,
  };
  const platform = new TestPlatform({
    session: () => session(),
    deployments: (argument) => {
      const { week } = argument as DeploymentsRequest;
      const asked = view.deployments.filter((one) => week === undefined || one.week === week);
      return { ...view, deployments: asked, total: asked.length };
    },
  });
  draw(platform, Deployments, service === undefined ? {} : { service });
  return platform.calls;
}

describe("Deployments", () => {
  it("puts what was done by hand at the foot of a bar, and leaves out what is nothing", () => {
    expect(pieces(week({ manual: 2, pipeline: 3 }))).toEqual([
      { class: "manual", from: 0, count: 2 },
      { class: "pipeline", from: 2, count: 3 },
    ]);
    expect([top(WEEKS), top([])]).toEqual([5, 1]);
  });

  it("says when somebody last deployed by hand, and what cannot be told", async () => {
    show();
    const said = await screen.findByTestId(testids.deploymentsSaid);
    expect(said).toHaveTextContent("Last deployed by hand 12 days ago");
    expect(said).toHaveTextContent("1 deployment since then is ambiguous");
  });

  it("shows a gap as a gap, and opens a number's list from the table", async () => {
    show();
    await fireEvent.click(await screen.findByTestId(testids.deploymentsToggle));
    const table = screen.getByTestId(testids.deploymentsTable);
    const rows = within(table).getAllByRole("row");
    expect(rows.map((row) => row.textContent?.includes("nobody looked"))).toEqual([
      false,
      false,
      true,
      false,
    ]);
    const listed = () => within(screen.getByTestId(testids.deploymentsList)).getAllByRole("row");
    expect(listed()).toHaveLength(3);
    await fireEvent.click(within(table).getByRole("button", { name: /^2 Manual/ }));
    await waitFor(() => expect(listed()).toHaveLength(2));
    expect(listed()[1]).toHaveTextContent("kubectl-edit");
  });

  it("tells delivery figures with how they came about, and none where nothing was observed", async () => {
    const figure = { title: "Signs of failure", tag: "proxy", covers: "0 of 3" };
    const delivery = {
      figures: [
        { ...figure, value: "20 %", before: "40 %", after: "0 %" },
        { ...figure, title: "Change lead time", value: null, before: null, after: null },
      ],
      compared: true,
      not_compared: null,
    };
    show({ delivery }, "c");
    const rows = within(await screen.findByTestId(testids.deploymentsDelivery)).getAllByRole("row");
    expect(rows[1]).toHaveTextContent(/Signs of failure.*20 %.*40 %.*0 %.*proxy/);
    expect(rows[2]).toHaveTextContent("not observed");
  });

  it("tells what delivered it and whether somebody asked, and no revision where none is known", async () => {
    const source = {
      tool: "Argo CD",
      kind: "Application",
      object: "argocd/cart",
      short_revision: "01234567",
      revision: "0123456789abcdef0123456789abcdef01234567",
      start: "requested",
    };
    const alone = { id: "f3", revision: 0, change: "delivery", class: "gitops", images: [] };
    show({
      deployments: [
        deployment({ source, class: "gitops", manager: "" }),
        deployment({ ...alone, manager: "", source: { ...source, start: "untold" } }),
        deployment({ id: "f4" }),
      ],
      total: 3,
    });
    const rows = within(await screen.findByTestId(testids.deploymentsList)).getAllByRole("row");
    const [, first, second, third] = rows as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
    expect(first).toHaveTextContent(
      /r4.*image.*gitops.*Argo CD.*argocd\/cart.*01234567.*on request/,
    );
    expect(within(first).getByTestId(testids.deploymentSource).title).toContain(source.revision);
    expect(second).toHaveTextContent(/not known.*gitops.*Argo CD/);
    expect(second).not.toHaveTextContent(/r0|on request/);
    expect(within(third).queryByTestId(testids.deploymentSource)).toBeNull();
  });

  it("asks for one service alone, and says in a line that nothing was seen", async () => {
    const calls = show({ weeks: [], deployments: [], total: 0 }, "c");
    expect(await screen.findByText("None was seen in a cluster of production.")).toBeVisible();
    expect(calls.find((call) => call.name === "deployments")?.argument).toEqual({ service: "c" });
  });
});
