/** What retention needs to know of a full segment. */
export interface SegmentUse {
  readonly number: number;
  readonly size: number;
  readonly liveBytes: number;
}

/** Segments go from the oldest on, and never out of order: a truncation in one says what no longer counts in those before it. */
export function unusedPrefix(full: readonly SegmentUse[]): number {
  const used = full.findIndex(({ liveBytes }) => liveBytes > 0);
  return used === -1 ? full.length : used;
}

/** Dead bytes that may be held back for each live one. */
const deadForLive = 2;

/**
 * How many of the oldest segments to clear by copying their live entries to the end of the log; 0 for none. Copying starts when more
 * than `copyForwardBytes` of dead bytes, and more than twice the live ones, are held back; and only where it frees more bytes than it
 * writes twice. So each clearing is paid for by dead bytes, of which every one dies once: copying cannot run away.
 */
export function prefixToCopy(full: readonly SegmentUse[], copyForwardBytes: number): number {
  const live = full.reduce((sum, { liveBytes }) => sum + liveBytes, 0);
  const dead = full.reduce((sum, { size }) => sum + size, 0) - live;
  if (dead <= Math.max(copyForwardBytes, deadForLive * live)) return 0;
  let best = { count: 0, gain: 0 };
  let gain = 0;
  for (const [index, { size, liveBytes }] of full.entries()) {
    gain += size - 2 * liveBytes;
    if (gain > best.gain) best = { count: index + 1, gain };
  }
  return best.count;
}
