import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import { flushSync } from "svelte";

interface Rows {
  count: () => number;
  /** Height of a row, in pixels. */
  height: () => number;
  /** The scrolling element, once it is there. */
  scroller: () => HTMLDivElement | undefined;
  /** Height of what sticks to the top and covers rows, in pixels. */
  top: number;
}

/** Rows drawn beyond the edge, so that a quick scroll meets no gap. */
const BEYOND = 5;

/** The rows in sight; on paper, all of them. To be made while a component starts. */
export class VirtualRows {
  indexes = $state.raw<readonly number[]>([]);
  #virtualizer: Virtualizer<HTMLDivElement, Element> | undefined;
  #slots = 1;
  #printing = false;

  constructor(private readonly rows: Rows) {
    $effect(() => {
      const virtualizer = (this.#virtualizer = new Virtualizer(this.#options()));
      const unmount = virtualizer._didMount();
      virtualizer._willUpdate();
      const print = () => this.#print(true);
      const done = () => this.#print(false);
      addEventListener("beforeprint", print);
      addEventListener("afterprint", done);
      return () => {
        unmount();
        removeEventListener("beforeprint", print);
        removeEventListener("afterprint", done);
        this.#virtualizer = undefined;
      };
    });
  }

  /**
   * A row that scrolls out leaves its elements to the one that comes in, which only changes their
   * text: far cheaper than making new ones.
   */
  slot(index: number): number {
    this.#slots = Math.max(this.#slots, this.indexes.length);
    return index % this.#slots;
  }

  scrollTo(index: number): void {
    this.#virtualizer?.scrollToIndex(index, { align: "auto" });
  }

  // The effect above reads count and height through this, so it begins anew when they change.
  #options() {
    const { count, height, scroller, top } = this.rows;
    const size = height();
    return {
      count: count(),
      estimateSize: () => size,
      overscan: BEYOND,
      getScrollElement: () => scroller() ?? null,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      scrollPaddingStart: top,
      onChange: (instance: Virtualizer<HTMLDivElement, Element>) => {
        if (!this.#printing) this.indexes = instance.getVirtualItems().map(({ index }) => index);
      },
    };
  }

  /** Paper takes every row, not those that happen to be in sight. */
  #print(printing: boolean): void {
    this.#printing = printing;
    flushSync(() => {
      this.indexes = printing
        ? Array.from({ length: this.rows.count() }, (_, index) => index)
        : (this.#virtualizer?.getVirtualItems().map(({ index }) => index) ?? []);
    });
    this.#slots = Math.max(1, this.indexes.length);
  }
}
