import { expect, test } from 'vitest';
import { quantile } from './quantile.ts';

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

test.for([
  { of: hundred, share: 0.5, is: 50 },
  { of: hundred, share: 0.99, is: 99 },
  { of: hundred, share: 1, is: 100 },
  { of: [7], share: 0.01, is: 7 },
  { of: [], share: 0.99, is: 0 },
])('of $of.length values, $share are at most $is', ({ of, share, is }) => {
  expect(quantile(of, share)).toBe(is);
});
