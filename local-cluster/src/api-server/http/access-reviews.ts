import { isObject, type JsonObject } from '../core/json.ts';
import { createdAnswer, readObjectBody, type Answer, type Exchange } from './exchange.ts';
import type { ResourcePath } from './route.ts';

const reviews: Readonly<Record<string, string>> = {
  'authorization.k8s.io/v1/selfsubjectaccessreviews': 'SelfSubjectAccessReview',
  'authentication.k8s.io/v1/selfsubjectreviews': 'SelfSubjectReview',
};

/** Questions about oneself; undefined when the request is none. */
export async function onAccessReview(exchange: Exchange, path: ResourcePath): Promise<Answer | undefined> {
  const kind = reviews[`${path.apiVersion}/${path.plural}`];
  if (kind === undefined || exchange.method !== 'POST') return undefined;
  const body = await readObjectBody(exchange);
  const { user } = exchange;
  const status: JsonObject =
    kind === 'SelfSubjectReview' ? { userInfo: { username: user.name, groups: [...user.groups] } } : { allowed: true };
  return createdAnswer({
    kind,
    apiVersion: path.apiVersion,
    metadata: { creationTimestamp: null },
    ...(isObject(body['spec']) && { spec: body['spec'] }),
    status,
  });
}
