import * as fc from 'fast-check';
import { fromBinary, toBinary, create } from '@bufbuild/protobuf';
import { StructSchema } from '@vectorcluster/proto/gen/qdrant/json_with_int_pb.ts';
import { expect, test } from 'vitest';
import { JsonFloat, type JsonObject, type JsonValue } from '../../model/json-value.ts';
import { fromFields, toFields } from './json-values.ts';

const value = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger().map((integer) => (integer === 0 ? 0 : integer)),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => (Number.isInteger(double) ? new JsonFloat(double) : double)),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { noNullPrototype: true }),
  ),
})).value;

const overTheWire = (payload: JsonObject): JsonObject => {
  const bytes = toBinary(StructSchema, create(StructSchema, { fields: toFields(payload) }));
  return fromFields(fromBinary(StructSchema, bytes).fields);
};

test('a payload comes over the wire as it was', () => {
  fc.assert(
    fc.property(value, (member) => {
      expect(overTheWire({ member })).toStrictEqual({ member });
    }),
  );
});

test('an unsigned integer beyond the wire becomes a float', () => {
  expect(overTheWire({ a: 2n ** 64n - 1n })).toStrictEqual({ a: new JsonFloat(2 ** 64) });
});

test.for([Number.NaN, Number.POSITIVE_INFINITY])('%d in a payload is refused', (double) => {
  const fields = { a: { $typeName: 'qdrant.Value' as const, kind: { case: 'doubleValue' as const, value: double } } };
  expect(() => fromFields(fields)).toThrow('not a finite number');
});
