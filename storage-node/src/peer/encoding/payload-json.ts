import { parseJson, stringifyObject } from '../../json/lossless-json.ts';
import { JsonFloat, type JsonObject, type JsonValue } from '../../model/json-value.ts';

export function encodePayload(payload: JsonObject): Buffer {
  return Buffer.from(stringifyObject(payload));
}

/** Throws JsonError or TypeError: the sender is one of ours, so what is no payload is a bug. */
export function decodePayload(bytes: Uint8Array): JsonObject {
  const value = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  if (!isObject(value)) throw new TypeError('a payload is a JSON object');
  return value;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonFloat);
}
