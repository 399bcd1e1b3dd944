/** What the expressions of a policy see of one write: `object`, `oldObject`, `request` and `namespaceObject`. */
import type { JsonObject } from '../json.ts';
import type { ResourceDefinition } from '../resource.ts';
import { toCel } from '../schema/cel-value.ts';
import { operationOf, type Admittance, type ObjectChange } from './admission-request.ts';
import { once, typed, type Bindings } from './expression.ts';

export interface Matched {
  readonly name: string;
  /** Under which the policy's rules cover the resource; objects are shown in it. */
  readonly version: ResourceDefinition;
  readonly namespace: JsonObject | undefined;
}

/** Objects are turned into CEL's values only when an expression looks at them. */
export function requestBindings(admittance: Admittance, change: ObjectChange<JsonObject>, { name, version, namespace }: Matched): Bindings {
  const asMatched = (object: JsonObject | undefined): unknown =>
    object === undefined ? null : toCel(version.conversion?.fromStored(object) ?? object, undefined);
  const object = once(() => asMatched(change.object));
  const oldObject = once(() => asMatched(change.oldObject));
  const request = once(() => requestOf(admittance, change, name, version));
  const namespaceObject = once(() => (namespace === undefined ? null : toCel(namespace, undefined)));
  return {
    get object() {
      return object();
    },
    get oldObject() {
      return oldObject();
    },
    get request() {
      return request();
    },
    get namespaceObject() {
      return namespaceObject();
    },
  };
}

function requestOf(admittance: Admittance, change: ObjectChange<JsonObject>, name: string, version: ResourceDefinition): unknown {
  const { resource, subresource, user, namespace, dryRun, options, kind } = admittance;
  const operation = operationOf(change);
  const optionsKind = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }[operation];
  const hasExtra = user.extra !== undefined && Object.keys(user.extra).length > 0;
  return typed.request({
    kind: typed.kind(kind ?? version),
    resource: typed.resource(version),
    requestKind: typed.kind(kind ?? resource),
    requestResource: typed.resource(resource),
    ...(subresource !== undefined && { subResource: subresource, requestSubResource: subresource }),
    ...(name !== '' && { name }),
    ...(namespace !== undefined && { namespace }),
    operation,
    userInfo: typed.user({
      username: user.name,
      ...(user.uid !== undefined && { uid: user.uid }),
      groups: user.groups,
      ...(hasExtra && { extra: user.extra }),
    }),
    dryRun,
    options: { kind: optionsKind, apiVersion: 'meta.k8s.io/v1', ...options },
  });
}
