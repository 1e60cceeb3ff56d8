// The small part of Markdown that notes need: headings, paragraphs, lists, emphasis, code and https
// links. There are no images and no HTML: whatever is not known here is text and is shown as it was
// typed. Time grows with the length of the text alone, and depth is bounded.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "link"; url: string; text: string }
  | { kind: "break" }
  | { kind: "emphasis" | "strong"; children: Inline[] };

export interface Item {
  content: Inline[];
  lists: List[];
}

export interface List {
  kind: "list";
  ordered: boolean;
  start: number;
  items: Item[];
}

export type Block =
  | { kind: "heading"; /** From 1. */ level: number; content: Inline[] }
  | { kind: "paragraph"; content: Inline[] }
  | { kind: "code"; text: string }
  | List;

/** Lists and emphasis inside each other deeper than this stay on the last level. */
const DEEPEST = 6;

const HEADING = /^(#{1,6})[ ]+(.*)$/;
const FENCE = /^[ ]{0,3}```/;
const ITEM = /^([ ]*)(?:[-*+]|(\d{1,9})[.)])[ ]+(.*)$/;

/** Reads a text as blocks. */
export function parse(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").replaceAll("\t", "    ").split("\n");
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const settle = () => {
    if (paragraph.length > 0)
      blocks.push({ kind: "paragraph", content: inlines(paragraph.join("\n")) });
    paragraph = [];
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const heading = HEADING.exec(line);
    if (line.trim() === "") settle();
    else if (heading) {
      settle();
      blocks.push({
        kind: "heading",
        level: heading[1]?.length ?? 1,
        content: inlines(heading[2] ?? ""),
      });
    } else if (FENCE.test(line)) {
      settle();
      const code: string[] = [];
      for (at += 1; at < lines.length && !FENCE.test(lines[at] ?? ""); at += 1)
        code.push(lines[at] ?? "");
      blocks.push({ kind: "code", text: code.join("\n") });
    } else if (ITEM.test(line)) {
      settle();
      const { list, next } = readList(lines, at);
      blocks.push(list);
      at = next - 1;
    } else paragraph.push(line.trim());
  }
  settle();
  return blocks;
}

interface Level {
  indent: number;
  list: List;
  /** Lines of the item that is being read. */
  item: { lines: string[]; lists: List[] };
}

/** The list that begins at a line, and the first line after it. */
function readList(lines: readonly string[], from: number): { list: List; next: number } {
  const levels: Level[] = [];
  const close = () => {
    const level = levels.at(-1);
    if (!level) return;
    const { lines, lists } = level.item;
    level.list.items.push({ content: inlines(lines.join("\n")), lists });
  };
  let root: List | undefined;
  let at = from;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const match = ITEM.exec(line);
    if (!match) {
      const goesOn = line.trim() !== "" && line.startsWith("  ") && !FENCE.test(line);
      if (!goesOn) {
        // A gap between two items is no end.
        if (line.trim() === "" && ITEM.test(lines[at + 1] ?? "")) continue;
        break;
      }
      levels.at(-1)?.item.lines.push(line.trim());
      continue;
    }
    const indent = match[1]?.length ?? 0;
    const item = { lines: [match[3] ?? ""], lists: [] };
    while (levels.length > 1 && indent < (levels.at(-1)?.indent ?? 0)) {
      close();
      levels.pop();
    }
    const here = levels.at(-1);
    if (here && (indent < here.indent + 2 || levels.length >= DEEPEST)) {
      close();
      here.item = item;
      continue;
    }
    const list: List = {
      kind: "list",
      ordered: match[2] !== undefined,
      start: Number(match[2] ?? 1),
      items: [],
    };
    here?.item.lists.push(list);
    root ??= list;
    levels.push({ indent, list, item });
  }
  while (levels.length > 0) {
    close();
    levels.pop();
  }
  return { list: root ?? { kind: "list", ordered: false, start: 1, items: [] }, next: at };
}

const ESCAPE = /\\([\\`*_[\]()#+\-.!<>~])/y;
// Neither part can run over what the other begins with, so no text is read more than twice.
const LINK = /\[([^[\]\n]{1,300})\]\(([^\s()<>]{1,2000})\)/y;
const BARE = /https:\/\/[^\s<>"'`*[\]()]{1,2000}/y;
const PLAIN = /[^\\`*_[h\n]+/y;
const RUN = /([*_])\1*/y;
const TICKS = /`+/y;
const LETTER = /[\p{L}\p{N}]/u;

interface Frame {
  marker: string;
  children: Inline[];
}

/** Reads one block's text. */
export function inlines(text: string): Inline[] {
  const frames: Frame[] = [{ marker: "", children: [] }];
  const closers = tickRuns(text);
  const top = () => frames.at(-1)?.children ?? [];
  const take = (expression: RegExp, at: number) => {
    expression.lastIndex = at;
    return expression.exec(text);
  };
  for (let at = 0; at < text.length;) {
    const character = text[at] ?? "";
    let match: RegExpExecArray | null = null;
    if (character === "\n") {
      top().push({ kind: "break" });
      at += 1;
    } else if (character === "\\" && (match = take(ESCAPE, at))) {
      add(top(), match[1] ?? "");
      at += match[0].length;
    } else if (character === "`" && (match = take(TICKS, at))) {
      const length = match[0].length;
      const end = closers(length, at + length);
      if (end === undefined) add(top(), match[0]);
      else top().push({ kind: "code", text: text.slice(at + length, end).trim() });
      at = end === undefined ? at + length : end + length;
    } else if (character === "[" && (match = take(LINK, at))) {
      link(top(), match[0], match[2] ?? "", match[1] ?? "");
      at += match[0].length;
    } else if (character === "h" && !LETTER.test(text[at - 1] ?? "") && (match = take(BARE, at))) {
      const url = match[0].replace(/[.,;:!?]{1,3}$/, "");
      link(top(), url, url, url);
      at += url.length;
    } else if ((character === "*" || character === "_") && (match = take(RUN, at))) {
      emphasis(frames, text, at, match[0]);
      at += match[0].length;
    } else {
      match = take(PLAIN, at);
      add(top(), match?.[0] ?? character);
      at += match?.[0].length ?? 1;
    }
  }
  while (frames.length > 1) reopen(frames);
  return frames[0]?.children ?? [];
}

/** Text joins the text before it, so that a long plain text is one node. */
function add(children: Inline[], text: string): void {
  const last = children.at(-1);
  if (last?.kind === "text") last.text += text;
  else children.push({ kind: "text", text });
}

/** Only what the host would open is a link; anything else stays as it was typed. */
function link(children: Inline[], typed: string, url: string, text: string): void {
  if (/^https:\/\/[^/?#@\s]+(?:[/?#]|$)/i.test(url)) children.push({ kind: "link", url, text });
  else add(children, typed);
}

function emphasis(frames: Frame[], text: string, at: number, run: string): void {
  const before = text[at - 1] ?? " ";
  const after = text[at + run.length] ?? " ";
  const underscore = run.startsWith("_");
  const closes = !/\s/.test(before) && !(underscore && LETTER.test(after));
  const opens = !/\s/.test(after) && !(underscore && LETTER.test(before));
  const opener = frames.findLastIndex(({ marker }) => marker === run);
  if (closes && opener > 0) {
    while (frames.length - 1 > opener) reopen(frames);
    const children = frames.pop()?.children ?? [];
    const node: Inline =
      run.length === 3
        ? { kind: "strong", children: [{ kind: "emphasis", children }] }
        : { kind: run.length === 2 ? "strong" : "emphasis", children };
    frames.at(-1)?.children.push(node);
  } else if (opens && run.length <= 3 && frames.length <= DEEPEST) {
    frames.push({ marker: run, children: [] });
  } else add(frames.at(-1)?.children ?? [], run);
}

/** The innermost emphasis was none: its mark is text again. */
function reopen(frames: Frame[]): void {
  const frame = frames.pop();
  const children = frames.at(-1)?.children;
  if (!frame || !children) return;
  add(children, frame.marker);
  for (const child of frame.children)
    if (child.kind === "text") add(children, child.text);
    else children.push(child);
}

/** Where the next run of so many ticks begins, found in one pass for the whole text. */
function tickRuns(text: string): (length: number, from: number) => number | undefined {
  const runs = new Map<number, number[]>();
  for (const match of text.matchAll(/`+/g)) {
    const places = runs.get(match[0].length);
    if (places) places.push(match.index);
    else runs.set(match[0].length, [match.index]);
  }
  // Askers come in order, so what lies behind one is never asked for again.
  const passed = new Map<number, number>();
  return (length, from) => {
    const places = runs.get(length) ?? [];
    let index = passed.get(length) ?? 0;
    while ((places[index] ?? Infinity) < from) index += 1;
    passed.set(length, index);
    return places[index];
  };
}
