import type { MoverRow } from "@/lib/generated/api";

/** Whether a service climbed, fell, or kept its stage. A new one climbs from nothing. */
export function direction({ from, to }: MoverRow): "up" | "down" | "same" {
  const before = from?.number ?? 0;
  if (to.number === before) return "same";
  return to.number > before ? "up" : "down";
}

/** A difference with its sign; a real minus, so that columns of figures line up. */
export function signed(difference: number): string {
  if (difference === 0) return "±0";
  return difference > 0 ? `+${difference}` : `\u2212${-difference}`;
}

/** The largest moves first: stages before checks, falls before climbs of the same size. */
export function strongest(movers: readonly MoverRow[]): MoverRow[] {
  const stages = ({ from, to }: MoverRow) => to.number - (from?.number ?? 0);
  return [...movers].sort(
    (left, right) =>
      Math.abs(stages(right)) - Math.abs(stages(left)) ||
      stages(left) - stages(right) ||
      Math.abs(right.passed_difference) - Math.abs(left.passed_difference) ||
      left.service.name.localeCompare(right.service.name, "en"),
  );
}
