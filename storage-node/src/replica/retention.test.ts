import { expect, test } from 'vitest';
import { Retention } from './retention.ts';

const limits = { bytes: 1_000_000, ms: 60_000, transferBytes: 3_000_000 };

test('what fits and is young is kept; what was there before the process began is not', () => {
  const retention = new Retention(7n);
  retention.appended(8n, 500_000, 0);
  retention.appended(9n, 400_000, 20_000);
  expect(retention.floor(limits, 30_000)).toBe(7n);
});

test('beyond the bytes the oldest go', () => {
  const retention = new Retention(0n);
  for (let sequence = 1n; sequence <= 5n; sequence += 1n) retention.appended(sequence, 400_000, 0);
  expect(retention.floor(limits, 0)).toBe(3n);
});

test('what is too old goes, however little it is', () => {
  const retention = new Retention(0n);
  retention.appended(1n, 10, 0);
  retention.appended(2n, 10, 30_000);
  expect(retention.floor(limits, 60_001)).toBe(1n);
  expect(retention.floor(limits, 90_001)).toBe(2n);
});

test('entries that were cut off and written again count once more, and never move the floor back', () => {
  const retention = new Retention(0n);
  retention.appended(9n, 2_000_000, 0);
  expect(retention.floor(limits, 0)).toBe(9n);
  retention.appended(5n, 2_000_000, 0);
  expect(retention.floor(limits, 0)).toBe(9n);
});

test('behind what a transfer holds more is kept, and for longer, up to the bound', () => {
  const retention = new Retention(0n);
  for (let sequence = 1n; sequence <= 7n; sequence += 1n) retention.appended(sequence, 400_000, 0);
  expect(retention.floor(limits, 100_000, 2n)).toBe(2n);
  retention.appended(8n, 2_000_000, 100_000);
  expect(retention.floor(limits, 100_000, 2n)).toBe(5n);
  expect(retention.floor(limits, 100_000)).toBe(8n);
});
