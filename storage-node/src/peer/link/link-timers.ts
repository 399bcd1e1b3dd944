/** Time and chance as a link sees them; a test brings its own. */
export interface LinkTimers {
  /** Own monotonic clock, milliseconds. */
  now(): number;
  /** Returns what cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Between 0 and 1. */
  random(): number;
}

export const realTimers: LinkTimers = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
