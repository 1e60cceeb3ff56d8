import { describe, expect, it } from "vitest";
import {
  countLines,
  entryRange,
  indent,
  lineAt,
  lineRange,
  outline,
  plainLines,
  withVersion,
} from "./text";

const TEXT = `playbook: small
version: 1
stages:
  - id: ready
    title: Ready
checks:
  # The first.
  - id: A-1
    how:
      steps:
        - id of the owner

  - {id: "B 2", stage: ready}
  - id: A-3 # the last
    title: x
`;

describe("the playbook's text", () => {
  it("has lines", () => {
    expect(plainLines("a\r\nb\rc\n")).toBe("a\nb\nc\n");
    for (const [text, lines] of [
      ["", 1],
      ["a", 1],
      ["a\n", 2],
      ["a\nb", 2],
    ] as const)
      expect(countLines(text), text).toBe(lines);
    const [start, end] = lineRange(TEXT, 2);
    expect(TEXT.slice(start, end)).toBe("version: 1");
    expect(lineAt(TEXT, start)).toBe(2);
    expect(lineAt(TEXT, end)).toBe(2);
    expect(lineRange("a\nb", 9)).toEqual([2, 3]);
  });

  it("has an outline", () => {
    expect(outline(TEXT).map(({ id, line, list }) => `${list} ${id} ${line}`)).toEqual([
      "stages ready 4",
      "checks A-1 8",
      "checks B 2 13",
      "checks A-3 14",
    ]);
  });

  it("has entries", () => {
    const entry = (id: string) => {
      const range = entryRange(TEXT, id);
      return range && TEXT.slice(...range);
    };
    expect(entry("A-1")).toBe("  - id: A-1\n    how:\n      steps:\n        - id of the owner");
    expect(entry("B 2")).toBe('  - {id: "B 2", stage: ready}');
    expect(entry("A-3")).toBe("  - id: A-3 # the last\n    title: x");
    expect(entry("ready"), "a stage is no check").toBeUndefined();
  });

  it("changes its own version only", () => {
    expect(withVersion("a: 1\nversion: 1\nchecks:\n  - version: 1\n", 7)).toBe(
      "a: 1\nversion: 7\nchecks:\n  - version: 1\n",
    );
    expect(withVersion("a: 1\n", 7)).toBe("a: 1\n");
  });

  it("is indented as Tab says", () => {
    const after = (text: string, from: number, to: number, outwards: boolean) => {
      const change = indent(text, [from, to], outwards);
      const [start, end] = change.selection;
      const next = text.slice(0, change.from) + change.text + text.slice(change.to);
      return `${next.slice(0, start)}[${next.slice(start, end)}]${next.slice(end)}`;
    };
    expect(after("ab", 1, 1, false)).toBe("a  []b");
    expect(after("  ab\ncd", 3, 3, true)).toBe("a[]b\ncd");
    expect(after("a\n\nb\nc", 0, 4, false)).toBe("  [a\n\n  b]\nc");
    expect(after("a\nb\nc", 0, 4, false), "the third line is not meant").toBe("  [a\n  b\n]c");
    expect(after("  a\n b\nc", 2, 6, true)).toBe("[a\nb]\nc");
    expect(after("ab", 1, 1, true), "nothing to take").toBe("a[]b");
  });
});
