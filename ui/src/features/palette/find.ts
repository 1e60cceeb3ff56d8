/** Something the palette can find. */
export interface Item {
  id: string;
  kind: "Page" | "View" | "Service" | "Check" | "Person" | "Action";
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
