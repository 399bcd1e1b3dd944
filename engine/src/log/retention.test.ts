import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { prefixToCopy, unusedPrefix, type SegmentUse } from './retention.ts';

const uses = (...liveBytes: number[]): SegmentUse[] => liveBytes.map((live, index) => ({ number: index + 1, size: 100, liveBytes: live }));

test.for([
  { name: 'nothing is full', full: uses(), expected: 0 },
  { name: 'only segments before the first one in use go', full: uses(0, 0, 1, 0), expected: 2 },
  { name: 'all are unused', full: uses(0, 0), expected: 2 },
])('$name', ({ full, expected }) => {
  expect(unusedPrefix(full)).toBe(expected);
});

test.for([
  { name: 'little is held back', full: uses(10, 50), limit: 140, expected: 0 },
  { name: 'one slow entry holds all back', full: uses(1, 0, 0), limit: 100, expected: 3 },
  { name: 'copying would write more than it frees', full: uses(90, 90, 20), limit: 50, expected: 0 },
  { name: 'a full segment is worth copying for what is behind it', full: uses(100, 0, 0, 0, 0), limit: 100, expected: 5 },
  { name: 'much is live: more may be held back', full: uses(100, 0, 0, 90), limit: 100, expected: 0 },
])('$name', ({ full, limit, expected }) => {
  expect(prefixToCopy(full, limit)).toBe(expected);
});

test('what idle replicas hold is copied at most half as much as others write, and the disk holds little more than three times that', () => {
  const amounts = fc.record({
    live: fc.integer({ min: 0, max: 60 }),
    limit: fc.integer({ min: 1, max: 60 }),
    rounds: fc.constant(2000),
  });
  fc.assert(
    fc.property(amounts, ({ live, limit, rounds }) => {
      const { appended, copied, most } = idleHistory({ live: live * 10, limit: limit * 10, rounds });
      expect(copied).toBeLessThanOrEqual(appended / 2 + live * 10);
      expect(most).toBeLessThanOrEqual(live * 10 + Math.max(limit * 10, 2 * live * 10) + live * 10 + 200);
    }),
    { numRuns: 50 },
  );
});

function write(segments: readonly SegmentUse[], bytes: number, liveBytes: number): SegmentUse[] {
  const added = Array.from({ length: Math.ceil(bytes / 100) }, (_, index) => {
    const size = Math.min(100, bytes - index * 100);
    return { number: 0, size, liveBytes: Math.max(0, Math.min(size, liveBytes - index * 100)) };
  });
  return [...segments, ...added];
}

/** Segments of 100 bytes: first the live bytes, then others that die at once. */
function idleHistory({ live, limit, rounds }: { live: number; limit: number; rounds: number }): {
  appended: number;
  copied: number;
  most: number;
} {
  let segments = write([], live, live);
  let [appended, copied, most] = [0, 0, 0];
  for (let round = 0; round < rounds; round += 1) {
    segments = write(segments, 100, 0);
    appended += 100;
    segments = segments.slice(unusedPrefix(segments));
    const cleared = prefixToCopy(segments, limit);
    const moved = segments.slice(0, cleared).reduce((sum, { liveBytes }) => sum + liveBytes, 0);
    most = Math.max(most, segments.reduce((sum, { size }) => sum + size, 0) + moved);
    segments = write(segments.slice(cleared), moved, moved);
    copied += moved;
  }
  return { appended, copied, most };
}
