import { describe, expect, it } from "vitest";
import type { SprintService } from "@/lib/generated/api";
import { STAGES } from "@/lib/testing/fixtures";
import { sprintService } from "@/lib/testing/sprints";
import { columns, neighbour } from "./board";

const NO_FILTER = { who: "", show: "" };
const service = (
  name: string,
  stage: string | null,
  row: Partial<SprintService["service"]> = {},
  rest: Partial<SprintService> = {},
) => sprintService({ ...row, id: name, name, stage }, rest);

const SERVICES = [
  service("a", "discovered", { assignees: [{ id: "p1", name: "Ada" }] }),
  service("b", "discovered", { blocked: true }),
  service("c", null),
  service("d", "live", {}, { reached: true }),
];

/** Columns as `stage: names`, a target with a star. */
function check(
  services: readonly SprintService[],
  filter: Partial<typeof NO_FILTER>,
  expected: string[],
) {
  const board = columns(services, STAGES, { ...NO_FILTER, ...filter });
  const drawn = board.map(
    ({ stage, target, cards }) =>
      `${stage || "none"}${target ? "*" : ""}: ${cards.map((card) => card.service.name).join(" ")}`,
  );
  expect(drawn).toEqual(expected);
}

describe("columns", () => {
  it("follow the ladder and leave out stages where nothing stands", () => {
    check(SERVICES, {}, ["none: c", "discovered: a b", "live*: d"]);
  });

  it("show a target that nobody reached", () => {
    check([service("a", "discovered")], {}, ["discovered: a", "live*: "]);
  });

  it("leave out a stage that is not applicable unless something stands there", () => {
    const ladder = STAGES.map((stage) => ({ ...stage, applicable: stage.id !== "live" }));
    const titles = (services: SprintService[]) =>
      columns(services, ladder, NO_FILTER).map(({ stage }) => stage);
    expect(titles([service("a", "discovered")])).toEqual(["discovered"]);
    expect(titles([service("a", "live")])).toEqual(["live"]);
  });

  it("keep their place while a filter hides cards", () => {
    check(SERVICES, { who: "p1" }, ["none: ", "discovered: a", "live*: "]);
    check(SERVICES, { who: "nobody" }, ["none: c", "discovered: b", "live*: d"]);
    check(SERVICES, { show: "open" }, ["none: c", "discovered: a b", "live*: "]);
    check(SERVICES, { show: "attention" }, ["none: ", "discovered: b", "live*: "]);
    check(SERVICES, { who: "p1", show: "attention" }, ["none: ", "discovered: ", "live*: "]);
  });
});

describe("neighbour", () => {
  const board = columns(
    [...SERVICES, service("e", "live")],
    STAGES.filter(({ id }) => id !== "assessed"),
    NO_FILTER,
  );
  const goes = (from: string, key: string, to: string | undefined) =>
    expect(neighbour(board, from, key), `${key} from ${from}`).toBe(to);

  it("moves within a column and stops at its ends", () => {
    goes("a", "ArrowDown", "b");
    goes("b", "ArrowDown", "b");
    goes("b", "ArrowUp", "a");
    goes("a", "ArrowUp", "a");
    goes("a", "End", "b");
    goes("b", "Home", "a");
  });

  it("moves between columns at the same height, or the lowest there is", () => {
    goes("c", "ArrowRight", "a");
    goes("b", "ArrowRight", "e");
    goes("b", "ArrowLeft", "c");
    goes("c", "ArrowLeft", "c");
    goes("e", "ArrowRight", "e");
  });

  it("jumps over columns without cards", () => {
    const gap = columns([service("a", null), service("z", "live")], STAGES, NO_FILTER);
    gap.splice(1, 0, { stage: "assessed", title: "Assessed", target: false, cards: [] });
    expect(neighbour(gap, "a", "ArrowRight")).toBe("z");
    expect(neighbour(gap, "z", "ArrowLeft")).toBe("a");
  });

  it("leaves other keys alone", () => goes("a", "x", undefined));
});
