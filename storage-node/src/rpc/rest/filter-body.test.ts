import { expect, test } from 'vitest';
import { parseBody } from '../../json/lossless-json.ts';
import type { Condition } from '../../model/filter.ts';
import { defaultRequestLimits } from '../limits.ts';
import { readFilter } from './filter-body.ts';

const read = (text: string) => readFilter(parseBody(text), 'filter', defaultRequestLimits);
const nothing = { must: [], mustNot: [], should: [] };

test.for<readonly [body: string, condition: Condition]>([
  ['{"key":"a","match":{"value":"x"}}', { kind: 'match-value', key: 'a', value: 'x' }],
  ['{"key":"a","match":{"value":7}}', { kind: 'match-value', key: 'a', value: 7n }],
  ['{"key":"a","match":{"value":-9223372036854775808}}', { kind: 'match-value', key: 'a', value: -9223372036854775808n }],
  ['{"key":"a","match":{"value":false}}', { kind: 'match-value', key: 'a', value: false }],
  ['{"key":"a[].b","match":{"any":["x",1]}}', { kind: 'match-any', key: 'a[].b', values: ['x', 1n] }],
  ['{"key":"a","match":{"except":[]}}', { kind: 'match-except', key: 'a', values: [] }],
  [
    '{"key":"a","range":{"lt":1,"gte":1.0,"gt":null}}',
    { kind: 'range', key: 'a', range: { lt: 1, gte: 1, gt: undefined, lte: undefined } },
  ],
  ['{"is_empty":{"key":"a"}}', { kind: 'is-empty', key: 'a' }],
  ['{"is_null":{"key":"a"}}', { kind: 'is-null', key: 'a' }],
  ['{"key":"a","is_null":true}', { kind: 'is-null', key: 'a' }],
  ['{"key":"a","is_empty":false}', { kind: 'filter', filter: { ...nothing, mustNot: [{ kind: 'is-empty', key: 'a' }] } }],
  ['{"has_id":[1,"0B1F6F0E9C5A4F5E8C3B1D2E3F405162"]}', { kind: 'has-id', ids: [1n, '0b1f6f0e-9c5a-4f5e-8c3b-1d2e3f405162'] }],
  ['{}', { kind: 'filter', filter: nothing }],
])('%s', ([body, condition]) => {
  expect(read(`{"must":${body}}`)).toStrictEqual({ ...nothing, must: [condition] });
  expect(read(`{"must_not":[${body}],"should":null}`)).toStrictEqual({ ...nothing, mustNot: [condition] });
  expect(read(`{"should":{"should":[${body}]}}`)).toStrictEqual({
    ...nothing,
    should: [{ kind: 'filter', filter: { ...nothing, should: [condition] } }],
  });
});

test('long lists of ids are read exactly', () => {
  const ids = Array.from({ length: 40 }, (_, index) => 2n ** 64n - 1n - BigInt(index));
  expect(read(`{"must":{"has_id":[${ids.join(',')}]}}`)).toStrictEqual({ ...nothing, must: [{ kind: 'has-id', ids }] });
});

test('no filter and null are the same', () => {
  expect(readFilter(undefined, 'filter', defaultRequestLimits)).toBeUndefined();
  expect(read('null')).toBeUndefined();
});
