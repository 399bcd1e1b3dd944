/** Shallow merge of top-level keys; null deletes its key. Both texts are lossless JSON. */
import { parseJson, stringifyObject } from '../json/lossless-json.ts';
import { isObject } from '../filter/payload-path.ts';
import type { JsonObject } from '../model/json-value.ts';

export function mergePayload(stored: Buffer, patch: Buffer): Buffer {
  const merged = { ...payloadFrom(stored), ...payloadFrom(patch) };
  return Buffer.from(stringifyObject(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))));
}

export function payloadFrom(bytes: Buffer): JsonObject {
  const value = parseJson(bytes.toString());
  return isObject(value) ? value : {};
}
