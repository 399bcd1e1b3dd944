import { expect, test } from 'vitest';
import { hasSeen } from './resource-version.ts';

test.for<[string | undefined, string, boolean]>([
  [undefined, '5', false],
  ['5', '5', true],
  ['4', '5', false],
  ['10', '9', true],
  ['9', '10', false],
  ['18446744073709551616', '18446744073709551615', true],
  ['abc', 'abc', true],
  ['abd', 'abc', false],
])('who has seen %s has seen %s: %s', ([seen, wanted, expected]) => {
  expect(hasSeen(seen, wanted)).toBe(expected);
});
