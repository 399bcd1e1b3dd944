import { describe, expect, test } from 'vitest';
import { BadInputError } from '../errors.ts';
import { parseJson } from '../json/lossless-json.ts';
import type { Condition, Filter } from '../model/filter.ts';
import { JsonFloat, type JsonObject } from '../model/json-value.ts';
import { compileFilter } from './compile-filter.ts';
import { isObject } from './payload-path.ts';

const payloads: Readonly<Record<number, JsonObject>> = {
  1: {},
  2: { a: null },
  3: { a: [] },
  4: { a: [null] },
  5: { a: 1 },
  6: { a: [1, 2] },
  7: { a: 'x' },
  8: { a: ['x', null] },
  9: { a: true },
  10: { a: 1.5 },
  11: { a: { b: 1 } },
  12: { a: [{ b: 1 }, { b: 2 }] },
  13: { a: [{ b: null }, {}] },
  14: { a: [[1, 2], [3]] },
  15: { a: { b: [1, 2] } },
  16: { a: [{ b: [1, 2] }, { b: [] }] },
  17: { 'a.b': 1 },
  18: { a: '1' },
  19: { a: {} },
  20: { a: [{ b: [] }] },
  21: { a: [[]] },
  22: { a: { b: null } },
  23: { a: [{}, {}] },
};

/** Which of the payloads match: what qdrant-client 1.20 answered in its in-memory mode. */
const answers: readonly (readonly [condition: string, ids: readonly number[]])[] = [
  ['a = 1', [5, 6]],
  ['a = "x"', [7, 8]],
  ['a = true', [9]],
  ['a any 1,3', [5, 6]],
  ['a except 1', [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23]],
  ['a except "x"', [5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23]],
  ['a range >=1 <2', [5, 6, 10]],
  ['a is empty', [1, 2, 3, 17]],
  ['a is null', [2, 4, 8]],
  ['a[] = 1', [6, 14]],
  ['a[] = "x"', [8]],
  ['a[] = true', []],
  ['a[] any 1,3', [6, 14]],
  ['a[] except 1', [6, 8, 12, 13, 14, 16, 20, 23]],
  ['a[] except "x"', [6, 12, 13, 14, 16, 20, 23]],
  ['a[] range >=1 <2', [6, 14]],
  ['a[] is empty', [1, 2, 3, 4, 5, 7, 9, 10, 11, 15, 17, 18, 19, 21, 22]],
  ['a[] is null', [4, 8]],
  ['a.b = 1', [11, 15]],
  ['a.b = "x"', []],
  ['a.b = true', []],
  ['a.b any 1,3', [11, 15]],
  ['a.b except 1', [15]],
  ['a.b except "x"', [11, 15]],
  ['a.b range >=1 <2', [11, 15]],
  ['a.b is empty', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23]],
  ['a.b is null', [22]],
  ['a[].b = 1', [12, 16]],
  ['a[].b any 1,3', [12, 16]],
  ['a[].b except 1', [12, 16]],
  ['a[].b except "x"', [12, 16]],
  ['a[].b range >=1 <2', [12, 16]],
  ['a[].b is empty', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23]],
  ['a[].b is null', [13]],
  ['a[0] = 1', [6, 14]],
  ['a[0] = "x"', [8]],
  ['a[0] any 1,3', [6, 14]],
  ['a[0] except 1', [8, 12, 13, 14, 16, 20, 23]],
  ['a[0] except "x"', [6, 12, 13, 14, 16, 20, 23]],
  ['a[0] range >=1 <2', [6, 14]],
  ['a[0] is empty', [1, 2, 3, 4, 5, 7, 9, 10, 11, 15, 17, 18, 19, 21, 22]],
  ['a[0] is null', [4]],
  ['a[1] = 1', []],
  ['a[1] = "x"', []],
  ['a[1] = true', []],
  ['a[1] any 1,3', [14]],
  ['a[1] except 1', [6, 12, 13, 14, 16, 23]],
  ['a[1] except "x"', [6, 12, 13, 14, 16, 23]],
  ['a[1] range >=1 <2', []],
  ['a[1] is empty', [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 15, 17, 18, 19, 20, 21, 22]],
  ['a[1] is null', [8]],
  ['"a.b" = 1', [17]],
  ['"a.b" any 1,3', [17]],
  ['"a.b" except "x"', [17]],
  ['"a.b" range >=1 <2', [17]],
  ['"a.b" is empty', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23]],
  ['a.b[] = 1', [15]],
  ['a.b[] any 1,3', [15]],
  ['a.b[] except 1', [15]],
  ['a.b[] except "x"', [15]],
  ['a.b[] range >=1 <2', [15]],
  ['a.b[] is empty', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23]],
  ['a[].b[] = 1', [16]],
  ['a[].b[] any 1,3', [16]],
  ['a[].b[] except 1', [16]],
  ['a[].b[] except "x"', [16]],
  ['a[].b[] range >=1 <2', [16]],
  ['a[].b[] is empty', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23]],
];

describe('agrees with the in-memory mode of the public client', () => {
  test.for(answers)('%s', ([condition, ids]) => {
    const matches = compileFilter(must(conditionFrom(condition)));
    const found = Object.entries(payloads).filter(([id, payload]) => matches(BigInt(id), payload));
    expect(found.map(([id]) => Number(id))).toEqual(ids);
  });
});

function must(...conditions: readonly Condition[]): Filter {
  return { must: conditions, mustNot: [], should: [] };
}

function conditionFrom(text: string): Condition {
  const [key = '', operator = '', operand = ''] = text.split(' ');
  const value = (): string | bigint | boolean => (operand.startsWith('"') ? operand.slice(1, -1) : operand === 'true' || BigInt(operand));
  switch (operator) {
    case '=':
      return { kind: 'match-value', key, value: value() };
    case 'any':
      return { kind: 'match-any', key, values: operand.split(',').map(BigInt) };
    case 'except':
      return { kind: 'match-except', key, values: [value()] };
    case 'range':
      return { kind: 'range', key, range: { gte: 1, lt: 2 } };
    default:
      return { kind: operand === 'empty' ? 'is-empty' : 'is-null', key };
  }
}

test.for<[title: string, condition: Condition, payload: string, matches: boolean]>([
  ['an integer matches', { kind: 'match-value', key: 'n', value: 1n }, '{"n": 1}', true],
  ['an integral float does not match an integer', { kind: 'match-value', key: 'n', value: 1n }, '{"n": 1.0}', false],
  ['integers of 64 bits match exactly', { kind: 'match-value', key: 'n', value: 2n ** 64n - 1n }, '{"n": 18446744073709551615}', true],
  ['and not their neighbours', { kind: 'match-value', key: 'n', value: 2n ** 64n - 2n }, '{"n": 18446744073709551615}', false],
  ['negative ones too', { kind: 'match-any', key: 'n', values: [-(2n ** 63n)] }, '{"n": -9223372036854775808}', true],
  ['a text is no number', { kind: 'match-value', key: 'n', value: '1' }, '{"n": 1}', false],
  ['a boolean is no text', { kind: 'match-any', key: 'n', values: ['true'] }, '{"n": true}', false],
  ['texts match with their case', { kind: 'match-value', key: 'n', value: 'Red' }, '{"n": "red"}', false],
  ['any of nothing matches nothing', { kind: 'match-any', key: 'n', values: [] }, '{"n": 1}', false],
  ['except nothing matches what is there', { kind: 'match-except', key: 'n', values: [] }, '{"n": 1}', true],
  ['except nothing does not match null', { kind: 'match-except', key: 'n', values: [] }, '{"n": null}', false],
  ['a float is in a range', { kind: 'range', key: 'n', range: { gte: 1, lte: 1 } }, '{"n": 1.0}', true],
  ['bounds may be strict', { kind: 'range', key: 'n', range: { gt: 1, lt: 2 } }, '{"n": [1, 2]}', false],
  ['a large integer is compared as a float', { kind: 'range', key: 'n', range: { gt: 1e19 } }, '{"n": 18446744073709551615}', true],
  ['a text is in no range', { kind: 'range', key: 'n', range: {} }, '{"n": "1"}', false],
])('%s', ([, condition, payload, expected]) => {
  const parsed = parseJson(payload);
  expect(compileFilter(must(condition))(1n, isObject(parsed) ? parsed : {})).toBe(expected);
});

const is = (value: string): Condition => ({ kind: 'match-value', key: 'c', value });

test.for<[title: string, filter: Filter, matches: boolean]>([
  ['nothing asked', must(), true],
  ['all that must', must(is('x'), is('y')), true],
  ['one that must does not', must(is('x'), is('z')), false],
  ['one that must not does', { must: [], mustNot: [is('z'), is('x')], should: [] }, false],
  ['none that must not does', { must: [], mustNot: [is('z')], should: [] }, true],
  ['one that should does', { must: [], mustNot: [], should: [is('z'), is('y')] }, true],
  ['none that should does', { must: [], mustNot: [], should: [is('z')] }, false],
  ['a filter is a condition', must({ kind: 'filter', filter: { must: [], mustNot: [is('x')], should: [] } }), false],
  ['an id that is listed', must({ kind: 'has-id', ids: [7n, 'ffffffff-0000-0000-0000-000000000000'] }), true],
  ['an id that is not', must({ kind: 'has-id', ids: [8n] }), false],
])('%s', ([, filter, expected]) => {
  expect(compileFilter(filter)(7n, { c: ['x', 'y'], f: new JsonFloat(1) })).toBe(expected);
});

test.for(['', '.', 'a.', 'a..b', 'a[', 'a[x]', '[0]', 'a.[0]', '"a'])('%s is not a path', (key) => {
  expect(() => compileFilter(must({ kind: 'is-null', key }))).toThrow(BadInputError);
});
