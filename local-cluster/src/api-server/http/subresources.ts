/** Subresources that are actions: binding and eviction of Pods, tokens of ServiceAccounts, reviews of access. */
import { badRequest, methodNotAllowed, noSuchPath, tooManyRequests } from '../core/api-error.ts';
import type { ApiCore } from '../core/api-core.ts';
import { at, listOf, numberOf, objectOf, stringMap, textOf, type JsonObject } from '../core/json.ts';
import { timestamp, type StoredObject } from '../core/object.ts';
import type { Target } from '../core/requests/request.ts';
import type { Tokens } from '../credentials/tokens.ts';
import { admission } from './admission.ts';
import { issueToken } from './issue-token.ts';
import { createdAnswer, readObjectBody, type Answer, type Exchange } from './exchange.ts';
import { deleteOptions, writeOptions } from './query.ts';

const kinds: Readonly<Record<string, { readonly group: string; readonly version: string; readonly kind: string }>> = {
  'pods/binding': { group: '', version: 'v1', kind: 'Binding' },
  'pods/eviction': { group: 'policy', version: 'v1', kind: 'Eviction' },
  'serviceaccounts/token': { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
};

export async function onAction(core: ApiCore, tokens: Tokens, exchange: Exchange, target: Target, subresource: string): Promise<Answer> {
  const action = `${target.resource.storage}/${subresource}`;
  const kind = kinds[action];
  if (kind === undefined) throw noSuchPath();
  if (exchange.method !== 'POST') throw methodNotAllowed(target.resource);
  const body = await readObjectBody(exchange);
  const { name, namespace } = target;
  const object = { ...body, metadata: { name, ...(namespace !== undefined && { namespace }), ...objectOf(body['metadata']) } };
  admission(core, exchange, { ...target, subresource, kind })?.({ object, oldObject: undefined });
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
  const budgets = isReady(pod) ? budgetsOf(core, pod) : budgetsOf(core, pod).filter(holdsUnready);
  const budget = budgets.find((each) => allowedBy(each) < 1);
  if (budget !== undefined) {
    const { name } = budget.metadata;
    const counts = `needs ${numberOf(at(budget, 'status', 'desiredHealthy')) ?? 0} healthy pods and has ${numberOf(at(budget, 'status', 'currentHealthy')) ?? 0} currently`;
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 10, [
      { reason: 'DisruptionBudget', message: `The disruption budget ${name} ${counts}` },
    ]);
  }
  // Whoever counts sees the eviction a moment later, and another must not pass until then.
  for (const each of budgets) {
    const { name, namespace } = each.metadata;
    const resource = core.resource('policy/v1', 'poddisruptionbudgets');
    core.patch({ resource, namespace, name }, 'merge', { status: { disruptionsAllowed: allowedBy(each) - 1 } }, {}, 'status');
  }
  core.delete(target, deleteOptions(exchange, objectOf(body['deleteOptions'])));
  return createdAnswer(success(201));
}

function allowedBy(budget: StoredObject): number {
  return numberOf(at(budget, 'status', 'disruptionsAllowed')) ?? 0;
}

function holdsUnready(budget: StoredObject): boolean {
  return at(budget, 'spec', 'unhealthyPodEvictionPolicy') !== 'AlwaysAllow';
}

function isReady(pod: StoredObject): boolean {
  return listOf(at(pod, 'status', 'conditions')).some((each) => at(each, 'type') === 'Ready' && at(each, 'status') === 'True');
}

function budgetsOf(core: ApiCore, pod: StoredObject): StoredObject[] {
  const budgets = core.resource('policy/v1', 'poddisruptionbudgets');
  return core.list(budgets, { namespace: pod.metadata.namespace }).items.filter((budget) => {
    const wanted = Object.entries(stringMap(at(budget, 'spec', 'selector', 'matchLabels')));
    return wanted.length > 0 && wanted.every(([key, value]) => pod.metadata.labels?.[key] === value);
  });
}
