import { count } from "@/lib/format/text";
import type { AffectedService, PlaybookTrial } from "@/lib/generated/api";

/** How an adoption would change where a service stands. */
export type Effect = "climbs" | "falls" | "reproving" | "proved";

/** Shape and word of an effect; colour only helps. */
export const EFFECTS: Record<Effect, { glyph: string; word: string }> = {
  climbs: { glyph: "↑", word: "would climb" },
  falls: { glyph: "↓", word: "would fall" },
  reproving: { glyph: "?", word: "would be re-proving" },
  proved: { glyph: "●", word: "would be re-proving no more" },
};

/** Shape and word of a difference between two playbooks. */
export const DIFFERENCES: Record<string, { glyph: string; word: string }> = {
  added: { glyph: "+", word: "new" },
  removed: { glyph: "−", word: "gone" },
  stricter: { glyph: "↑", word: "stricter" },
  counts: { glyph: "●", word: "counts" },
  counts_no_more: { glyph: "○", word: "counts no more" },
  moved: { glyph: "→", word: "moved" },
  reworded: { glyph: "~", word: "reworded" },
};

/** What would happen to a service. */
export function effect(service: AffectedService): Effect {
  if (service.up !== null) return service.up ? "climbs" : "falls";
  return service.reproving ? "reproving" : "proved";
}

/** "a", "a and b", "a, b and c". */
function listed(parts: readonly string[]): string {
  return parts.length < 2
    ? (parts[0] ?? "")
    : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

/** What adopting a text would do to the services in scope, in one sentence. */
export function summary(trial: PlaybookTrial): string {
  if (trial.services === 0) return "No service is in scope, so nobody would move.";
  const of = count(trial.services, "service");
  if (trial.affected.length === 0)
    return trial.services === 1
      ? "Nobody would move: the one service in scope stays where it is."
      : `Nobody would move: all ${of} in scope stay where they are.`;
  const effects = trial.affected.map(effect);
  const parts = (Object.keys(EFFECTS) as Effect[]).flatMap((kind) => {
    const number = effects.filter((one) => one === kind).length;
    return number === 0 ? [] : [`${number} ${EFFECTS[kind].word}`];
  });
  const stay = trial.services - trial.affected.length;
  const rest =
    stay === 0
      ? "nobody stays as it is"
      : stay === 1
        ? "1 stays as it is"
        : `${stay} stay as they are`;
  return `Of ${of} in scope, ${listed(parts)}; ${rest}.`;
}
