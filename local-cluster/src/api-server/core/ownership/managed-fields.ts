/** Who owns which field: metadata.managedFields after each write. */
import { ApiError, type ResourceName } from '../api-error.ts';
import type { JsonObject } from '../json.ts';
import type { ManagedFieldsEntry, StoredObject } from '../object.ts';
import { groupVersion, type ResourceDefinition } from '../resource.ts';
import type { Schema } from '../schema/schema.ts';
import { difference, emptyTree, intersection, isEmpty, paths, readTree, union, writeTree, type FieldTree } from './field-tree.ts';
import { compare, fieldsOf, touched } from './fields-of.ts';
import { mergeApplied, withoutDisowned } from './merge.ts';

export interface Tracking {
  readonly manager: string;
  readonly time: string;
  readonly subresource?: string | undefined;
}

const metadataSchema: Schema = {
  type: 'object',
  properties: {
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
    finalizers: { type: 'array', listType: 'set', items: { type: 'string' } },
    ownerReferences: { type: 'array', listType: 'map', listMapKeys: ['uid'], items: { type: 'object', mapType: 'atomic' } },
  },
};

const untracked: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

export function ownershipSchema(resource: ResourceDefinition): Schema {
  const { schema } = resource;
  if (schema === undefined) return { type: 'object', properties: { metadata: metadataSchema }, preserveUnknownFields: true };
  return { ...schema, properties: { ...schema.properties, metadata: metadataSchema } };
}

/** The fields that can have owners. */
function tracked(object: JsonObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  if (typeof metadata !== 'object' || metadata === null) return rest;
  const kept = Object.entries(metadata).filter(([name]) => !untracked.has(name));
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) };
}

type Owner = ManagedFieldsEntry & { readonly tree: FieldTree };

const ownersOf = (object: StoredObject | undefined): Owner[] =>
  (object?.metadata.managedFields ?? []).map((entry) => ({ ...entry, tree: readTree(entry.fieldsV1) }));

function entries(owners: readonly Owner[]): ManagedFieldsEntry[] {
  return owners.filter(({ tree }) => !isEmpty(tree)).map(({ tree, ...entry }) => ({ ...entry, fieldsV1: writeTree(tree) }));
}

const isBy = (owner: Owner, operation: 'Apply' | 'Update', apiVersion: string, tracking: Tracking): boolean =>
  owner.manager === tracking.manager &&
  owner.operation === operation &&
  owner.apiVersion === apiVersion &&
  (owner.subresource ?? '') === (tracking.subresource ?? '');

function newOwner(operation: 'Apply' | 'Update', apiVersion: string, tracking: Tracking, tree: FieldTree): Owner {
  const { manager, time, subresource } = tracking;
  return {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: {},
    tree,
    ...(subresource !== undefined && { subresource }),
  };
}

/** After a create, update or patch: the writer owns what it changed, nobody owns what is gone. */
export function trackUpdate(
  resource: ResourceDefinition,
  old: StoredObject | undefined,
  next: StoredObject,
  tracking: Tracking,
): ManagedFieldsEntry[] {
  const comparison = compare(old && tracked(old), tracked(next), ownershipSchema(resource));
  const { changed, removed } = comparison;
  const lost = touched(comparison);
  const apiVersion = groupVersion(resource);
  const owners = ownersOf(old);
  const own = owners.find((owner) => isBy(owner, 'Update', apiVersion, tracking));
  const others = owners.map((owner) => (owner === own ? owner : { ...owner, tree: difference(owner.tree, lost) }));
  if (isEmpty({ ...changed, isMember: false }) && isEmpty({ ...removed, isMember: false })) return entries(owners);
  const tree = { ...difference(union(own?.tree ?? emptyTree, changed), removed), isMember: false };
  if (own === undefined) return entries([...others, newOwner('Update', apiVersion, tracking, tree)]);
  return entries(others.map((owner) => (owner === own ? { ...owner, time: tracking.time, tree } : owner)));
}

export interface Applied {
  readonly object: JsonObject;
  readonly managedFields: ManagedFieldsEntry[];
}

/** Server-side apply. Throws a 409 that names the other owners, unless forced. */
export function applyConfiguration(
  resource: ResourceDefinition,
  live: StoredObject | undefined,
  configuration: JsonObject,
  tracking: Tracking,
  force: boolean,
): Applied {
  const schema = ownershipSchema(resource);
  const apiVersion = groupVersion(resource);
  const wanted = { ...fieldsOf(tracked(configuration), schema), isMember: false };
  const owners = ownersOf(live);
  const own = owners.find((owner) => isBy(owner, 'Apply', apiVersion, tracking));
  const others = owners.filter((owner) => owner !== own);

  const overlaid = mergeApplied(live ?? {}, configuration, schema);
  const kept = [wanted, ...others.map(({ tree }) => tree)];
  const merged = own === undefined ? overlaid : withoutDisowned(overlaid, own.tree, kept, schema);

  const { changed, removed } = compare(live === undefined ? {} : tracked(live), tracked(merged), schema);
  const disputes = others
    .map((owner) => ({ owner, fields: intersection(owner.tree, changed) }))
    .filter(({ fields }) => !isEmpty(fields))
    .toSorted((left, right) => (left.owner.manager < right.owner.manager ? -1 : 1));
  if (disputes.length > 0 && !force) throw applyConflict(resource, configuration, disputes);
  const settled = others.map((owner) => ({ ...owner, tree: difference(difference(owner.tree, changed), removed) }));
  const isUnchanged =
    own !== undefined &&
    isEmpty(changed) &&
    isEmpty(removed) &&
    isEmpty(difference(own.tree, wanted)) &&
    isEmpty(difference(wanted, own.tree));
  const entry = isUnchanged ? own : newOwner('Apply', apiVersion, tracking, wanted);
  return { object: merged, managedFields: entries([entry, ...settled]) };
}

interface Dispute {
  readonly owner: Owner;
  readonly fields: FieldTree;
}

function applyConflict(_resource: ResourceName, _configuration: JsonObject, disputes: readonly Dispute[]): ApiError {
  const causes = disputes.flatMap(({ owner, fields }) =>
    paths(fields).map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${describe(owner)}`, field })),
  );
  const byOwner = Map.groupBy(causes, (cause) => cause.message);
  const [only] = causes;
  const text =
    causes.length === 1 && only !== undefined
      ? `${only.message}: ${only.field}`
      : [...byOwner]
          .map(
            ([message, group]) =>
              `${message.replace('conflict with', 'conflicts with')}:\n${group.map(({ field }) => `- ${field}`).join('\n')}`,
          )
          .join('\n');
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  return new ApiError(409, 'Conflict', `Apply failed with ${count}: ${text}`, { causes });
}

function describe(owner: Owner): string {
  const name = JSON.stringify(owner.manager);
  const where = owner.subresource === undefined ? name : `${name} with subresource ${JSON.stringify(owner.subresource)}`;
  return owner.operation === 'Update' ? `${where} using ${owner.apiVersion}` : where;
}
