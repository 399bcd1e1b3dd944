/** Verbs on resources: what each method of each path does. */
import { badRequest, methodNotAllowed, noSuchPath, unsupportedMediaType } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { StoredObject } from '../core/object.ts';
import type { PatchKind } from '../core/requests/patch.ts';
import type { Target, WritableSubresource } from '../core/requests/request.ts';
import { groupVersion, type ResourceDefinition } from '../core/resource.ts';
import { admission } from './admission.ts';
import { contentType, createdAnswer, ok, readBody, readObjectBody, type Answer, type Exchange } from './exchange.ts';
import { deleteOptions, isTrue, listOptions, writeOptions } from './query.ts';
import { includeOf, metadataOf, renderingOf, tableOf } from './table.ts';

const patchKinds: Readonly<Record<string, PatchKind>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};
const applyTypes: ReadonlySet<string> = new Set(['application/apply-patch+yaml', 'application/apply-patch+json']);

/** On one object, or on its status. */
export async function onObject(
  core: ApiCore,
  exchange: Exchange,
  target: Target,
  subresource: WritableSubresource | undefined,
): Promise<Answer> {
  if (subresource === 'status' && !target.resource.hasStatus) throw noSuchPath();
  const { resource } = target;
  switch (exchange.method) {
    case 'GET':
      return ok(rendered(core, exchange, resource, core.get(target)));
    case 'PUT': {
      const body = await readObjectBody(exchange);
      return ok(
        core.update(target, body, { ...writeOptions(exchange), admit: admission(core, exchange, { ...target, subresource }) }, subresource),
      );
    }
    case 'PATCH':
      return patchObject(core, exchange, target, subresource);
    case 'DELETE': {
      if (subresource !== undefined) throw methodNotAllowed(resource);
      const options = deleteOptions(exchange, await readBody(exchange));
      const { object, isGone } = core.delete(target, { ...options, admit: admission(core, exchange, target) });
      return ok(isGone ? deletedStatus(resource, object) : object);
    }
    default:
      throw methodNotAllowed(resource);
  }
}

async function patchObject(
  core: ApiCore,
  exchange: Exchange,
  target: Target,
  subresource: WritableSubresource | undefined,
): Promise<Answer> {
  const type = contentType(exchange.request);
  const kind = patchKinds[type];
  const accepted = [...Object.keys(patchKinds).filter((each) => !target.resource.isCustom || !each.includes('strategic')), ...applyTypes];
  if (!accepted.includes(type)) throw unsupportedMediaType(type, accepted);
  const body = await readBody(exchange);
  if (body === undefined) throw badRequest('a patch needs a body');
  const writing = { ...writeOptions(exchange), admit: admission(core, exchange, { ...target, subresource }) };
  if (kind !== undefined) return ok(core.patch(target, kind, body, writing, subresource));
  if (!isObject(body)) throw badRequest('an apply configuration must be an object');
  const options = {
    ...writing,
    fieldManager: exchange.query.get('fieldManager') ?? '',
    force: isTrue(exchange.query.get('force')),
  };
  const { object, isNew } = core.apply(target, body, options, subresource);
  return isNew ? createdAnswer(object) : ok(object);
}

/** On all objects of a kind, or of a kind in a namespace. Watches are not answered here. */
export async function onCollection(
  core: ApiCore,
  exchange: Exchange,
  resource: ResourceDefinition,
  namespace: string | undefined,
): Promise<Answer> {
  switch (exchange.method) {
    case 'GET':
      return ok(listed(core, exchange, resource, namespace));
    case 'POST': {
      if (resource.namespaced && namespace === undefined) throw methodNotAllowed(resource);
      const body = await readObjectBody(exchange);
      const options = { ...writeOptions(exchange), admit: admission(core, exchange, { resource, namespace }) };
      return createdAnswer(core.create({ resource, namespace, name: '' }, body, options));
    }
    case 'DELETE': {
      if (resource.namespaced && namespace === undefined) throw methodNotAllowed(resource);
      const admit = admission(core, exchange, { resource, namespace, name: '' });
      const options = { ...deleteOptions(exchange, await readBody(exchange)), admit };
      const { items, resourceVersion } = core.list(resource, listOptions(exchange.query, namespace, ''));
      for (const item of items) core.delete({ resource, namespace: item.metadata.namespace, name: item.metadata.name }, options);
      return ok(listObject(resource, items, { resourceVersion }));
    }
    default:
      throw methodNotAllowed(resource);
  }
}

function listed(core: ApiCore, exchange: Exchange, resource: ResourceDefinition, namespace: string | undefined): JsonObject {
  const { items, resourceVersion, continue: next, remainingItemCount } = core.list(resource, listOptions(exchange.query, namespace, ''));
  const metadata = {
    resourceVersion,
    ...(next !== undefined && { continue: next }),
    ...(remainingItemCount !== undefined && { remainingItemCount }),
  };
  switch (renderingOf(exchange.request.headers.accept)) {
    case 'table':
      return tableOf(resource, items, { now: core.now(), include: includeOf(exchange.query), metadata });
    case 'metadata':
      return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(metadataOf) };
    case 'object':
      return listObject(resource, items, metadata);
  }
}

function listObject(resource: ResourceDefinition, items: readonly StoredObject[], metadata: JsonObject): JsonObject {
  return { kind: resource.listKind, apiVersion: groupVersion(resource), metadata, items: [...items] };
}

function rendered(core: ApiCore, exchange: Exchange, resource: ResourceDefinition, object: StoredObject): JsonObject {
  switch (renderingOf(exchange.request.headers.accept)) {
    case 'table':
      return tableOf(resource, [object], {
        now: core.now(),
        include: includeOf(exchange.query),
        metadata: { resourceVersion: object.metadata.resourceVersion },
      });
    case 'metadata':
      return metadataOf(object);
    case 'object':
      return object;
  }
}

function deletedStatus(resource: ResourceDefinition, object: StoredObject): JsonObject {
  const { name, uid } = object.metadata;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(resource.group !== '' && { group: resource.group }), kind: resource.plural, uid },
  };
}
