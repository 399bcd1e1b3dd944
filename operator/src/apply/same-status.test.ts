import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { saysTheSame } from './same-status.ts';

const scalar = fc.constantFrom(undefined, null, 0, 1, '', 'x', true);
const name = fc.constantFrom('a', 'b', 'c');
const item = fc.oneof(scalar, fc.dictionary(name, scalar, { maxKeys: 3 }));
const field = fc.oneof(item, fc.array(item, { maxLength: 3 }), fc.dictionary(name, fc.array(item, { maxLength: 2 }), { maxKeys: 2 }));
const status = fc.dictionary(name, field, { maxKeys: 3 });
const asJson = (each: unknown): unknown => (each === undefined ? undefined : JSON.parse(JSON.stringify(each)));

test('law: what is wanted is there as JSON would carry it, whatever else is there', () => {
  const changed = fc.tuple(status, status).map(([a, b]) => [a, { ...a, ...b }] as const);
  const cases = fc.oneof(
    fc.tuple(status, status),
    changed,
    status.map((a) => [a, structuredClone(a)] as const),
  );
  fc.assert(
    fc.property(cases, ([stored, wanted]) => {
      const expected = Object.entries(wanted).every(([name, each]) => isDeepStrictEqual(asJson(stored[name]), asJson(each)));
      expect(saysTheSame(stored, wanted)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('nothing stored says nothing', () => {
  expect(saysTheSame(undefined, { a: 1 })).toBe(false);
  expect(saysTheSame(undefined, { a: undefined })).toBe(true);
});
