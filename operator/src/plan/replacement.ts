/**
 * Which Pod is replaced next, if any: at most one in a plan.
 *
 * A Pod that has ended serves nothing, so replacing it waits for nobody. A Pod that never was Ready with its template holds no turn
 * either: else a broken image could never be mended. Every other drifted Pod waits until all other nodes of the cluster are Ready.
 */
import { driftOf } from './drift.ts';
import type { ObservedNode, ObservedNodes, ObservedPod } from './observed-nodes.ts';
import type { NodeStep } from './step.ts';

interface Candidate {
  readonly pool: string;
  readonly node: ObservedNode;
  readonly pod: ObservedPod;
}

interface Drifted extends Candidate {
  readonly drift: string;
}

export function planReplacement(observed: ObservedNodes, comingUp: readonly string[]): readonly NodeStep[] {
  const candidates = observed.pools.flatMap((pool) => pool.nodes.flatMap((node) => candidateOf(pool.name, node)));
  const dead = candidates.find(({ pod }) => pod.ended !== undefined);
  if (dead?.pod.ended !== undefined) return [replace(dead, dead.pod.ended)];

  const drifted = candidates.flatMap((candidate) => driftedOf(candidate));
  if (observed.isPaused) return drifted.map((each) => wait(each, `${each.drift}, but spec.update.pause is true`));
  const notReady = [...comingUp, ...nodesNotReady(observed)];
  const others = ({ node }: Candidate) => notReady.filter((name) => name !== node.name);
  const next =
    drifted.find(({ pod }) => !pod.isReady && !pod.wasReady) ?? drifted.toSorted(unreadyFirst).find((each) => others(each).length === 0);
  return drifted.map((each) => {
    if (each === next) return replace(each, each.drift);
    const [other] = [...others(each), ...(next ? [next.node.name] : [])];
    return wait(each, `${each.drift}, but first ${other ?? 'the other nodes'} must be Ready`);
  });
}

function candidateOf(pool: string, node: ObservedNode): readonly Candidate[] {
  return node.pod === undefined || node.pod.deletingSince !== undefined ? [] : [{ pool, node, pod: node.pod }];
}

function driftedOf(candidate: Candidate): readonly Drifted[] {
  const drift = driftOf(candidate.pod.running, candidate.pod.wanted);
  return drift === undefined ? [] : [{ ...candidate, drift }];
}

function nodesNotReady({ pools }: ObservedNodes): readonly string[] {
  const nodes = pools.flatMap((pool) => pool.nodes);
  return nodes.filter(({ pod }) => pod === undefined || pod.deletingSince !== undefined || !pod.isReady).map(({ name }) => name);
}

function unreadyFirst(a: Candidate, b: Candidate): number {
  return Number(a.pod.isReady) - Number(b.pod.isReady);
}

function replace({ pool, node, pod }: Candidate, because: string): NodeStep {
  return { kind: 'delete-pod', object: node.name, pool, zone: node.zone, precondition: pod.precondition, because };
}

function wait({ node }: Candidate, because: string): NodeStep {
  return { kind: 'wait', object: node.name, because };
}
