import { describe, expect, it } from "vitest";
import { find, rank, type Item } from "./find";

const item = (title: string, kind: Item["kind"] = "Service"): Item => ({
  id: title,
  kind,
  title,
  run: () => undefined,
});

describe("find", () => {
  it("prefers starts of titles and words, then short titles", () => {
    const items = ["reloan", "my loan", "loan-api", "loan"].map((title) => item(title));
    expect(find(items, "loan").map(({ title }) => title)).toEqual([
      "loan",
      "loan-api",
      "my loan",
      "reloan",
    ]);
  });

  it("needs every word and may find by kind", () => {
    expect(rank("loan-api", ["loan", "x"])).toBeUndefined();
    expect(find([item("Ada", "Person"), item("ada-api")], "person ada")).toHaveLength(1);
  });

  it("keeps the order without words and stays short", () => {
    const many = Array.from({ length: 500 }, (_, index) => item(`s${index}`));
    expect(find(many, "  ")[0]?.title).toBe("s0");
    expect(find(many, "s").length).toBeLessThanOrEqual(40);
  });
});
