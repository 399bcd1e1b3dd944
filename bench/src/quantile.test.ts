import { expect, test } from 'vitest';
import { median, quantile } from './quantile.ts';

test.for([
  { of: [3, 1, 2], share: 0.5, is: 2 },
  { of: [4, 1, 3, 2], share: 0.5, is: 2 },
  { of: [1, 2, 3, 4], share: 0.99, is: 4 },
  { of: [7], share: 0, is: 7 },
])('quantile $share of $of', ({ of, share, is }) => {
  expect(quantile(of, share)).toBe(is);
});

test('of nothing there is none', () => {
  expect(median([])).toBeNaN();
});
