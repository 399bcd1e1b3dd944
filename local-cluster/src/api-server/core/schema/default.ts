import { clone, isObject, type Json, type JsonObject } from '../json.ts';
import type { Schema } from './schema.ts';

/** Fills in the schema's defaults. A null where null is not allowed counts as absent when there is a default. */
export function applyDefaults(object: JsonObject, schema: Schema | undefined): void {
  if (schema === undefined) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (object[name] === null && property.nullable !== true && property.default !== undefined) delete object[name];
    if (object[name] === undefined && property.default !== undefined) object[name] = clone(property.default);
    defaultWithin(object[name], property);
  }
  if (typeof schema.additionalProperties === 'object') {
    for (const value of Object.values(object)) defaultWithin(value, schema.additionalProperties);
  }
}

function defaultWithin(value: Json | undefined, schema: Schema): void {
  if (isObject(value)) applyDefaults(value, schema);
  else if (Array.isArray(value) && schema.items !== undefined) for (const item of value) defaultWithin(item, schema.items);
}

/** A null that no schema allows is dropped from objects, as decoding into Kubernetes' own types would. */
export function dropNulls(object: JsonObject, schema: Schema | undefined): void {
  for (const [name, value] of Object.entries(object)) {
    const property = schema?.properties?.[name];
    if (value === null && property !== undefined && property.nullable !== true) delete object[name];
    else dropNullsWithin(value, property);
  }
}

function dropNullsWithin(value: Json | undefined, schema: Schema | undefined): void {
  if (isObject(value)) dropNulls(value, schema);
  else if (Array.isArray(value)) for (const item of value) dropNullsWithin(item, schema?.items);
}
