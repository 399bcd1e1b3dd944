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
  { name: 'a full segment is worth copying for what is behind it', full: uses(100, 0, 0, 90), limit: 100, expected: 3 },
])('$name', ({ full, limit, expected }) => {
  expect(prefixToCopy(full, limit)).toBe(expected);
});
