// A linear scale and its ticks. d3-scale would do the same, but it brings d3-color along, whose
// set-up assigns `constructor` on a plain object: with the shell's frozen `Object.prototype` that
// throws before the first page is drawn.

/** Maps numbers of a domain onto a range, in proportion. */
export function linear(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): (value: number) => number {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

/** Whole, round numbers from 0 to at most `top`, about `wanted` of them. */
export function wholeTicks(top: number, wanted: number): number[] {
  const rough = Math.max(1, top / Math.max(1, wanted));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const ticks: number[] = [];
  for (let tick = 0; tick <= top; tick += step) ticks.push(tick);
  return ticks;
}
