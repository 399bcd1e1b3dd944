import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Filter } from '../../model/filter.ts';
import { decodeFilter, encodeFilter } from './filter-json.ts';

const id = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.uuid());
const value = fc.oneof(fc.string({ unit: 'binary' }), fc.boolean(), fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n));
const bound = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0));
const key = fc.string();

const { filter } = fc.letrec<{ filter: Filter; condition: Filter['must'][number] }>((tie) => ({
  filter: fc.record({
    must: fc.array(tie('condition'), { maxLength: 3 }),
    mustNot: fc.array(tie('condition'), { maxLength: 2 }),
    should: fc.array(tie('condition'), { maxLength: 2 }),
  }),
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('has-id' as const), ids: fc.array(id) }),
    fc.record({ kind: fc.constantFrom('is-empty' as const, 'is-null' as const), key }),
    fc.record({ kind: fc.constant('match-value' as const), key, value }),
    fc.record({ kind: fc.constantFrom('match-any' as const, 'match-except' as const), key, values: fc.array(value) }),
    fc.record({
      kind: fc.constant('range' as const),
      key,
      range: fc.record({ lt: bound, gt: bound, lte: bound, gte: bound }, { requiredKeys: [] }),
    }),
    fc.record({ kind: fc.constant('filter' as const), filter: tie('filter') }),
  ),
}));

test('a filter comes back as it was sent', () => {
  fc.assert(
    fc.property(filter, (sent) => {
      expect(decodeFilter(encodeFilter(sent))).toEqual(sent);
    }),
  );
});

test.for([
  ['{}', /must/],
  ['{"must":[{"kind":"drop-table"}],"mustNot":[],"should":[]}', /kind/],
  ['[', /JSON/],
  ['null', /expected object/],
] as const)('%s is refused', ([text, reason]) => {
  expect(() => decodeFilter(Buffer.from(text))).toThrow(reason);
});
