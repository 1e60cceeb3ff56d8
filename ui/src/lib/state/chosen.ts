/** Keys that open a list: what is chosen in it is meant. */
const OPENS = new Set(["Enter", " ", "F4"]);

/**
 * A list whose choice acts at once. The arrow keys step through a closed list, and one could not pass
 * an option without choosing it: so what is reached by steps counts when Enter is pressed or the field
 * is left, and Escape goes back. What is chosen in the opened list counts at once.
 */
export function chosen(select: HTMLSelectElement, choose: (value: string) => void) {
  let told = choose;
  /** What stood there before the first step; nothing while nobody steps. */
  let from: string | undefined;

  function finish() {
    const stepped = from !== undefined && from !== select.value;
    from = undefined;
    if (stepped) told(select.value);
  }

  function key(event: KeyboardEvent) {
    const stepped = from !== undefined && from !== select.value;
    if (stepped && event.key === "Enter") {
      event.preventDefault();
      finish();
    } else if (stepped && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      select.value = from ?? "";
      from = undefined;
    } else if (OPENS.has(event.key) || event.altKey) finish();
    else if (event.key !== "Tab") from ??= select.value;
  }

  function change() {
    if (from === undefined) told(select.value);
  }

  select.addEventListener("keydown", key);
  select.addEventListener("change", change);
  select.addEventListener("blur", finish);
  select.addEventListener("pointerdown", finish);
  return {
    update(next: (value: string) => void) {
      told = next;
    },
    destroy() {
      select.removeEventListener("keydown", key);
      select.removeEventListener("change", change);
      select.removeEventListener("blur", finish);
      select.removeEventListener("pointerdown", finish);
    },
  };
}
