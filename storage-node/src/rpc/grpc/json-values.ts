/** Payload values: integers and floats are apart on the wire too. */
import { create } from '@bufbuild/protobuf';
import { ListValueSchema, NullValue, StructSchema, ValueSchema, type Value } from '@vectorcluster/proto/gen/qdrant/json_with_int_pb.ts';
import { JsonFloat, type JsonObject, type JsonValue } from '../../model/json-value.ts';
import { RequestFormatError } from '../errors.ts';

type Fields = Readonly<Record<string, Value>>;

export function fromFields(fields: Fields): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, fromValue(value)]));
}

export function toFields(object: JsonObject): Record<string, Value> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, toValue(value)]));
}

function fromValue({ kind }: Value): JsonValue {
  switch (kind.case) {
    case 'boolValue':
    case 'stringValue':
      return kind.value;
    case 'integerValue':
      return Number.isSafeInteger(Number(kind.value)) ? Number(kind.value) : kind.value;
    case 'doubleValue':
      if (!Number.isFinite(kind.value)) throw new RequestFormatError(`payload holds ${kind.value}: not a finite number`);
      return Number.isInteger(kind.value) ? new JsonFloat(kind.value) : kind.value;
    case 'listValue':
      return kind.value.values.map(fromValue);
    case 'structValue':
      return fromFields(kind.value.fields);
    case 'nullValue':
    case undefined:
      return null;
  }
}

function toValue(value: JsonValue): Value {
  return create(ValueSchema, { kind: kindOf(value) });
}

const maxSigned = 2n ** 63n - 1n;

function kindOf(value: JsonValue): Value['kind'] {
  if (value === null) return { case: 'nullValue', value: NullValue.NULL_VALUE };
  if (typeof value === 'boolean') return { case: 'boolValue', value };
  if (typeof value === 'string') return { case: 'stringValue', value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { case: 'integerValue', value: BigInt(value) } : { case: 'doubleValue', value };
  // The wire has no unsigned integers; larger ones can only have come by REST.
  if (typeof value === 'bigint')
    return value <= maxSigned ? { case: 'integerValue', value } : { case: 'doubleValue', value: Number(value) };
  if (value instanceof JsonFloat) return { case: 'doubleValue', value: value.value };
  if (isList(value)) return { case: 'listValue', value: create(ListValueSchema, { values: value.map(toValue) }) };
  return { case: 'structValue', value: create(StructSchema, { fields: toFields(value) }) };
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
