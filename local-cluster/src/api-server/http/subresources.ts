/** Subresources that are actions: binding and eviction of Pods, tokens of ServiceAccounts, reviews of access. */
import { badRequest, methodNotAllowed, noSuchPath, tooManyRequests } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import { at, listOf, numberOf, objectOf, stringMap, textOf, type JsonObject } from '../core/json.ts';
import { timestamp, type StoredObject } from '../core/object.ts';
import type { Target } from '../core/requests/request.ts';
import type { Tokens } from '../credentials/tokens.ts';
import { createdAnswer, readObjectBody, type Answer, type Exchange } from './exchange.ts';
import { deleteOptions, writeOptions } from './query.ts';

const tokenLifetimeSeconds = 3600;
const tokenLifetimeMaxSeconds = 365 * 24 * 3600;

export async function onAction(core: ApiCore, tokens: Tokens, exchange: Exchange, target: Target, subresource: string): Promise<Answer> {
  const action = `${target.resource.storage}/${subresource}`;
  if (!['pods/binding', 'pods/eviction', 'serviceaccounts/token'].includes(action)) throw noSuchPath();
  if (exchange.method !== 'POST') throw methodNotAllowed(target.resource);
  const body = await readObjectBody(exchange);
  if (action === 'pods/binding') return bind(core, exchange, target, body);
  if (action === 'pods/eviction') return evict(core, exchange, target, body);
  return issueToken(core, tokens, target, body);
}

const success = (code: number): JsonObject => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code });

function bind(core: ApiCore, exchange: Exchange, target: Target, body: JsonObject): Answer {
  const node = textOf(at(body, 'target', 'name')) ?? '';
  const pod = core.get(target);
  if (node === '') throw badRequest('a binding needs target.name');
  const bound = textOf(at(pod, 'spec', 'nodeName')) ?? '';
  if (bound !== '') throw badRequest(`pod ${target.name} is already assigned to node "${bound}"`);
  const options = writeOptions(exchange);
  core.patch(target, 'merge', { spec: { nodeName: node } }, options);
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(core.now()) };
  core.patch(target, 'strategic', { status: { conditions: [scheduled] } }, options, 'status');
  return createdAnswer(success(201));
}

function evict(core: ApiCore, exchange: Exchange, target: Target, body: JsonObject): Answer {
  const pod = core.get(target);
  const budget = budgetsOf(core, pod).find((each) => (numberOf(at(each, 'status', 'disruptionsAllowed')) ?? 0) < 1);
  if (budget !== undefined) {
    const { name } = budget.metadata;
    const counts = `needs ${numberOf(at(budget, 'status', 'desiredHealthy')) ?? 0} healthy pods and has ${numberOf(at(budget, 'status', 'currentHealthy')) ?? 0} currently`;
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 10, [
      { reason: 'DisruptionBudget', message: `The disruption budget ${name} ${counts}` },
    ]);
  }
  core.delete(target, deleteOptions(exchange, objectOf(body['deleteOptions'])));
  return createdAnswer(success(201));
}

function budgetsOf(core: ApiCore, pod: StoredObject): StoredObject[] {
  const budgets = core.resource('policy/v1', 'poddisruptionbudgets');
  return core.list(budgets, { namespace: pod.metadata.namespace }).items.filter((budget) => {
    const wanted = Object.entries(stringMap(at(budget, 'spec', 'selector', 'matchLabels')));
    return wanted.length > 0 && wanted.every(([key, value]) => pod.metadata.labels?.[key] === value);
  });
}

function issueToken(core: ApiCore, tokens: Tokens, target: Target, body: JsonObject): Answer {
  const account = core.get(target);
  const asked = numberOf(at(body, 'spec', 'expirationSeconds')) ?? tokenLifetimeSeconds;
  const seconds = Math.min(Math.max(asked, 600), tokenLifetimeMaxSeconds);
  const expires = new Date(core.now().getTime() + seconds * 1000);
  const audiences = listOf(at(body, 'spec', 'audiences')).filter((each) => typeof each === 'string');
  const { name, namespace = '' } = account.metadata;
  const token = tokens.serviceAccountToken({ namespace, serviceAccount: name }, expires, audiences.length > 0 ? audiences : undefined);
  return createdAnswer({
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(core.now()) },
    spec: { ...objectOf(body['spec']), expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(expires) },
  });
}
