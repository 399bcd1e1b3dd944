import { expect, test } from 'vitest';
import { checkRegister, type RegisterOperation, type RegisterValue } from './check-register.ts';

const write = (value: RegisterValue, invokedMs: number, respondedMs?: number): RegisterOperation => ({
  kind: 'write',
  value,
  invokedMs,
  respondedMs,
  through: 'a',
});
const read = (value: RegisterValue, invokedMs: number, respondedMs: number): RegisterOperation => ({
  kind: 'read',
  value,
  invokedMs,
  respondedMs,
  through: 'b',
});

test.for<[string, readonly RegisterOperation[], 'explained' | 'impossible']>([
  ['one after the other', [write(1, 0, 1), read(1, 2, 3), write('absent', 4, 5), read('absent', 6, 7)], 'explained'],
  ['a stale read', [write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)], 'impossible'],
  ['a read beside a write shows either', [write(1, 0, 1), write(2, 2, 9), read(1, 3, 4), read(2, 5, 6)], 'explained'],
  ['but not the new one and then the old one', [write(1, 0, 1), write(2, 2, 9), read(2, 3, 4), read(1, 5, 6)], 'impossible'],
  ['writes side by side in either order', [write(1, 0, 9), write(2, 0, 9), read(2, 10, 11)], 'explained'],
  ['but in one order', [write(1, 0, 9), write(2, 0, 9), read(2, 10, 11), read(1, 12, 13)], 'impossible'],
  ['an unknown write may come late', [write(1, 0), write(2, 1, 2), read(2, 3, 4), read(1, 5, 6)], 'explained'],
  ['but once only', [write(1, 0), read(1, 1, 2), write(2, 3, 4), read(2, 5, 6), read(1, 7, 8)], 'impossible'],
  ['or never', [write(1, 0), write(2, 1, 2), read(2, 3, 4)], 'explained'],
  ['a value that nobody wrote', [write(1, 0, 1), read(3, 2, 3)], 'impossible'],
  ['a deleted point came back', [write(1, 0, 1), write('absent', 2, 3), read('absent', 4, 5), read(1, 6, 7)], 'impossible'],
])('%s', ([, operations, kind]) => {
  expect(checkRegister(operations).kind).toBe(kind);
});

test('the operation that has no place is named', () => {
  const stale = read(1, 4, 5);
  expect(checkRegister([write(1, 0, 1), write(2, 2, 3), stale, read(2, 6, 7)])).toEqual({ kind: 'impossible', operation: stale });
});

test('a long history is checked in a moment', () => {
  const operations = Array.from({ length: 2000 }, (_, n) => [write(n, n * 10, n * 10 + 15), read(n, n * 10 + 16, n * 10 + 17)]).flat();
  expect(checkRegister(operations).kind).toBe('explained');
  expect(checkRegister([...operations, read(7, 30_000, 30_001)]).kind).toBe('impossible');
});
