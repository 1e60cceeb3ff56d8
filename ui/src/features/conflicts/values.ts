import type { ConflictRow } from "@/lib/generated/api";

/** The kind of JSON that a field holds, as its values in conflict show it. */
export type ValueKind = "text" | "number" | "other";

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What another value of the field would have to be; empty values say nothing about it. */
export function valueKind({ values }: ConflictRow): ValueKind {
  const kinds = new Set(
    values
      .map(({ value }) => parsed(value))
      .filter((value) => value !== null)
      .map((value) => typeof value),
  );
  if (kinds.size !== 1) return "other";
  if (kinds.has("string")) return "text";
  return kinds.has("number") ? "number" : "other";
}

/** A typed value as JSON; nothing where it is none of that kind. */
export function typedValue(kind: ValueKind, typed: string): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  if (kind === "text") return JSON.stringify(text);
  const number = Number(text);
  return kind === "number" && Number.isFinite(number) ? JSON.stringify(number) : undefined;
}

/** A value as people read it: what is empty says so. */
export function shownValue(choice: { shown: string; value: string }): string {
  return choice.value === "null" || choice.value === '""' ? "(empty)" : choice.shown;
}

/** The name of a field in words. */
export function fieldText(field: string): string {
  return field.replace(/[:/.].*$/, "").replaceAll("_", " ");
}
