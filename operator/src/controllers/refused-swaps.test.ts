import { expect, test } from 'vitest';
import { RefusedSwaps } from './refused-swaps.ts';

test('what was refused is tried ever less often', () => {
  let now = 0;
  const swaps = new RefusedSwaps(() => now);
  const pauses = Array.from({ length: 8 }, () => {
    swaps.refused('a', '1');
    const left = swaps.leftMs('a', '1');
    now += left;
    expect(swaps.leftMs('a', '1')).toBe(0);
    return left / 1000;
  });
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
});

test('and at once when the object has changed', () => {
  const swaps = new RefusedSwaps(() => 0);
  swaps.refused('a', '1');
  expect([swaps.leftMs('a', '2'), swaps.leftMs('b', '1'), swaps.leftMs('a', '1')]).toEqual([0, 0, 1000]);
});

test('one that was taken begins anew', () => {
  const swaps = new RefusedSwaps(() => 0);
  swaps.refused('a', '1');
  swaps.forget('a');
  expect(swaps.leftMs('a', '1')).toBe(0);
  swaps.refused('a', '1');
  expect(swaps.leftMs('a', '1')).toBe(1000);
});
