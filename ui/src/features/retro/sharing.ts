const KEY = "pilotage.retro.shared";

/** Retrospectives of this device whose notes about people were agreed to be shared, the last 50. */
function agreed(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}

/** Whether somebody agreed already to share the notes of a retrospective. */
export function isAgreed(retrospective: string): boolean {
  return agreed().includes(retrospective);
}

/** Somebody agreed; it is not asked again on this device. */
export function agree(retrospective: string): void {
  try {
    const kept = [...agreed().filter((id) => id !== retrospective), retrospective].slice(-50);
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Storage may be full or switched off; then it is asked again, which harms nobody.
  }
}
