/** Reading, checking and carrying over object metadata. */
import { badRequest } from './api-error.ts';
import { forbiddenValue, invalidValue, requiredValue, type FieldError } from './field-error.ts';
import { isObject, jsonEqual, stringMap, type Json, type JsonObject } from './json.ts';
import type { ManagedFieldsEntry, Metadata, OwnerReference, StoredObject } from './object.ts';
import type { ResourceDefinition } from './resource.ts';

/** What the server alone decides. */
const serverFields = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'resourceVersion',
  'selfLink',
] as const;

/** Takes a decoded body as an object; wrong types in metadata are a bad request, as they are to Kubernetes' decoder. */
export function readObject(body: JsonObject): StoredObject {
  const { apiVersion, kind, metadata, ...rest } = body;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw badRequest("Object 'Kind' is missing in the request body");
  return { ...rest, apiVersion, kind, metadata: readMetadata(metadata ?? {}) };
}

function readMetadata(json: Json): Metadata {
  if (!isObject(json)) throw wrong('metadata', 'object', json);
  const metadata: Metadata = { name: text(json, 'name') ?? '' };
  for (const field of ['namespace', 'generateName', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp'] as const) {
    const value = text(json, field);
    if (value !== undefined && value !== '') metadata[field] = value;
  }
  for (const field of ['generation', 'deletionGracePeriodSeconds'] as const) {
    const value = json[field];
    if (typeof value === 'number') metadata[field] = value;
    else if (value !== undefined && value !== null) throw wrong(`metadata.${field}`, 'int64', value);
  }
  for (const field of ['labels', 'annotations'] as const) {
    const value = json[field];
    if (value === undefined || value === null) continue;
    if (!isObject(value)) throw wrong(`metadata.${field}`, 'map[string]string', value);
    for (const each of Object.values(value)) if (typeof each !== 'string') throw wrong(`metadata.${field}`, 'string', each ?? null);
    if (Object.keys(value).length > 0) metadata[field] = { ...stringMap(value) };
  }
  const finalizers = list(json, 'finalizers').map((each) =>
    typeof each === 'string' ? each : fail('metadata.finalizers', 'string', each),
  );
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  const owners = list(json, 'ownerReferences').map(readOwner);
  if (owners.length > 0) metadata.ownerReferences = owners;
  const managed = list(json, 'managedFields').flatMap(readManaged);
  if (managed.length > 0) metadata.managedFields = managed;
  return metadata;
}

function readOwner(json: Json): OwnerReference {
  if (!isObject(json)) throw wrong('metadata.ownerReferences', 'object', json);
  return {
    apiVersion: text(json, 'apiVersion') ?? '',
    kind: text(json, 'kind') ?? '',
    name: text(json, 'name') ?? '',
    uid: text(json, 'uid') ?? '',
    ...(typeof json['controller'] === 'boolean' && { controller: json['controller'] }),
    ...(typeof json['blockOwnerDeletion'] === 'boolean' && { blockOwnerDeletion: json['blockOwnerDeletion'] }),
  };
}

function readManaged(json: Json): ManagedFieldsEntry[] {
  if (!isObject(json) || !isObject(json['fieldsV1'])) return [];
  const subresource = text(json, 'subresource');
  return [
    {
      manager: text(json, 'manager') ?? '',
      operation: json['operation'] === 'Apply' ? 'Apply' : 'Update',
      apiVersion: text(json, 'apiVersion') ?? '',
      time: text(json, 'time') ?? '',
      fieldsType: 'FieldsV1',
      fieldsV1: json['fieldsV1'],
      ...(subresource !== undefined && subresource !== '' && { subresource }),
    },
  ];
}

function text(json: JsonObject, field: string): string | undefined {
  const value = json[field];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : fail(`metadata.${field}`, 'string', value);
}

function list(json: JsonObject, field: string): readonly Json[] {
  const value = json[field] ?? [];
  return Array.isArray(value) ? value : fail(`metadata.${field}`, 'array', value);
}

function fail(field: string, wanted: string, got: Json): never {
  throw wrong(field, wanted, got);
}

const wrong = (field: string, wanted: string, got: Json): Error =>
  badRequest(
    `unable to decode the request body: cannot unmarshal ${Array.isArray(got) ? 'array' : got === null ? 'null' : typeof got} into field ${field} of type ${wanted}`,
  );

/** Unknown names directly under metadata. */
export function unknownMetadata(json: Json | undefined): string[] {
  const known = new Set<string>([
    ...serverFields,
    'name',
    'namespace',
    'generateName',
    'labels',
    'annotations',
    'finalizers',
    'ownerReferences',
    'managedFields',
  ]);
  return isObject(json)
    ? Object.keys(json)
        .filter((name) => !known.has(name))
        .map((name) => `metadata.${name}`)
    : [];
}

/** Gives a draft the server's own metadata of the object it replaces. */
export function keepServerMetadata(draft: StoredObject, old: StoredObject): void {
  for (const field of serverFields) delete draft.metadata[field];
  Object.assign(
    draft.metadata,
    Object.fromEntries(serverFields.flatMap((field) => (old.metadata[field] === undefined ? [] : [[field, old.metadata[field]]]))),
  );
  if (old.metadata.generateName !== undefined) draft.metadata.generateName = old.metadata.generateName;
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const labelPattern = new RegExp(`^${label}$`);
const subdomainPattern = new RegExp(`^${label}(\\.${label})*$`);
const servicePattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const serviceText =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const qualifiedText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

export function metadataErrors(object: StoredObject, resource: ResourceDefinition): FieldError[] {
  const { metadata } = object;
  return [
    ...nameErrors(metadata, resource),
    ...Object.keys(metadata.labels ?? {}).flatMap((key) => keyErrors('metadata.labels', key)),
    ...Object.values(metadata.labels ?? {}).flatMap(labelValueErrors),
    ...Object.keys(metadata.annotations ?? {}).flatMap((key) => keyErrors('metadata.annotations', key.toLowerCase())),
    ...(metadata.ownerReferences ?? []).flatMap(ownerErrors),
    ...controllerErrors(metadata.ownerReferences ?? []),
  ];
}

function nameErrors(metadata: Metadata, resource: ResourceDefinition): FieldError[] {
  const { name } = metadata;
  if (name === '') return [requiredValue('metadata.name', 'name or generateName is required')];
  const check = resource.strategy.nameCheck ?? 'subdomain';
  const bad = (detail: string): FieldError[] => [invalidValue('metadata.name', name, detail)];
  switch (check) {
    case 'path':
      if (name === '.' || name === '..') return bad(`may not be '${name}'`);
      return ['/', '%'].filter((part) => name.includes(part)).flatMap((part) => bad(`may not contain '${part}'`));
    case 'label':
      if (name.length > 63) return bad('must be no more than 63 characters');
      return labelPattern.test(name) ? [] : bad(labelText);
    case 'service':
      if (name.length > 63) return bad('must be no more than 63 characters');
      return servicePattern.test(name) ? [] : bad(serviceText);
    case 'subdomain':
      if (name.length > 253) return bad('must be no more than 253 characters');
      return subdomainPattern.test(name) ? [] : bad(subdomainText);
  }
}

function keyErrors(field: string, key: string): FieldError[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (parts.length > 2) return [invalidValue(field, key, `a valid label key must have at most one '/'`)];
  if (prefix !== undefined && !subdomainPattern.test(prefix)) return [invalidValue(field, key, `prefix part ${subdomainText}`)];
  if (name === '') return [invalidValue(field, key, 'name part must be non-empty')];
  if (name.length > 63) return [invalidValue(field, key, 'name part must be no more than 63 characters')];
  return qualifiedName.test(name) ? [] : [invalidValue(field, key, qualifiedText)];
}

export function labelValueErrors(value: string): FieldError[] {
  if (value.length > 63) return [invalidValue('metadata.labels', value, 'must be no more than 63 characters')];
  return labelValue.test(value) ? [] : [invalidValue('metadata.labels', value, labelValueText)];
}

function ownerErrors(owner: OwnerReference): FieldError[] {
  return (['apiVersion', 'kind', 'name', 'uid'] as const)
    .filter((field) => owner[field] === '')
    .map((field) =>
      invalidValue(`metadata.ownerReferences.${field}`, '', field === 'apiVersion' ? 'version must not be empty' : 'must not be empty'),
    );
}

function controllerErrors(owners: readonly OwnerReference[]): FieldError[] {
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length < 2) return [];
  const [first, second] = controllers;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first?.kind}/${first?.name} and ${second?.kind}/${second?.name}`;
  return [{ kind: 'invalid', field: 'metadata.ownerReferences', value: null, detail }];
}

export function metadataUpdateErrors(draft: StoredObject, old: StoredObject): FieldError[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = new Set(old.metadata.finalizers);
  const added = (draft.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return [];
  const names = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  return [
    forbiddenValue(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`,
    ),
  ];
}

/** Whether anything but bookkeeping differs. */
export function sameButManagedFields(left: StoredObject, right: StoredObject): boolean {
  return jsonEqual(withoutBookkeeping(left), withoutBookkeeping(right));
}

function withoutBookkeeping(object: StoredObject): JsonObject {
  return {
    ...object,
    metadata: { ...object.metadata, managedFields: [], resourceVersion: '' },
  };
}
