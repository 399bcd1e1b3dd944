import { ApiError, badRequest, invalid } from '../api-error.ts';
import { requiredValue } from '../field-error.ts';
import { isObject, type Json, type JsonObject, show } from '../json.ts';
import { objectKey, timestamp, type StoredObject } from '../object.ts';
import { applyConfiguration } from '../ownership/managed-fields.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { ownershipSchema } from '../ownership/managed-fields.ts';
import type { ResourceDefinition } from '../resource.ts';
import { prune } from '../schema/prune.ts';
import { prepareNew, storeNew } from './create.ts';
import { decode, decodeStored } from './decode.ts';
import {
  managerOf,
  storedResource,
  type ApplyOptions,
  type Surroundings,
  type Target,
  type WritableSubresource,
  type WriteOptions,
} from './request.ts';
import { carryOver, find, replace, store } from './update.ts';

export type PatchKind = 'merge' | 'json' | 'strategic';

/** Computes what a patch makes of an object, without any check. */
export function patched(resource: ResourceDefinition, kind: PatchKind, current: JsonObject, body: Json): JsonObject {
  switch (kind) {
    case 'json':
      return jsonPatch(current, body);
    case 'merge':
      return mergePatch(current, patchObject(body));
    case 'strategic':
      return strategicMergePatch(current, patchObject(body), ownershipSchema(resource));
  }
}

function patchObject(body: Json): JsonObject {
  if (!isObject(body)) throw badRequest('a patch of this type must be an object');
  return body;
}

export function patch(
  world: Surroundings,
  target: Target,
  subresource: WritableSubresource | undefined,
  kind: PatchKind,
  body: Json,
  options: WriteOptions,
): StoredObject {
  const resource = storedResource(world, target.resource);
  const old = find(world, target);
  const current = target.resource.conversion?.fromStored(old) ?? old;
  const draft = decode(world, target, patched(target.resource, kind, current, body), options);
  if (draft.metadata.name !== old.metadata.name) {
    throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${target.name})`);
  }
  return replace(world, resource, old, draft, subresource, options);
}

/** Server-side apply: creates the object when there is none. */
export function apply(
  world: Surroundings,
  target: Target,
  subresource: WritableSubresource | undefined,
  body: JsonObject,
  options: ApplyOptions,
): { readonly object: StoredObject; readonly isNew: boolean } {
  const resource = target.resource;
  if (resource.conversion !== undefined) throw badRequest(`server-side apply works on ${resource.plural} of the stored version only`);
  const configuration = readConfiguration(target, subresource, body, options);
  const live = world.store.get(resource.storage, objectKey(resource.namespaced ? target.namespace : undefined, target.name));
  if (live === undefined && subresource !== undefined) find(world, target);
  checkIdentity(resource, live, configuration);
  const tracking = { manager: managerOf(options), time: timestamp(world.now()), subresource };
  const { object, managedFields } = applyConfiguration(resource, live, configuration, tracking, options.force === true);
  const quiet = { ...options, fieldValidation: 'Ignore' } as const;
  if (live === undefined) {
    const draft = decodeStored(resource, object, quiet);
    delete draft.metadata.resourceVersion;
    prepareNew(world, resource, target, draft);
    draft.metadata.managedFields = managedFields;
    return { object: storeNew(world, resource, draft, options), isNew: true };
  }
  const next = carryOver(resource, live, decodeStored(resource, object, quiet), subresource);
  next.metadata.managedFields = managedFields;
  return { object: store(world, resource, live, next, options, true), isNew: false };
}

/** The body as an apply configuration: only what its author may own through this endpoint. */
function readConfiguration(
  target: Target,
  subresource: WritableSubresource | undefined,
  body: JsonObject,
  options: ApplyOptions,
): JsonObject {
  const { resource } = target;
  if ((options.fieldManager ?? '') === '') {
    throw invalid({ group: 'meta.k8s.io', plural: '', kind: 'PatchOptions' }, '', [
      requiredValue('fieldManager', 'is required for apply patch'),
    ]);
  }
  const metadata = isObject(body['metadata']) ? body['metadata'] : {};
  if (Array.isArray(metadata['managedFields']) && metadata['managedFields'].length > 0)
    throw badRequest('metadata.managedFields must be nil');
  if (metadata['name'] !== undefined && metadata['name'] !== target.name) {
    throw badRequest(`the name of the object (${show(metadata['name'])}) does not match the name on the URL (${target.name})`);
  }
  // Reports unknown fields and wrong types; its defaults are not the author's, so they are left out of what is owned.
  decodeStored(resource, structuredClone({ ...body, apiVersion: body['apiVersion'] ?? '', kind: body['kind'] ?? resource.kind }), options);
  const { value } = prune(body, resource.schema, true);
  if (subresource === 'status')
    return { apiVersion: value['apiVersion'], kind: value['kind'], metadata: identity(metadata), status: value['status'] };
  const { status, ...rest } = value;
  return { ...rest, metadata: { ...metadata, name: target.name }, ...(!resource.hasStatus && status !== undefined && { status }) };
}

const identity = (metadata: JsonObject): JsonObject => {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
};

function checkIdentity(resource: ResourceDefinition, live: StoredObject | undefined, configuration: JsonObject): void {
  const metadata = isObject(configuration['metadata']) ? configuration['metadata'] : {};
  for (const field of ['uid', 'resourceVersion'] as const) {
    const asked = metadata[field];
    if (asked === undefined || asked === live?.metadata[field]) continue;
    const text =
      field === 'uid'
        ? `Precondition failed: UID in precondition: ${show(asked)}, UID in object meta: ${live?.metadata.uid ?? ''}`
        : undefined;
    const message = text ?? 'the object has been modified; please apply your changes to the latest version and try again';
    throw new ApiError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${resource.plural}${resource.group === '' ? '' : `.${resource.group}`} "${show(metadata['name'])}": ${message}`,
    );
  }
}
