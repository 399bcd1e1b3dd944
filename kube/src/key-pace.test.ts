import { expect, test } from 'vitest';
import { KeyPace } from './key-pace.ts';

const pace = { burst: 3, intervalMs: 100 };

test('a burst runs at once, then one every interval', () => {
  const keys = new KeyPace(pace);
  expect([0, 0, 0, 0, 40, 100, 100, 199, 200].map((now) => keys.take('a', now))).toEqual([0, 0, 0, 100, 60, 0, 100, 1, 0]);
});

test('who was quiet for long has its burst again, and no more', () => {
  const keys = new KeyPace(pace);
  for (let run = 0; run < 3; run += 1) keys.take('a', 0);
  expect([60_000, 60_000, 60_000, 60_000].map((now) => keys.take('a', now))).toEqual([0, 0, 0, 100]);
});

test('keys do not pay for each other, however many there were', () => {
  const keys = new KeyPace(pace);
  for (let run = 0; run < 3; run += 1) keys.take('busy', 0);
  for (let key = 0; key < 5000; key += 1) expect(keys.take(`${key}`, 1)).toBe(0);
  expect(keys.take('busy', 2)).toBe(98);
});

test('a wait is long enough for a clock of coarse steps to move', () => {
  const keys = new KeyPace(pace);
  for (let run = 0; run < 3; run += 1) keys.take('a', 0.25);
  expect(keys.take('a', 100.2499999)).toBe(1);
});
