import type { ServiceRow } from "@/lib/generated/api";

/** Everything a status mark can say. Shape and word carry the meaning; colour only helps. */
export type Mark =
  | "pass"
  | "fail"
  | "unknown"
  | "stale"
  | "waived"
  | "not_applicable"
  | "blocked"
  | "regressed"
  | "reproving"
  | "unproven";

const MARKS: Record<Mark, { glyph: string; word: string }> = {
  pass: { glyph: "●", word: "pass" },
  fail: { glyph: "✕", word: "fail" },
  unknown: { glyph: "?", word: "unknown" },
  stale: { glyph: "◌", word: "stale" },
  waived: { glyph: "⊘", word: "waived" },
  not_applicable: { glyph: "–", word: "not applicable" },
  blocked: { glyph: "■", word: "blocked" },
  regressed: { glyph: "↓", word: "regressed" },
  reproving: { glyph: "↻", word: "re-proving" },
  unproven: { glyph: "◌", word: "unproven" },
};

/** Glyph and word of a mark. */
export function markText(mark: Mark): { glyph: string; word: string } {
  return MARKS[mark];
}

/** The mark of a check: a pass that went stale is unknown, and shown as what it is. */
export function checkMark(check: { result: string; reason: string | null }): Mark {
  if (check.result === "unknown" && check.reason === "stale") return "stale";
  return check.result in MARKS ? (check.result as Mark) : "unknown";
}

const REASONS: Record<string, string> = {
  never_seen: "Nobody has looked yet.",
  stale: "The last finding is too old to count.",
  retracted: "The last finding was taken back.",
  older_version: "The check asks for more since the last finding. It has to be proved again.",
  waiver_ended: "The waiver has ended.",
  archetype: "This check is for another kind of service.",
};

/** Why a result is what it is, as a sentence; nothing where it is simply what was seen. */
export function reasonText(reason: string | null): string | null {
  return reason === null ? null : (REASONS[reason] ?? reason);
}

/** How much a check matters. */
export function weightText(weight: number): string {
  if (weight >= 5) return "blocker";
  if (weight >= 3) return "major";
  return weight >= 1 ? "minor" : "information";
}

/** How a check is judged. */
export function kindText(kind: string): string {
  if (kind === "auto") return "automatic";
  return kind === "approval" ? "approval by a second person" : kind;
}

/** The overlays of a service that need attention, most urgent first. */
export function overlays(row: ServiceRow): Mark[] {
  const marks: Mark[] = [];
  if (row.blocked) marks.push("blocked");
  if (row.regressed) marks.push("regressed");
  if (row.unproven_since) marks.push("unproven");
  if (row.reproving) marks.push("reproving");
  return marks;
}

/** Whether a service takes part. */
export function scopeText(scope: string): string {
  if (scope === "archived") return "archived";
  if (scope === "retire") return "out of scope: retire";
  return scope === "retain" ? "out of scope: retain" : "in scope";
}

/** Classes of nodes, in the order lists show them. */
export const CLASSES = ["service", "datastore", "platform", "load generator", "external"] as const;
