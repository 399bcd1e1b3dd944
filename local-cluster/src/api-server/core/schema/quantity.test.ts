import { expect, test } from 'vitest';
import { Quantity } from './quantity.ts';

test.for<[string, string, bigint]>([
  ['1Gi', '1024Mi', 0n],
  ['1.5Gi', '1536Mi', 0n],
  ['1G', '1Gi', -1n],
  ['100m', '0.1', 0n],
  ['1e3', '1k', 0n],
  ['-1', '0', -1n],
  ['9007199254740993', '9007199254740992', 1n],
])('%s compared with %s', ([left, right, expected]) => {
  const [a, b] = [Quantity.parse(left), Quantity.parse(right)];
  expect(a && b && a.compareTo(b)).toBe(expected);
});

test.for(['', 'x', '1GiB', '1 Gi', '--1', '1e'])('%j is no quantity', (text) => {
  expect(Quantity.parse(text)).toBeUndefined();
});
