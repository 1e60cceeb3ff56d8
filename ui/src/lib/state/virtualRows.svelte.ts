import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from "@tanstack/virtual-core";
import { onMount } from "svelte";

/** Rows drawn beyond the edge, so that a quick scroll meets no gap. */
const BEYOND = 12;

interface Source {
  count: number;
  /** Height of each row in px; the headings above have the same. */
  height: number;
}

/** The rows in sight of a scrolling element. */
export class VirtualRows {
  items = $state.raw<readonly VirtualItem[]>([]);
  #slots = 1;
  #virtualizer: Virtualizer<HTMLDivElement, Element> | undefined;

  /** Follows the element and the source while the component lives that makes this. */
  constructor(scroller: () => HTMLDivElement, source: () => Source) {
    const options = () => {
      const { count, height } = source();
      return {
        count,
        estimateSize: () => height,
        overscan: BEYOND,
        getScrollElement: scroller,
        scrollToFn: elementScroll,
        observeElementRect,
        observeElementOffset,
        // The headings stick to the top and cover that much of the rows.
        scrollPaddingStart: height,
        onChange: (instance: Virtualizer<HTMLDivElement, Element>) =>
          (this.items = instance.getVirtualItems()),
      };
    };
    onMount(() => {
      const virtualizer = new Virtualizer(options());
      this.#virtualizer = virtualizer;
      const unmount = virtualizer._didMount();
      virtualizer._willUpdate();
      this.items = virtualizer.getVirtualItems();
      return unmount;
    });
    $effect(() => {
      const next = options();
      if (!this.#virtualizer) return;
      this.#virtualizer.setOptions(next);
      this.#virtualizer.measure();
      this.items = this.#virtualizer.getVirtualItems();
    });
  }

  /**
   * As many slots as rows were ever mounted at once. A row that scrolls out leaves its elements to
   * the one that comes in, which only changes their text: far cheaper than making new ones.
   */
  slot(index: number): number {
    this.#slots = Math.max(this.#slots, this.items.length);
    return index % this.#slots;
  }

  scrollTo(index: number): void {
    this.#virtualizer?.scrollToIndex(index, { align: "auto" });
  }
}
