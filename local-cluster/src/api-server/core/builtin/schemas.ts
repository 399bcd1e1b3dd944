/** A short way to write the schemas of built-in kinds. */
import type { Json } from '../json.ts';
import type { Schema } from '../schema/schema.ts';

export const text: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer', format: 'int32' };
export const long: Schema = { type: 'integer', format: 'int64' };
export const flag: Schema = { type: 'boolean' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const quantity: Schema = { intOrString: true };
export const intOrText: Schema = { intOrString: true };
export const textMap: Schema = { type: 'object', additionalProperties: text };
export const quantityMap: Schema = { type: 'object', additionalProperties: quantity };
/** Of a part whose fields nobody here looks at. */
export const open: Schema = { type: 'object', preserveUnknownFields: true };

export function struct(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

export const list = (items: Schema): Schema => ({ type: 'array', items, listType: 'atomic' });
export const setOf = (items: Schema): Schema => ({ type: 'array', items, listType: 'set' });

export function listMap(keys: readonly string[], items: Schema, patchMergeKey = keys[0] ?? ''): Schema {
  return { type: 'array', items, listType: 'map', listMapKeys: keys, patchMergeKey };
}

export const withDefault = (schema: Schema, value: Json): Schema => ({ ...schema, default: value });
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const atomic = (schema: Schema): Schema => ({ ...schema, mapType: 'atomic' });

export const condition: Schema = struct(
  {
    type: text,
    status: text,
    reason: text,
    message: text,
    lastTransitionTime: time,
    lastProbeTime: time,
    lastHeartbeatTime: time,
    observedGeneration: long,
  },
  ['type', 'status'],
);
export const conditions = listMap(['type'], condition);

export const labelSelector = atomic(
  struct({ matchLabels: textMap, matchExpressions: list(struct({ key: text, operator: text, values: list(text) }, ['key', 'operator'])) }),
);

export const objectReference = atomic(
  struct({ apiVersion: text, kind: text, name: text, namespace: text, uid: text, resourceVersion: text, fieldPath: text }),
);
export const localReference = atomic(struct({ name: text }));

/** The root of an object. */
export function root(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return struct({ apiVersion: text, kind: text, metadata: { type: 'object' }, ...properties }, required);
}
