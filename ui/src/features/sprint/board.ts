import type { SprintService, StageRef } from "@/lib/generated/api";

/** One column: the services that stand at a stage now. */
export interface Column {
  /** Stage id; empty before the first stage. */
  stage: string;
  title: string;
  /** Some service of the sprint shall reach this stage. */
  target: boolean;
  cards: SprintService[];
}

/** Which cards are shown. Empty texts ask for nothing. */
export interface Filter {
  /** A person's id, or `nobody`. */
  who: string;
  /** `open` for what has not reached its target, `attention` for what is blocked or regressed. */
  show: string;
}

function wanted({ service, reached }: SprintService, { who, show }: Filter): boolean {
  const hers =
    who === "" ||
    (who === "nobody"
      ? service.assignees.length === 0
      : service.assignees.some(({ id }) => id === who));
  if (show === "open") return hers && !reached;
  if (show === "attention") return hers && (service.blocked || service.regressed);
  return hers;
}

/**
 * Columns in the ladder's order: every stage where a service of the sprint stands, and every stage
 * that is a target, so that the way is seen before anybody has gone it. The filter hides cards,
 * never columns.
 */
export function columns(
  services: readonly SprintService[],
  stages: readonly StageRef[],
  filter: Filter,
): Column[] {
  const targets = new Set(services.map(({ target_stage }) => target_stage));
  const ladder = [
    { id: "", title: "Not started", applicable: true },
    ...stages.filter(
      ({ id, applicable }) => applicable || services.some(({ service }) => service.stage === id),
    ),
  ];
  return ladder.flatMap(({ id, title }) => {
    const here = services.filter(({ service }) => (service.stage ?? "") === id);
    if (here.length === 0 && !targets.has(id)) return [];
    const cards = here.filter((card) => wanted(card, filter));
    return [{ stage: id, title, target: targets.has(id), cards }];
  });
}

/**
 * The card an arrow key leads to from one card: up and down within the column, left and right to
 * the nearest column that has cards, at the same height where it is that high. Home and End lead to
 * the column's ends. Nothing for other keys.
 */
export function neighbour(board: readonly Column[], from: string, key: string): string | undefined {
  const at = board.findIndex(({ cards }) => cards.some(({ service }) => service.id === from));
  const here = board[at]?.cards ?? [];
  const height = here.findIndex(({ service }) => service.id === from);
  const inColumn = (cards: readonly SprintService[], index: number) =>
    cards[Math.max(0, Math.min(cards.length - 1, index))]?.service.id;
  const full = ({ cards }: Column) => cards.length > 0;
  switch (key) {
    case "ArrowUp":
      return inColumn(here, height - 1);
    case "ArrowDown":
      return inColumn(here, height + 1);
    case "Home":
      return inColumn(here, 0);
    case "End":
      return inColumn(here, here.length - 1);
    case "ArrowLeft":
      return inColumn(board.slice(0, Math.max(0, at)).findLast(full)?.cards ?? here, height);
    case "ArrowRight":
      return inColumn(board.slice(at + 1).find(full)?.cards ?? here, height);
    default:
      return undefined;
  }
}
