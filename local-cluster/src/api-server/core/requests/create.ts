import { alreadyExists, ApiError, badRequest, forbidden, notFound } from '../api-error.ts';
import { at, type JsonObject } from '../json.ts';
import { objectKey, timestamp, type StoredObject } from '../object.ts';
import { trackUpdate } from '../ownership/managed-fields.ts';
import type { ResourceDefinition } from '../resource.ts';
import { applyDefaults } from '../schema/default.ts';
import { decode } from './decode.ts';
import { managerOf, storedResource, type Surroundings, type Target, type WriteOptions } from './request.ts';
import { validate } from './validate.ts';

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const generatedBaseMax = 63 - suffixLength;

export function create(world: Surroundings, target: Target, body: JsonObject, options: WriteOptions): StoredObject {
  const draft = decode(world, target, body, options);
  const resource = storedResource(world, target.resource);
  if (resource.hasStatus && resource.isCustom) delete draft['status'];
  // Before the server's own decisions, which belong to nobody.
  const managedFields = trackUpdate(resource, undefined, draft, { manager: managerOf(options), time: timestamp(world.now()) });
  prepareNew(world, resource, target, draft);
  draft.metadata.managedFields = managedFields;
  return storeNew(world, resource, draft, options);
}

/** Everything the server decides about a new object, but who owns its fields. */
export function prepareNew(world: Surroundings, resource: ResourceDefinition, target: Target, draft: StoredObject): void {
  const { metadata } = draft;
  if (metadata.resourceVersion !== undefined) throw badRequest('resourceVersion should not be set on objects to be created');
  placeInNamespace(resource, target, draft);
  if (target.name !== '' && metadata.name === '') metadata.name = target.name;
  if (metadata.name === '' && metadata.generateName !== undefined) metadata.name = generatedName(metadata.generateName, world.random);
  if (resource.namespaced) checkNamespace(world, resource, draft);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  metadata.uid = world.newUid();
  metadata.creationTimestamp = timestamp(world.now());
  if (resource.hasGeneration) metadata.generation = 1;
  else delete metadata.generation;
  if (resource.hasStatus && resource.isCustom) {
    delete draft['status'];
    // A status that the schema fills in is nobody's, and there from the start.
    applyDefaults(draft, resource.schema);
  }
  resource.strategy.prepare?.(draft, undefined);
}

export function storeNew(world: Surroundings, resource: ResourceDefinition, draft: StoredObject, options: WriteOptions): StoredObject {
  const { name, namespace } = draft.metadata;
  validate(resource, draft, undefined);
  options.admit?.({ object: draft, oldObject: undefined });
  if (world.store.get(resource.storage, objectKey(namespace, name)) !== undefined) throw alreadyExists(resource, name);
  return options.dryRun === true ? draft : world.store.write(resource.storage, draft);
}

function placeInNamespace(resource: ResourceDefinition, target: Target, draft: StoredObject): void {
  const { metadata } = draft;
  if (!resource.namespaced) {
    if (metadata.namespace !== undefined) throw badRequest('namespace specified on a cluster-scoped object');
    return;
  }
  const namespace = target.namespace ?? metadata.namespace;
  if (namespace === undefined) throw badRequest('an empty namespace may not be set during creation');
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace;
}

function generatedName(base: string, random: () => number): string {
  const suffix = Array.from({ length: suffixLength }, () => suffixAlphabet[Math.floor(random() * suffixAlphabet.length)]).join('');
  return base.slice(0, generatedBaseMax) + suffix;
}

const namespaceName = { group: '', plural: 'namespaces', kind: 'Namespace' };

function checkNamespace(world: Surroundings, resource: ResourceDefinition, draft: StoredObject): void {
  const namespace = draft.metadata.namespace ?? '';
  const found = world.store.get('namespaces', objectKey(undefined, namespace));
  if (found === undefined) throw notFound(namespaceName, namespace);
  if (at(found, 'status', 'phase') !== 'Terminating') return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const refusal = forbidden(resource, draft.metadata.name, why);
  throw new ApiError(refusal.code, refusal.reason, refusal.message, {
    ...refusal.details,
    causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
  });
}
