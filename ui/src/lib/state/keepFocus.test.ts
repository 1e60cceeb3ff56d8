import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepFocus } from "./keepFocus";

/** The id of what has the focus once the page has settled. */
async function focused() {
  await new Promise((settled) => setTimeout(settled));
  return document.activeElement?.id ?? "";
}

function get(id: string) {
  return document.getElementById(id) as HTMLElement;
}

function make(tag: string, id: string, children: readonly HTMLElement[] = []) {
  const element = document.createElement(tag);
  element.id = id;
  element.append(...children);
  return element;
}

describe("The focus", () => {
  let stop: () => void;

  beforeEach(() => {
    const list = make("ul", "list", [
      make("li", "first", [make("button", "one")]),
      make("li", "second", [make("button", "two")]),
    ]);
    const link = make("a", "link");
    link.setAttribute("href", "#there");
    const main = make("main", "main", [list, make("form", "form", [make("input", "field")]), link]);
    document.body.replaceChildren(main);
    stop = keepFocus(main);
  });
  afterEach(() => stop());

  it("goes to the next row where a row is removed, and back where it was the last", async () => {
    get("one").focus();
    get("first").remove();
    expect(await focused()).toBe("two");
    get("second").remove();
    expect(await focused(), "nothing is left before it").toBe("field");
  });

  it("goes to what stands in the place of a form that closes", async () => {
    get("field").focus();
    get("form").before(make("div", "again", [make("button", "open")]));
    get("form").remove();
    expect(await focused()).toBe("open");
  });

  it("goes back where nothing comes after", async () => {
    get("link").focus();
    get("link").remove();
    expect(await focused()).toBe("field");
  });

  it("stays where somebody put it, and is nobody's once it is not kept", async () => {
    get("one").focus();
    get("link").focus();
    get("first").remove();
    expect(await focused()).toBe("link");
    stop();
    get("link").remove();
    expect(await focused(), "the control").toBe("");
  });
});
