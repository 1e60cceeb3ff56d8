import { describe, expect, it } from "vitest";
import { inlines, parse, type Block, type Inline } from "./parse";

/** Blocks as one line, so that a case reads like its text. */
function drawn(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.kind === "text") return node.text;
      if (node.kind === "break") return "⏎";
      if (node.kind === "code") return `‹${node.text}›`;
      if (node.kind === "link") return `{${node.text}→${node.url}}`;
      return node.kind === "strong" ? `S(${drawn(node.children)})` : `E(${drawn(node.children)})`;
    })
    .join("");
}
function block(node: Block): string {
  if (node.kind === "heading") return `H${node.level} ${drawn(node.content)}`;
  if (node.kind === "paragraph") return `P ${drawn(node.content)}`;
  if (node.kind === "code") return `C ${node.text}`;
  const items = node.items.map(
    ({ content, lists }) => `${drawn(content)}${lists.map((list) => ` ${block(list)}`).join("")}`,
  );
  return `${node.ordered ? `O${node.start}` : "L"}[${items.join(" | ")}]`;
}
const check = (text: string, ...expected: string[]) =>
  expect(parse(text).map(block), text.slice(0, 80)).toEqual(expected);

describe("parse", () => {
  it("reads headings, paragraphs and line breaks", () => {
    check("# One\n\n### Two\ntext\nmore\n\nlast", "H1 One", "H3 Two", "P text⏎more", "P last");
    check("#no heading", "P #no heading");
    check("");
  });
  it("reads lists, numbered ones, and lists in lists", () => {
    check("- a\n- b\n  goes on\n  - c\n- d\n\ntext", "L[a | b⏎goes on L[c] | d]", "P text");
    check("3. a\n4) b", "O3[a | b]");
    check("- a\n\n- b", "L[a | b]");
  });
  it("reads emphasis and code", () => {
    check("*a* **b** ***c*** _d_ `x * y`", "P E(a) S(b) S(E(c)) E(d) ‹x * y›");
    check("snake_case_name 2 * 3 * 4", "P snake_case_name 2 * 3 * 4");
    check("**open *inner* end", "P **open E(inner) end");
    check("``a ` b`` `open", "P ‹a ` b› `open");
    check("\\*plain\\*", "P *plain*");
    check("```sh\n# <b>\n```\nafter", "C # <b>", "P after");
    check("```\nnever closed", "C never closed");
  });
  it("links to https alone", () => {
    check("[docs](https://a.example/x)", "P {docs→https://a.example/x}");
    check("see https://a.example/x.", "P see {https://a.example/x→https://a.example/x}.");
    for (const url of [
      "javascript:alert(1)",
      "JAVASCRIPT:alert",
      "data:text/html,x",
      "http://a.example",
      "https:javascript",
      "https://user@evil.example",
      "//evil.example",
      "file:///etc/passwd",
    ])
      check(`[x](${url})`, `P [x](${url})`);
  });
  it("shows HTML and images as text", () => {
    const hostile = `<script>alert(1)</script><img src=x onerror=alert(1)> &lt;`;
    check(hostile, `P ${hostile}`);
    check("![x](https://a.example/i.png)", "P !{x→https://a.example/i.png}");
  });
});

describe("parse under load", () => {
  const MILLION = 1_000_000;
  const fill = (part: string) => part.repeat(Math.ceil(MILLION / part.length));
  /** Generous for a busy machine; anything but linear takes minutes. */
  const PATIENCE_MS = 10_000;

  it.each([
    ["plain", "word "],
    ["openers", "*a **b "],
    ["underscores", "_"],
    ["ticks", "`"],
    ["ticks of many lengths", "` `` ``` ```` "],
    ["brackets", "["],
    ["half links", "[a](b "],
    ["links", "[a](https://a.example) "],
    ["bare links", "https://"],
    ["escapes", "\\*"],
    ["one line", "h"],
    ["items", "- a\n"],
    ["gaps", "- a\n\n"],
    ["fences", "```\n"],
    ["spaces", " "],
    ["headings", "# a\n"],
  ])("reads a million characters of %s", (_name, part) => {
    const start = performance.now();
    const blocks = parse(fill(part));
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
    expect(Array.isArray(blocks)).toBe(true);
  });

  it("bounds the depth of lists and of emphasis", () => {
    const steps = Array.from({ length: 5000 }, (_, depth) => `${" ".repeat(depth * 2)}- x`);
    const deep = (list: Block | undefined): number =>
      list?.kind === "list" ? 1 + Math.max(0, ...list.items.flatMap((i) => i.lists.map(deep))) : 0;
    expect(deep(parse(steps.join("\n"))[0])).toBe(6);
    const nested = (nodes: Inline[]): number =>
      Math.max(0, ...nodes.map((node) => ("children" in node ? 1 + nested(node.children) : 0)));
    const marks = Array.from({ length: 40 }, (_, at) => (at % 2 ? "_" : "*"));
    const emphasis = `${marks.map((m) => `${m}a `).join("")}b${marks.reverse().join("")}`;
    expect(nested(inlines(emphasis))).toBeLessThanOrEqual(6);
  });
});
