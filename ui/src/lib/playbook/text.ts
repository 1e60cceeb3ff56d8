// The playbook's text as an editor sees it: lines, entries, its version. What it means is the
// host's business; nothing here judges it.

/** Lines as the window's fields have them. */
export function plainLines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** How many lines a text has; the empty text has one. */
export function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/** Where a line (from 1) begins and ends, as positions in the text; the last one where it has fewer. */
export function lineRange(text: string, line: number): [number, number] {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf("\n", start);
    if (end === -1) break;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return [start, end === -1 ? text.length : end];
}

/** The line (from 1) in which a position of the text lies. */
export function lineAt(text: string, position: number): number {
  return countLines(text.slice(0, position));
}

/** An entry of one of the playbook's lists. */
export interface Outline {
  id: string;
  /** Line at which it begins, from 1. */
  line: number;
  /** The key of the list it stands in, such as `checks`. */
  list: string;
}

const KEY = /^([a-z_]+):/;
const ENTRY = /^\s*-\s*\{?\s*id:\s*(?:"([^"]*)"|'([^']*)'|([^#,}]*))/;

/** The stages, skills and checks of the text, in their order. */
export function outline(text: string): Outline[] {
  const found: Outline[] = [];
  let list = "";
  for (const [index, line] of text.split("\n").entries()) {
    list = KEY.exec(line)?.[1] ?? list;
    const entry = ENTRY.exec(line);
    const id = (entry?.[1] ?? entry?.[2] ?? entry?.[3])?.trim();
    if (id) found.push({ id, line: index + 1, list });
  }
  return found;
}

/** Where the entry with this id begins and ends, blank lines after it left out. */
export function entryRange(text: string, id: string): [number, number] | undefined {
  const first = outline(text).find((entry) => entry.id === id && entry.list === "checks");
  if (!first) return undefined;
  const lines = text.split("\n");
  const depth = (line: string) => line.length - line.trimStart().length;
  const own = depth(lines[first.line - 1] ?? "");
  let last = first.line - 1;
  for (let at = first.line; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.trim() === "") continue;
    if (depth(line) <= own) break;
    last = at;
  }
  return [lineRange(text, first.line)[0], lineRange(text, last + 1)[1]];
}

/** The text with another version of the whole playbook; as it is where it states none. */
export function withVersion(text: string, version: number): string {
  return text.replace(/^version:.*$/m, `version: ${version}`);
}

/** A change of a field's text: what stands there instead, and what is selected afterwards. */
export interface Replacement {
  from: number;
  to: number;
  text: string;
  selection: [number, number];
}

const INDENT = "  ";

/** What Tab does: two blanks at the caret, or every selected line two blanks further in or out. */
export function indent(
  text: string,
  [start, end]: [number, number],
  outwards: boolean,
): Replacement {
  if (start === end && !outwards)
    return { from: start, to: end, text: INDENT, selection: [start + 2, start + 2] };
  const from = text.lastIndexOf("\n", start - 1) + 1;
  // A selection that ends at the beginning of a line does not mean that line.
  const reach = end > start && text[end - 1] === "\n" ? end - 1 : end;
  const after = text.indexOf("\n", reach);
  const to = after === -1 ? text.length : after;
  const before = text.slice(from, to).split("\n");
  const moved = before.map((line) =>
    outwards ? line.replace(/^ {1,2}/, "") : line === "" ? line : INDENT + line,
  );
  const instead = moved.join("\n");
  const first = (moved[0]?.length ?? 0) - (before[0]?.length ?? 0);
  const grown = instead.length - (to - from);
  const begin = Math.max(from, start + first);
  return { from, to, text: instead, selection: [begin, Math.max(begin, end + grown)] };
}
