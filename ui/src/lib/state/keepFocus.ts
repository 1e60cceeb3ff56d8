/** Where an element stood: within what, and between which neighbours. */
interface Place {
  parent: Node;
  before: Element | null;
  after: Element | null;
}

const FOCUSABLE =
  "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), " +
  "textarea:not(:disabled), summary, [tabindex]:not([tabindex='-1'])";

/**
 * Keeps the focus where it was when what had it goes away: a form that closes, a row that is removed.
 * What stands in its place takes it, else what comes after, else what came before. Until the answered
 * function is called.
 */
export function keepFocus(root: HTMLElement): () => void {
  let places: Place[] = [];
  let focused: Element | null = null;

  function remember(event: FocusEvent) {
    focused = event.target as Element;
    places = [];
    for (let at: Element | null = focused; at && at !== root; at = at.parentElement) {
      const parent = at.parentNode;
      if (parent)
        places.push({ parent, before: at.previousElementSibling, after: at.nextElementSibling });
    }
  }

  function restore() {
    if (!focused || focused.isConnected || document.activeElement !== document.body) return;
    focused = null;
    const place = places.find(({ parent }) => parent.isConnected);
    const level = place ? places.indexOf(place) : places.length;
    for (const { parent, before, after } of places.slice(level)) {
      for (const heir of heirs(parent, before, after)) {
        heir.focus({ preventScroll: true });
        // What is folded away takes none.
        if (document.activeElement === heir) return;
      }
    }
  }

  const observer = new MutationObserver(restore);
  root.addEventListener("focusin", remember);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    root.removeEventListener("focusin", remember);
    observer.disconnect();
  };
}

/** What may take the focus, the nearest first. */
function heirs(parent: Node, before: Element | null, after: Element | null): HTMLElement[] {
  const all = [...parent.childNodes].filter((node) => node instanceof Element);
  const first = before ? all.indexOf(before) + 1 : 0;
  const following = after ? all.indexOf(after) : -1;
  const inPlace = all.slice(first, following < first ? undefined : following);
  const rest = following < first ? [] : all.slice(following);
  const later = [...inPlace, ...rest].flatMap(inside);
  return [...later, ...all.slice(0, first).flatMap(inside).reverse()];
}

function inside(element: Element): HTMLElement[] {
  const own = element.matches(FOCUSABLE) ? [element] : [];
  const all = [...own, ...element.querySelectorAll(FOCUSABLE)];
  return all.filter((one) => one instanceof HTMLElement).filter((one) => !one.closest("[hidden]"));
}
