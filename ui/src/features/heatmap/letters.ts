/** How a cell says what it is. The shape carries the meaning; colour only helps. */
export interface LetterText {
  glyph: string;
  word: string;
  /** For the legend, where the word alone could be misread. */
  meaning: string;
}

/** The letters of a row of cells, in the order the legend shows them. */
export const LETTERS: Readonly<Record<string, LetterText>> = {
  p: { glyph: "●", word: "pass", meaning: "Passes, proved" },
  c: { glyph: "◐", word: "claimed pass", meaning: "Passes on a person's word" },
  f: { glyph: "✕", word: "fail", meaning: "Fails" },
  r: { glyph: "↓", word: "regressed", meaning: "Passed at a reached stage and fails now" },
  s: { glyph: "◌", word: "stale", meaning: "The last finding is too old to count" },
  v: { glyph: "↻", word: "re-proving", meaning: "New or stricter since the stage was reached" },
  u: { glyph: "?", word: "unknown", meaning: "Nobody has looked yet" },
  w: { glyph: "⊘", word: "waived", meaning: "Waived for a time" },
  n: { glyph: "–", word: "not applicable", meaning: "Not for this service" },
};

const UNKNOWN: LetterText = { glyph: "?", word: "unknown", meaning: "Nobody has looked yet" };

/** Shape and word of a letter; a letter that is not known is unknown, never a pass. */
export function letterText(letter: string): LetterText {
  return LETTERS[letter] ?? UNKNOWN;
}

/** Whether the letter is a pass, proved or claimed. */
export function passes(letter: string): boolean {
  return letter === "p" || letter === "c";
}

/** Whether the check applies and is not waived: only then it is counted in shares. */
export function applies(letter: string): boolean {
  return letter !== "n" && letter !== "w";
}

/** Whether the letter is a check that fails, regressed or not. */
export function fails(letter: string): boolean {
  return letter === "f" || letter === "r";
}

/** Only the cell of the keyboard has an id: it is all that the grid points to. */
export const HERE = "heat-here";
