import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonFloat, type JsonValue } from '../model/json-value.ts';
import { JsonError } from './json-error.ts';
import { maxJsonDepth } from './json-scan.ts';
import { exactBody, parseBody, parseJson, stringifyJson } from './lossless-json.ts';
import { NumberList } from './number-list.ts';

const numbers: readonly [string, JsonValue][] = [
  ['0', 0],
  ['-7', -7],
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ['18446744073709551615', 18446744073709551615n],
  ['-9223372036854775808', -9223372036854775808n],
  ['18446744073709551616', new JsonFloat(18446744073709551616)],
  ['0.1', 0.1],
  ['1e-7', 1e-7],
  ['1.0', new JsonFloat(1)],
  ['-0.0', new JsonFloat(-0)],
  ['1e3', new JsonFloat(1000)],
  ['1.50', 1.5],
];

describe('numbers keep what they are', () => {
  test.for(numbers)('%s', ([text, value]) => {
    expect(parseJson(text)).toStrictEqual(value);
    expect(parseJson(`{"a":[${text}]}`)).toStrictEqual({ a: [value] });
  });
});

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string(),
  fc.maxSafeInteger().map((value) => (value === 0 ? 0 : value)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Number.isInteger(value) ? new JsonFloat(value) : value)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
);
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value')),
    fc.array(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Number.isInteger(value) ? new JsonFloat(value) : value)),
      {
        minLength: 20,
        maxLength: 40,
      },
    ),
    fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
  ),
})).value;

test('what is written reads back the same, by both readers', () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = stringifyJson(value);
      expect(JSON.parse(text)).toBeDefined();
      expect(parseJson(text)).toStrictEqual(value);
      expect(exactBody(parseBody(text))).toStrictEqual(value);
    }),
  );
});

test('a long list of numbers stays unread in a body', () => {
  const vector = Array.from({ length: 30 }, (_, index) => index / 7);
  const body = parseBody(JSON.stringify({ points: [{ id: 1, vector, payload: { note: '[1,2,3' } }] }));
  expect(body).toStrictEqual({ points: [{ id: 1, vector: expect.any(NumberList), payload: { note: '[1,2,3' } }] });
});

test('a string cannot pass for a list that was cut out', () => {
  const list = JSON.stringify(Array.from({ length: 30 }, (_, index) => index));
  expect(exactBody(parseBody(`{"list":${list},"text":"\\ud8000"}`))).toMatchObject({ text: '\ud8000' });
});

test('duplicate and __proto__ keys are plain keys', () => {
  const value = parseJson('{"a":1,"a":2.0,"__proto__":{"polluted":true}}');
  expect(stringifyJson(value)).toBe('{"a":2.0,"__proto__":{"polluted":true}}');
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(stringifyJson(exactBody(parseBody('{"__proto__":{"x":1}}')))).toBe('{"__proto__":{"x":1}}');
});

const refused: readonly string[] = [
  '[1,',
  '"',
  '',
  'NaN',
  '[1e999]',
  `[${'1,'.repeat(40)}]`,
  '['.repeat(100_000),
  '{"a":'.repeat(100_000),
  `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`,
];
test.for(refused)('refused with a JsonError: %#', (text) => {
  expect(() => parseJson(text)).toThrow(JsonError);
  expect(() => exactBody(parseBody(text))).toThrow(JsonError);
});

test('depth up to the limit is read', () => {
  const text = `${'['.repeat(maxJsonDepth)}"x"${']'.repeat(maxJsonDepth)}`;
  expect(stringifyJson(parseJson(text))).toBe(text);
});
