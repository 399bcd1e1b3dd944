/** From a request body to a draft in the stored version: type, unknown fields, nulls, defaults. */
import { badRequest } from '../api-error.ts';
import { clone, type JsonObject, show } from '../json.ts';
import { readObject, unknownMetadata } from '../metadata.ts';
import type { StoredObject } from '../object.ts';
import { groupVersion, type ResourceDefinition } from '../resource.ts';
import { applyDefaults, dropNulls } from '../schema/default.ts';
import { prune } from '../schema/prune.ts';
import { storedResource, type Surroundings, type Target, type WriteOptions } from './request.ts';

export function decode(world: Surroundings, target: Target, body: JsonObject, options: WriteOptions): StoredObject {
  const { resource } = target;
  const typed = withType(resource, body);
  const stored = storedResource(world, resource);
  const converted = resource.conversion === undefined ? clone(typed) : resource.conversion.toStored(clone(typed));
  return decodeStored(stored, converted, options);
}

/** As decode, for a body that is in the stored version already. */
export function decodeStored(resource: ResourceDefinition, body: JsonObject, options: WriteOptions): StoredObject {
  const { value, unknown } = prune(body, resource.schema, true);
  reportUnknown([...unknown, ...unknownMetadata(body['metadata'])], options);
  dropNulls(value, resource.schema);
  if (!resource.isCustom) dropTopLevelNulls(value);
  applyDefaults(value, resource.schema);
  return readObject(value);
}

function dropTopLevelNulls(object: JsonObject): void {
  for (const name of Object.keys(object)) if (object[name] === null) delete object[name];
}

function withType(resource: ResourceDefinition, body: JsonObject): JsonObject {
  const apiVersion = groupVersion(resource);
  const got = body['apiVersion'] ?? apiVersion;
  const kind = body['kind'] ?? resource.kind;
  if (resource.isCustom && (body['apiVersion'] === undefined || body['kind'] === undefined)) {
    const missing = body['kind'] === undefined ? 'Kind' : 'apiVersion';
    throw badRequest(`Object '${missing}' is missing in '${JSON.stringify(body).slice(0, 200)}'`);
  }
  if (got !== apiVersion) {
    throw badRequest(`the API version in the data (${show(got)}) does not match the expected API version (${apiVersion})`);
  }
  if (kind !== resource.kind) {
    throw badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: the kind in the data is ${show(kind)}`,
    );
  }
  return { ...body, apiVersion, kind };
}

function reportUnknown(unknown: readonly string[], options: WriteOptions): void {
  if (unknown.length === 0 || options.fieldValidation === 'Ignore') return;
  const texts = unknown.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (options.fieldValidation === 'Strict') throw badRequest(`strict decoding error: ${texts.join(', ')}`);
  for (const text of texts) options.warn?.(text);
}
