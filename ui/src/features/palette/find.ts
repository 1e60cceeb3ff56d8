/** What an item is, with the heading it stands under. */
const HEADINGS = {
  Recent: "Recently changed",
  Page: "Pages",
  View: "Saved views",
  Service: "Services",
  Check: "Checks",
  Person: "People",
  Tag: "Tags",
  Note: "Notes",
  Blocker: "Blockers",
  Field: "Details of services",
  Action: "Actions",
} as const;
export type Kind = keyof typeof HEADINGS;

/** Something the palette can find. */
export interface Item {
  id: string;
  kind: Kind;
  title: string;
  /** Beside the title: keys, or where a check belongs. */
  hint?: string;
  run: () => void;
}

const SHOWN = 40;

/** How well a title answers the words; the lower the better, nothing when a word is missing. */
export function rank(title: string, words: readonly string[]): number | undefined {
  const text = title.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return undefined;
    const startsWord = at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? "");
    sum += at === 0 ? 0 : startsWord ? 1 : 2;
  }
  // Of equally good answers the shorter one is closer to what was typed.
  return sum * 1000 + text.length;
}

/** The best answers. Without words, pages and actions come first as they stand. */
export function find(items: readonly Item[], text: string): Item[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items.slice(0, SHOWN);
  return items
    .flatMap((item) => {
      const score = rank(item.title, words) ?? rank(`${item.title} ${item.kind}`, words);
      return score === undefined ? [] : [{ item, score }];
    })
    .sort((left, right) => left.score - right.score)
    .slice(0, SHOWN)
    .map(({ item }) => item);
}

/** Items of one kind. */
export interface Group {
  title: string;
  /** Place of its first item among all. */
  start: number;
  items: Item[];
}

/** Items under their headings; the heading of the best answer comes first. */
export function gather(items: readonly Item[]): Group[] {
  const groups = new Map<Kind, Item[]>();
  for (const item of items) {
    const group = groups.get(item.kind);
    if (group) group.push(item);
    else groups.set(item.kind, [item]);
  }
  let start = 0;
  return [...groups].map(([kind, items]) => {
    const group = { title: HEADINGS[kind], start, items };
    start += items.length;
    return group;
  });
}
