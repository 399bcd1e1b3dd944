import { expect, test } from 'vitest';
import { KeyHistory } from './key-history.ts';

test('a key was so from one entry to the next that changes it', () => {
  const key = new KeyHistory();
  key.put(3n, 'a');
  key.put(5n, 'b');
  key.put(5n, 'c');
  key.put(8n, undefined);
  key.put(9n, 'a');
  expect([...key.when('a')]).toEqual([
    [3n, 4n],
    [9n, (1n << 62n) - 1n],
  ]);
  expect([...key.when('b')]).toEqual([]);
  expect([...key.when('c')]).toEqual([[5n, 7n]]);
  expect([...key.when(undefined)]).toEqual([
    [0n, 2n],
    [8n, 8n],
  ]);
});

test('a key that was never written was never there', () => {
  expect([...new KeyHistory().when(undefined)]).toEqual([[0n, (1n << 62n) - 1n]]);
  expect([...new KeyHistory().when('a')]).toEqual([]);
});
