import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, sortedJson } from './hashes.ts';

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const key = fc.oneof(fc.string(), fc.nat().map(String), fc.constantFrom('01', '-1', '1.5', '4294967295', '4294967294', '__proto'));
const anything = fc.anything({
  key,
  values: [fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined)],
});

test('law: to the letter what JSON.stringify makes of sorted keys, or objects that are stored would all seem to have changed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), anything, (json, value) => {
      expect(sortedJson(json)).toBe(JSON.stringify(json, sortKeys));
      expect(sortedJson(value)).toBe(JSON.stringify(value, sortKeys));
    }),
  );
});

test('a hash that is on objects already', () => {
  expect(hashOf({ b: [1, undefined, { d: 'x', c: null }], a: undefined })).toBe('2b3471d3e5');
});
