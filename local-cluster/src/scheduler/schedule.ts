/**
 * Which node a Pod goes to: filters, then scores, in the order and with the words of kube-scheduler, for the constraints that storage
 * Pods use (node selector, taints, bound volumes, topology spread, Pod anti-affinity by host).
 */
import type { Node, Pod, Taint, Toleration, TopologySpreadConstraint } from '@vectorcluster/kube/types/core.ts';

export type Decision =
  | { readonly kind: 'node'; readonly node: string }
  /** `because` is the message of the PodScheduled condition and of the FailedScheduling event. */
  | { readonly kind: 'none'; readonly because: string };

export interface SchedulingWorld {
  readonly nodes: readonly Node[];
  /** Pods that have a node and have not ended. */
  readonly pods: readonly Pod[];
  /** Node that a bound volume of the Pod lives on, when one does. */
  readonly volumeNode?: string | undefined;
}

export function schedule(pod: Pod, world: SchedulingWorld): Decision {
  const refusals = new Map<string, number>();
  const feasible: Node[] = [];
  for (const node of world.nodes) {
    const refusal = refusalOf(pod, node, world);
    if (refusal === undefined) feasible.push(node);
    else refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
  }
  const best = feasible.toSorted((a, b) => score(pod, b, world) - score(pod, a, world) || compareNames(a, b))[0];
  if (best) return { kind: 'node', node: nameOf(best) };
  const parts = [...refusals].map(([refusal, count]) => `${count} ${refusal}`).toSorted();
  return { kind: 'none', because: `0/${world.nodes.length} nodes are available: ${parts.join(', ') || 'there are none'}.` };
}

function refusalOf(pod: Pod, node: Node, world: SchedulingWorld): string | undefined {
  if (node.spec?.unschedulable === true) return 'node(s) were unschedulable';
  if (!node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'))
    return 'node(s) were not ready';
  const labels = node.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(pod.spec?.nodeSelector ?? {})) {
    if (labels[key] !== value) return "node(s) didn't match Pod's node affinity/selector";
  }
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect === 'PreferNoSchedule') continue;
    if (!(pod.spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint))) {
      return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
    }
  }
  if (world.volumeNode !== undefined && world.volumeNode !== nameOf(node)) return 'node(s) had volume node affinity conflict';
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable === 'DoNotSchedule' && skewAfter(constraint, node, world) > constraint.maxSkew) {
      return "node(s) didn't match pod topology spread constraints";
    }
  }
  return undefined;
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.operator === 'Exists') return toleration.key === undefined || toleration.key === '' || toleration.key === taint.key;
  return toleration.key === taint.key && (toleration.value ?? '') === (taint.value ?? '');
}

/** Fewer matching Pods in the same topology weigh most, then fewer Pods at all. */
function score(pod: Pod, node: Node, world: SchedulingWorld): number {
  let points = 0;
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) points -= 1000 * matchingIn(constraint, node, world);
  return points - world.pods.filter((other) => other.spec?.nodeName === nameOf(node)).length;
}

function skewAfter(constraint: TopologySpreadConstraint, node: Node, world: SchedulingWorld): number {
  const counts = world.nodes.map((each) => matchingIn(constraint, each, world));
  return matchingIn(constraint, node, world) + 1 - Math.min(...counts);
}

function matchingIn(constraint: TopologySpreadConstraint, node: Node, world: SchedulingWorld): number {
  const domain = node.metadata?.labels?.[constraint.topologyKey];
  const inDomain = new Set(
    world.nodes.filter((each) => each.metadata?.labels?.[constraint.topologyKey] === domain).map((each) => nameOf(each)),
  );
  const wanted = Object.entries(constraint.labelSelector?.matchLabels ?? {});
  return world.pods.filter(
    (other) => inDomain.has(other.spec?.nodeName ?? '') && wanted.every(([key, value]) => other.metadata?.labels?.[key] === value),
  ).length;
}

function compareNames(a: Node, b: Node): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

function nameOf(node: Node): string {
  return node.metadata?.name ?? '';
}
