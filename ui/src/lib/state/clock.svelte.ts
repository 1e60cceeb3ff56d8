/** How often relative times are drawn anew. */
const TICK_MS = 30_000;

/** The wall clock as state: "4 min ago" follows it without anything else being drawn anew. */
class Clock {
  now = $state(Date.now());

  /** Starts to tick; answers the way to stop. */
  start(onNewDay: () => void): () => void {
    const timer = setInterval(() => {
      const before = new Date(this.now).getDate();
      this.now = Date.now();
      if (new Date(this.now).getDate() !== before) onNewDay();
    }, TICK_MS);
    return () => clearInterval(timer);
  }
}

export const clock = new Clock();
