/** The token subresource of ServiceAccounts. A token may be bound to a Pod, and then says which one its bearer is. */
import { ApiError, badRequest, conflict } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import { at, listOf, numberOf, objectOf, textOf, type Json, type JsonObject } from '../core/json.ts';
import { timestamp, type StoredObject } from '../core/object.ts';
import type { Target } from '../core/requests/request.ts';
import type { Tokens } from '../credentials/tokens.ts';
import { createdAnswer, type Answer } from './exchange.ts';

const lifetimeSeconds = 3600;
const lifetimeMinSeconds = 600;
const lifetimeMaxSeconds = 365 * 24 * 3600;

export function issueToken(core: ApiCore, tokens: Tokens, target: Target, body: JsonObject): Answer {
  const account = core.get(target);
  const { name, namespace = '', uid } = account.metadata;
  const asked = numberOf(at(body, 'spec', 'expirationSeconds')) ?? lifetimeSeconds;
  const seconds = Math.min(Math.max(asked, lifetimeMinSeconds), lifetimeMaxSeconds);
  const expires = new Date(core.now().getTime() + seconds * 1000);
  const audiences = listOf(at(body, 'spec', 'audiences')).filter((each) => typeof each === 'string');
  const pod = boundPod(core, account, at(body, 'spec', 'boundObjectRef'));
  const options = { expires, audiences: audiences.length > 0 ? audiences : undefined, uid, ...(pod && placeOf(core, pod)) };
  const token = tokens.serviceAccountToken({ namespace, serviceAccount: name }, options);
  return createdAnswer({
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(core.now()) },
    spec: { ...objectOf(body['spec']), expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(expires) },
  });
}

function boundPod(core: ApiCore, account: StoredObject, reference: Json | undefined): StoredObject | undefined {
  if (reference === undefined || reference === null) return undefined;
  const word = (field: string): string => textOf(at(reference, field)) ?? '';
  if (word('kind') !== 'Pod' || word('apiVersion') !== 'v1') {
    throw badRequest(`cannot bind token to object of type ${word('apiVersion')}, Kind=${word('kind')}: this API server binds to Pods only`);
  }
  const pods = core.resource('v1', 'pods');
  const pod = core.get({ resource: pods, namespace: account.metadata.namespace, name: word('name') });
  if (word('uid') !== '' && word('uid') !== pod.metadata.uid) throw otherUid(word('name'), word('uid'));
  if (at(pod, 'spec', 'serviceAccountName') !== account.metadata.name) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`,
    );
  }
  return pod;
}

function otherUid(name: string, uid: string): ApiError {
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  return conflict({ group: '', plural: 'Pod', kind: 'Pod' }, name, why);
}

/** The Pod, and its node when it has one. */
function placeOf(core: ApiCore, pod: StoredObject) {
  const { name, uid = '' } = pod.metadata;
  const node = textOf(at(pod, 'spec', 'nodeName')) ?? '';
  if (node === '') return { pod: { name, uid } };
  return { pod: { name, uid }, node: { name: node, uid: core.peek(core.resource('v1', 'nodes'), undefined, node)?.metadata.uid } };
}
