import { expect, test } from 'vitest';
import { refusesAt } from './disk-watermark.ts';

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
  expect(refusesAt(usedShare, refusedBefore)).toBe(refuses);
});
