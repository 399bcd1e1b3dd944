import { at, isObject, textOf, type Json, type JsonObject } from '../core/json.ts';
import type { ApiCore } from '../core/api-core.ts';
import { isAllowed, refusal, type Attributes } from '../core/authorization/rbac.ts';
import type { User } from '../credentials/tokens.ts';
import { createdAnswer, readObjectBody, type Answer, type Exchange } from './exchange.ts';
import type { ResourcePath } from './route.ts';

const reviews: Readonly<Record<string, string>> = {
  'authorization.k8s.io/v1/selfsubjectaccessreviews': 'SelfSubjectAccessReview',
  'authentication.k8s.io/v1/selfsubjectreviews': 'SelfSubjectReview',
};

/** Questions about oneself; undefined when the request is none. */
export async function onAccessReview(core: ApiCore, exchange: Exchange, path: ResourcePath): Promise<Answer | undefined> {
  const kind = reviews[`${path.apiVersion}/${path.plural}`];
  if (kind === undefined || exchange.method !== 'POST') return undefined;
  const body = await readObjectBody(exchange);
  const { user } = exchange;
  const status = kind === 'SelfSubjectReview' ? { userInfo: userInfo(user) } : accessStatus(core, exchange, body['spec']);
  return createdAnswer({
    kind,
    apiVersion: path.apiVersion,
    metadata: { creationTimestamp: null },
    ...(isObject(body['spec']) && { spec: body['spec'] }),
    status,
  });
}

function userInfo({ name, uid, groups, extra = {} }: User): JsonObject {
  const texts = Object.entries(extra).map(([key, values]) => [key, [...values]]);
  return {
    username: name,
    ...(uid !== undefined && { uid }),
    groups: [...groups],
    ...(texts.length > 0 && { extra: Object.fromEntries(texts) }),
  };
}

function accessStatus(core: ApiCore, { user }: Exchange, spec: Json | undefined): JsonObject {
  const asked = at(spec, 'resourceAttributes');
  // Paths that are no resources are open to everybody who is somebody.
  if (asked === undefined) return { allowed: true };
  const word = (field: string): string => textOf(at(asked, field)) ?? '';
  const attributes: Attributes = {
    verb: word('verb'),
    group: word('group'),
    resource: word('subresource') === '' ? word('resource') : `${word('resource')}/${word('subresource')}`,
    namespace: word('namespace') === '' ? undefined : word('namespace'),
    name: word('name'),
  };
  return isAllowed(core.store, user, attributes) ? { allowed: true } : { allowed: false, reason: refusal(user, attributes) };
}
