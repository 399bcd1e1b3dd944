/** The scale subresource of custom kinds. */
import type { Admit } from '../core/admission/admission-request.ts';
import { badRequest, methodNotAllowed, noSuchPath, unsupportedMediaType } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import { at, isObject, numberOf, textOf, type Json, type JsonObject } from '../core/json.ts';
import type { StoredObject } from '../core/object.ts';
import { mergePatch } from '../core/patch/merge-patch.ts';
import { jsonPatch } from '../core/patch/json-patch.ts';
import type { Target } from '../core/requests/request.ts';
import type { ScalePaths } from '../core/resource.ts';
import { admission } from './admission.ts';
import { contentType, ok, readBody, readObjectBody, type Answer, type Exchange } from './exchange.ts';
import { writeOptions } from './query.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

export async function onScale(core: ApiCore, exchange: Exchange, target: Target): Promise<Answer> {
  const paths = target.resource.scale;
  if (paths === undefined) throw noSuchPath();
  const object = core.get(target);
  const current = scaleOf(object, paths);
  switch (exchange.method) {
    case 'GET':
      return ok(current);
    case 'PUT':
      return ok(setScale(core, exchange, target, paths, await readObjectBody(exchange)));
    case 'PATCH': {
      const body = await readBody(exchange);
      return ok(setScale(core, exchange, target, paths, patchedScale(current, body, contentType(exchange.request))));
    }
    default:
      throw methodNotAllowed(target.resource);
  }
}

function patchedScale(current: JsonObject, body: Json | undefined, type: string): JsonObject {
  if (type === 'application/json-patch+json') return jsonPatch(current, body ?? null);
  if (type !== 'application/merge-patch+json')
    throw unsupportedMediaType(type, ['application/json-patch+json', 'application/merge-patch+json']);
  if (!isObject(body)) throw badRequest('a merge patch must be an object');
  return mergePatch(current, body);
}

function setScale(core: ApiCore, exchange: Exchange, target: Target, paths: ScalePaths, scale: JsonObject): JsonObject {
  const replicas = numberOf(at(scale, 'spec', 'replicas')) ?? 0;
  const resourceVersion = textOf(at(scale, 'metadata', 'resourceVersion'));
  const patch: JsonObject = nested(fieldsOf(paths.specReplicasPath), replicas);
  if (resourceVersion !== undefined && resourceVersion !== '') patch['metadata'] = { resourceVersion };
  const admitScale = admission(core, exchange, { ...target, subresource: 'scale', kind: scaleKind });
  const admit: Admit | undefined =
    admitScale &&
    (({ object, oldObject }) =>
      admitScale({ object: object && scaleOf(object, paths), oldObject: oldObject && scaleOf(oldObject, paths) }));
  return scaleOf(core.patch(target, 'merge', patch, { ...writeOptions(exchange), admit }), paths);
}

const fieldsOf = (path: string): string[] => path.split('.').filter((part) => part !== '');

function nested([first, ...rest]: readonly string[], value: number): JsonObject {
  if (first === undefined) return {};
  return { [first]: rest.length === 0 ? value : nested(rest, value) };
}

function scaleOf(object: StoredObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.labelSelectorPath === undefined ? undefined : textOf(at(object, ...fieldsOf(paths.labelSelectorPath)));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberOf(at(object, ...fieldsOf(paths.specReplicasPath))) ?? 0 },
    status: { replicas: numberOf(at(object, ...fieldsOf(paths.statusReplicasPath))) ?? 0, ...(selector !== undefined && { selector }) },
  };
}
