import { expect, test } from 'vitest';
import { followingMark, refusesAt, writesMark } from './disk-watermark.ts';

test.for<[usedShare: number, refusedBefore: boolean, refuses: boolean]>([
  [0.5, false, false],
  [0.87, false, false],
  [0.9, false, true],
  [0.99, false, true],
  [0.99, true, true],
  [0.87, true, true],
  [0.85, true, true],
  [0.849, true, false],
])('at %d of the disk, having refused before: %s, writes are refused: %s', ([usedShare, refusedBefore, refuses]) => {
  expect(refusesAt(usedShare, refusedBefore, writesMark)).toBe(refuses);
});

test('copies follow longer than clients may write, and stop with room left', () => {
  expect([0.9, 0.949, 0.95, 0.99].map((share) => refusesAt(share, false, followingMark))).toEqual([false, false, true, true]);
  expect([0.93, 0.919].map((share) => refusesAt(share, true, followingMark))).toEqual([true, false]);
});
