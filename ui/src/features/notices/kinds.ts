import type { NoticeView } from "@/lib/generated/api";

/** How a notice of a kind is marked: a shape, a word, and the colour that goes with them. */
export interface KindText {
  glyph: string;
  word: string;
  tone: "regressed" | "waived" | "accent" | "stale" | "blocked";
}

const KINDS: Readonly<Record<string, KindText>> = {
  regressed: { glyph: "↓", word: "regressed", tone: "regressed" },
  waiver_requested: { glyph: "⊘", word: "waiver asked for", tone: "waived" },
  approval: { glyph: "◇", word: "approval awaited", tone: "accent" },
  overdue: { glyph: "!", word: "overdue", tone: "stale" },
  blocked: { glyph: "■", word: "blocked", tone: "blocked" },
  waiver_ending: { glyph: "◷", word: "waiver ends soon", tone: "waived" },
  conflict: { glyph: "⇄", word: "two values", tone: "stale" },
};

/** Shape and word of a kind; one that is not known says its own name. */
export function kindText(kind: string): KindText {
  return KINDS[kind] ?? { glyph: "•", word: kind.replaceAll("_", " "), tone: "accent" };
}

/** Tells notices apart across fetches: they have no id of their own. */
export function noticeKey(notice: NoticeView): string {
  const { kind, service, check, at, request, text } = notice;
  return [kind, service?.id, check, at, request, text].join(" ");
}

/** The newest moment among notices; nothing without any. */
export function newest(notices: readonly NoticeView[]): string | null {
  return notices.reduce<string | null>(
    (found, { at }) => (found === null || Date.parse(at) > Date.parse(found) ? at : found),
    null,
  );
}

/** Notices of one kind under one heading, in the order of urgency they come in. */
export function byKind(notices: readonly NoticeView[]): [string, NoticeView[]][] {
  const groups = new Map<string, NoticeView[]>();
  for (const notice of notices) {
    const group = groups.get(notice.kind);
    if (group) group.push(notice);
    else groups.set(notice.kind, [notice]);
  }
  return [...groups];
}
