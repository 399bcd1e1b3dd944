/** Which verb on which resource a request is, and whether its user may. */
import { forbidden } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import { isAllowed, refusal, type Attributes } from '../core/authorization/rbac.ts';
import type { ResourceDefinition } from '../core/resource.ts';
import type { Exchange } from './exchange.ts';
import { isTrue } from './query.ts';
import type { ResourcePath } from './route.ts';

const verbs: Readonly<Record<string, readonly [onObject: string, onCollection: string]>> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

/** Throws a 403 in Kubernetes' words. */
export function authorize(core: ApiCore, exchange: Exchange, resource: ResourceDefinition, path: ResourcePath): void {
  const attributes = attributesOf(exchange, resource, path);
  if (!isAllowed(core.store, exchange.user, attributes)) throw forbidden(resource, attributes.name, refusal(exchange.user, attributes));
}

function attributesOf(exchange: Exchange, resource: ResourceDefinition, path: ResourcePath): Attributes {
  const [onObject, onCollection] = verbs[exchange.method] ?? [exchange.method.toLowerCase(), exchange.method.toLowerCase()];
  const isWatch = exchange.method === 'GET' && isTrue(exchange.query.get('watch'));
  // A list or watch of one name may be allowed by that name.
  const selected = /^metadata\.name==?([^,]+)$/.exec(exchange.query.get('fieldSelector') ?? '')?.[1] ?? '';
  const isNamespaceItself = resource.storage === 'namespaces' && path.name !== '';
  return {
    verb: isWatch ? 'watch' : path.name === '' ? onCollection : onObject,
    group: resource.group,
    resource: path.subresource === undefined ? resource.plural : `${resource.plural}/${path.subresource}`,
    namespace: isNamespaceItself ? path.name : path.namespace,
    name: path.name === '' ? selected : path.name,
  };
}
