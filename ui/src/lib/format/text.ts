/**
 * Foreign strings come from files, clusters and other people. What cannot be seen could deceive,
 * so every control, bidirectional or zero-width character is shown as a visible glyph.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- controls are what this is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Cs}]/gu;
const PICTURE = /\p{Extended_Pictographic}(?:[\u{1f3fb}-\u{1f3ff}]|\ufe0f)?$/u;
const PICTURE_NEXT = /^\p{Extended_Pictographic}/u;
const ZERO_WIDTH_JOINER = "\u200d";

function glyph(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\n") return "\u21b5";
  if (character === "\t") return "\u21e5";
  if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}

/** The text with everything hidden made visible. Line breaks and tabs stay only in `multiline`. */
export function visible(text: string, layout: "single line" | "multiline" = "single line"): string {
  return text.replace(HIDDEN, (character, offset: number) => {
    if (layout === "multiline" && (character === "\n" || character === "\t")) return character;
    if (character === ZERO_WIDTH_JOINER) {
      const joins =
        PICTURE.test(text.slice(Math.max(0, offset - 5), offset)) &&
        PICTURE_NEXT.test(text.slice(offset + 1));
      if (joins) return character;
    }
    return glyph(character);
  });
}

/** What could still be long: cut visibly, never silently. */
export function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** "1 service", "3 services". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
}

/** A share in whole percent; nothing of nothing is no number. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${Math.round((part / whole) * 100)} %`;
}
