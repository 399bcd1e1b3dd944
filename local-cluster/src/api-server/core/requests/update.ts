import { badRequest, conflict, invalid, notFound } from '../api-error.ts';
import { jsonEqual, type JsonObject } from '../json.ts';
import { keepServerMetadata, sameButManagedFields } from '../metadata.ts';
import { keyOf, objectKey, timestamp, type ManagedFieldsEntry, type StoredObject } from '../object.ts';
import { trackUpdate } from '../ownership/managed-fields.ts';
import type { ResourceDefinition } from '../resource.ts';
import { decode } from './decode.ts';
import { managerOf, storedResource, type Surroundings, type Target, type WritableSubresource, type WriteOptions } from './request.ts';
import { validate } from './validate.ts';

export function find(world: Surroundings, target: Target): StoredObject {
  const found = world.store.get(target.resource.storage, objectKey(target.resource.namespaced ? target.namespace : undefined, target.name));
  if (found === undefined) throw notFound(target.resource, target.name);
  return found;
}

/** PUT, on the object or on its status. */
export function update(
  world: Surroundings,
  target: Target,
  subresource: WritableSubresource | undefined,
  body: JsonObject,
  options: WriteOptions,
): StoredObject {
  const resource = storedResource(world, target.resource);
  const old = find(world, target);
  const draft = decode(world, target, body, options);
  if (draft.metadata.name === '') draft.metadata.name = target.name;
  if (draft.metadata.name !== target.name) {
    throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${target.name})`);
  }
  if (draft.metadata.namespace !== undefined && draft.metadata.namespace !== target.namespace) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  const { resourceVersion } = draft.metadata;
  if (resource.isCustom && (resourceVersion === undefined || resourceVersion === '0')) {
    const error = { kind: 'invalid', field: 'metadata.resourceVersion', value: 0, detail: 'must be specified for an update' } as const;
    throw invalid(resource, target.name, [error]);
  }
  return replace(world, resource, old, draft, subresource, options);
}

/** Compares, decides what may change, validates and stores. `draft` is complete and in the stored version. */
export function replace(
  world: Surroundings,
  resource: ResourceDefinition,
  old: StoredObject,
  draft: StoredObject,
  subresource: WritableSubresource | undefined,
  options: WriteOptions,
): StoredObject {
  checkVersion(resource, old, draft);
  const next = carryOver(resource, old, draft, subresource);
  const tracking = { manager: managerOf(options), time: timestamp(world.now()), subresource };
  next.metadata.managedFields = trackUpdate(resource, old, next, tracking);
  return store(world, resource, old, next, options);
}

function checkVersion(resource: ResourceDefinition, old: StoredObject, draft: StoredObject): void {
  const { resourceVersion, uid } = draft.metadata;
  if (uid !== undefined && uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`;
    throw conflict(resource, old.metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) throw conflict(resource, old.metadata.name);
}

/** The part of the draft that this request may change, over the rest of the old object. */
export function carryOver(
  resource: ResourceDefinition,
  old: StoredObject,
  draft: StoredObject,
  subresource: WritableSubresource | undefined,
): StoredObject {
  if (subresource === 'status') {
    const metadata = resource.isCustom ? { ...old.metadata } : { ...old.metadata, ...labelsOf(draft) };
    const next: StoredObject = { ...old, metadata };
    if (draft['status'] === undefined) delete next['status'];
    else next['status'] = draft['status'];
    return next;
  }
  const next: StoredObject = { ...draft, metadata: { ...draft.metadata } };
  keepServerMetadata(next, old);
  if (old.metadata.namespace !== undefined) next.metadata.namespace = old.metadata.namespace;
  if (resource.hasStatus) {
    if (old['status'] === undefined) delete next['status'];
    else next['status'] = old['status'];
  }
  resource.strategy.prepare?.(next, old);
  if (resource.hasGeneration && !sameSpec(old, next)) next.metadata.generation = (old.metadata.generation ?? 0) + 1;
  return next;
}

function labelsOf(draft: StoredObject): JsonObject {
  const { labels, annotations, finalizers } = draft.metadata;
  return { ...(labels && { labels }), ...(annotations && { annotations }), ...(finalizers && { finalizers }) };
}

function sameSpec(left: StoredObject, right: StoredObject): boolean {
  return jsonEqual({ ...left, metadata: {}, status: {} }, { ...right, metadata: {}, status: {} });
}

/** Stores a changed object; one that was waiting for its last finalizer goes. */
export function store(
  world: Surroundings,
  resource: ResourceDefinition,
  old: StoredObject,
  next: StoredObject,
  options: WriteOptions,
  managedFieldsMatter = false,
): StoredObject {
  validate(resource, next, old);
  options.admit?.({ object: next, oldObject: old });
  if (sameButManagedFields(old, next) && !(managedFieldsMatter && !sameOwners(old, next))) return old;
  if (options.dryRun === true) return next;
  if (isFinished(next) && resource.strategy.staysWhenDeleted?.(next) !== true) {
    world.store.write(resource.storage, next);
    return world.store.remove(resource.storage, keyOf(next)) ?? next;
  }
  return world.store.write(resource.storage, next);
}

/** Whether the same managers own the same fields; when they said so does not count. */
function sameOwners(left: StoredObject, right: StoredObject): boolean {
  return jsonEqual(timeless(left.metadata.managedFields), timeless(right.metadata.managedFields));
}

const timeless = (entries: readonly ManagedFieldsEntry[] | undefined): JsonObject[] =>
  (entries ?? []).map((entry) => ({ ...entry, time: '' }));

function isFinished(object: StoredObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds } = object.metadata;
  return deletionTimestamp !== undefined && (finalizers ?? []).length === 0 && (deletionGracePeriodSeconds ?? 0) === 0;
}
