/** Where the keys are: a line, and a column of it, or the whole line at -1. */
export interface Place {
  line: number;
  column: number;
}

interface Size {
  lines: number;
  columns: number;
  /** Lines of one page. */
  page: number;
}

/** What a key asks of the table. */
export type GridWish =
  | { kind: "go"; place: Place; /** Chooses the rows on the way. */ extend: boolean }
  | { kind: "act"; key: "Enter" | "F2" }
  | { kind: "toggle" }
  | { kind: "all" }
  | { kind: "leave" };

function within(number: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, number));
}

/**
 * Reads a key as the practice for grids has it: arrows move through rows and cells, Home and End
 * to the ends of the row, or of the table where a whole row is active.
 */
export function readKey(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">,
  at: Place,
  size: Size,
): GridWish | undefined {
  if (event.altKey) return undefined;
  const modified = event.ctrlKey || event.metaKey;
  if (modified && event.key.toLowerCase() === "a" && !event.shiftKey) return { kind: "all" };
  const last = size.lines - 1;
  const go = (line: number, column: number = at.column): GridWish => ({
    kind: "go",
    place: { line: within(line, 0, last), column: within(column, -1, size.columns - 1) },
    extend: event.shiftKey && line !== at.line,
  });
  if (modified) {
    if (event.key === "Home") return go(0);
    return event.key === "End" ? go(last) : undefined;
  }
  const inRow = at.column >= 0;
  switch (event.key) {
    case "ArrowDown":
      return go(at.line + 1);
    case "ArrowUp":
      return go(at.line - 1);
    case "PageDown":
      return go(at.line + size.page);
    case "PageUp":
      return go(at.line - size.page);
    case "ArrowRight":
      return go(at.line, at.column + 1);
    case "ArrowLeft":
      return go(at.line, at.column - 1);
    case "Home":
      return inRow ? go(at.line, 0) : go(0);
    case "End":
      return inRow ? go(at.line, size.columns - 1) : go(last);
    case "Enter":
    case "F2":
      return { kind: "act", key: event.key };
    case " ":
      return { kind: "toggle" };
    case "Escape":
      return { kind: "leave" };
    default:
      return undefined;
  }
}

/** The column a pointer is on: its name, `mark` for the marks of selection, or nothing. */
export function columnAt(target: EventTarget | null): string | undefined {
  return target instanceof Element
    ? target.closest<HTMLElement>("[data-column]")?.dataset["column"]
    : undefined;
}
