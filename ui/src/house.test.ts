import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

// Rules of the house that no linter states: who may import whom, and no cycles.

const ROOT = join(process.cwd(), "src");

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : /\.(ts|svelte)$/.test(name) ? [path] : [];
  });
}

function target(from: string, specifier: string): string | undefined {
  if (!/^(@\/|\.)/.test(specifier)) return undefined;
  const base = specifier.startsWith("@/")
    ? join(ROOT, specifier.slice(2))
    : join(dirname(from), specifier);
  return [base, `${base}.ts`].find((path) => files.includes(path));
}

const files = walk(ROOT);
const texts = new Map(files.map((path) => [path, readFileSync(path, "utf8")]));
const imports = new Map(
  files.map((path) => [
    path,
    [...(texts.get(path) ?? "").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
      ([, specifier]) => specifier ?? "",
    ),
  ]),
);
const name = (path: string) => relative(ROOT, path).replaceAll("\\", "/");
const isTest = (path: string) => /\.test\.ts$|lib\/testing\//.test(path);

/** The first cycle found from a file, as names. */
export function cycle(graph: Map<string, string[]>): string[] | undefined {
  const settled = new Set<string>();
  const visit = (node: string, trail: string[]): string[] | undefined => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (settled.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const found = visit(next, [...trail, node]);
      if (found) return found;
    }
    settled.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const found = visit(node, []);
    if (found) return found;
  }
  return undefined;
}

describe("the house", () => {
  it("has no import cycles", () => {
    const graph = new Map(
      files.map((path) => [
        path,
        (imports.get(path) ?? []).flatMap((specifier) => target(path, specifier) ?? []),
      ]),
    );
    expect(graph.size).toBeGreaterThan(50);
    expect(cycle(graph)?.map(name)).toBeUndefined();
    // The search itself can fail:
    expect(cycle(new Map(Object.entries({ a: ["b"], b: ["a"] })))).toEqual(["a", "b", "a"]);
  });

  it("keeps the host behind the platform folder", () => {
    const users = files.filter((path) =>
      imports.get(path)?.some((specifier) => specifier.startsWith("@tauri-apps/")),
    );
    expect(users.map(name)).toEqual(["lib/platform/tauri.ts"]);
  });

  it("keeps shared parts free of features, and features apart", () => {
    const wrong = files.flatMap((path) =>
      (imports.get(path) ?? [])
        .filter((specifier) => specifier.startsWith("@/features/"))
        // The frame shows all pages and the palette; the root shows the frame.
        .filter(() => name(path).startsWith("lib/") || !/^(features\/frame\/|App)/.test(name(path)))
        .map((specifier) => `${name(path)} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  it("ships nothing of the tests", () => {
    const wrong = files.filter(
      (path) => !isTest(path) && imports.get(path)?.some((used) => used.includes("lib/testing")),
    );
    expect(wrong.map(name)).toEqual([]);
  });

  it("keeps files small", () => {
    const long = files
      .filter((path) => !name(path).startsWith("lib/generated/"))
      .filter((path) => (texts.get(path) ?? "").split("\n").length > 300);
    expect(long.map(name)).toEqual([]);
  });

  it("writes no style attribute and no markup from strings", () => {
    const wrong = files.filter(
      (path) => !isTest(path) && /\sstyle="|\{@html|innerHTML/.test(texts.get(path) ?? ""),
    );
    expect(wrong.map(name)).toEqual([]);
  });
});

describe("tokens", () => {
  const css = readFileSync(join(ROOT, "lib/styles/tokens.css"), "utf8");
  const values = (selector: string) => {
    const block = css.slice(css.indexOf(selector));
    return [...block.slice(0, block.indexOf("}")).matchAll(/(--[\w-]+): ([^;]+);/g)].map(
      ([, key, value]) => `${key} ${value}`,
    );
  };

  it("are the same dark whether chosen or followed", () => {
    const chosen = values(':root[data-theme="dark"]');
    expect(chosen.length).toBeGreaterThan(40);
    expect(values(':root[data-theme="system"]')).toEqual(chosen);
  });

  it("are dark on the screen alone: paper is white", () => {
    const before = (selector: string) => css.slice(0, css.indexOf(selector)).trimEnd();
    expect(before(':root[data-theme="dark"]')).toMatch(/@media screen \{$/);
    expect(before(':root[data-theme="system"]')).toMatch(
      /@media screen and \(prefers-color-scheme: dark\) \{$/,
    );
  });

  it("are the only place that names a colour", () => {
    const wrong = files.filter((path) => {
      const style = (texts.get(path) ?? "").split("<style>")[1] ?? "";
      return /#[0-9a-f]{3,8}\b|rgb\(|hsl\(/i.test(style);
    });
    expect(wrong.map(name)).toEqual([]);
  });
});
