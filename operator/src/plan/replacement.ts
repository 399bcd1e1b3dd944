/**
 * Which Pod is replaced next, if any: at most one in a plan.
 *
 * A Pod that has ended serves nothing, so replacing it waits for nobody. A Pod that never was Ready with its template holds no turn
 * either: else a broken image could never be mended. Every other drifted Pod waits until all other nodes of the cluster are Ready, until
 * no shard would miss its copies (`node-down.ts`), and until its primaries have been handed over. Nodes for reads go first, then who
 * leads least.
 */
import { driftOf } from './drift.ts';
import { mayGoDown } from './node-down.ts';
import type { ObservedNode, ObservedNodes, ObservedPod, ObservedPool } from './observed-nodes.ts';
import type { NodeStep } from './step.ts';

interface Candidate {
  readonly pool: string;
  readonly role: ObservedPool['role'];
  readonly node: ObservedNode;
  readonly pod: ObservedPod;
}

interface Drifted extends Candidate {
  readonly drift: string;
}

export function planReplacement(observed: ObservedNodes, comingUp: readonly string[]): readonly NodeStep[] {
  const candidates = observed.pools.flatMap((pool) => stayingNodes(pool).flatMap((node) => candidateOf(pool, node)));
  const dead = candidates.find(({ pod }) => pod.ended !== undefined);
  if (dead?.pod.ended !== undefined) return [replace(dead, dead.pod.ended)];

  const drifted = candidates.flatMap((candidate) => driftedOf(candidate));
  if (observed.isPaused) return drifted.map((each) => wait(each, `${each.drift}, but spec.update.pause is true`));
  const notReady = [...comingUp, ...nodesNotReady(observed)];
  const unready = ({ node }: Candidate) => notReady.filter((name) => name !== node.name);
  const unserving = drifted.find(({ pod }) => !pod.isReady && !pod.wasReady);
  if (unserving !== undefined)
    return drifted.map((each) => (each === unserving ? replace(each, each.drift) : waitFor(each, unserving.node.name)));

  const isDrifted = (name: string) => drifted.some(({ node }) => node.name === name);
  const led = (name: string) => observed.shards.filter(({ primary }) => primary?.node === name).length;
  const others = { isDrifted, dataNodes: dataNodesOf(observed) };
  const verdicts = new Map(drifted.map((each) => [each, mayGoDown(each.node.name, observed.shards, others)]));
  const next = drifted
    .toSorted((a, b) => unreadyFirst(a, b) || dataLast(a, b) || led(a.node.name) - led(b.node.name))
    .find((each) => unready(each).length === 0 && verdicts.get(each)?.kind !== 'refused');
  return drifted.flatMap((each): readonly NodeStep[] => {
    const [other] = unready(each);
    const verdict = verdicts.get(each);
    if (other !== undefined) return [waitFor(each, other)];
    if (verdict?.kind === 'refused') return [{ ...wait(each, `${each.drift}, but ${verdict.because}`), needsPerson: verdict.needsPerson }];
    if (each !== next) return [waitFor(each, next?.node.name ?? 'the other nodes')];
    if (verdict?.kind === 'handing-over') return [...verdict.steps, wait(each, `${each.drift}, and first ${verdict.because}`)];
    return [replace(each, each.drift)];
  });
}

/** Who leaves is not mended first. */
function stayingNodes({ nodes, leaving }: ObservedPool): readonly ObservedNode[] {
  return nodes.filter(({ name }) => !leaving.some(({ node }) => node === name));
}

function candidateOf({ name: pool, role }: ObservedPool, node: ObservedNode): readonly Candidate[] {
  return node.pod === undefined || node.pod.deletingSince !== undefined ? [] : [{ pool, role, node, pod: node.pod }];
}

function driftedOf(candidate: Candidate): readonly Drifted[] {
  const drift = driftOf(candidate.pod.running, candidate.pod.wanted);
  return drift === undefined ? [] : [{ ...candidate, drift }];
}

function nodesNotReady({ pools }: ObservedNodes): readonly string[] {
  const nodes = pools.flatMap((pool) => pool.nodes);
  return nodes.filter(({ pod }) => pod === undefined || pod.deletingSince !== undefined || !pod.isReady).map(({ name }) => name);
}

function dataNodesOf({ pools }: ObservedNodes): number {
  const data = pools.filter(({ role }) => role === 'Data');
  return data.reduce((sum, { replicas, nodes }) => sum + Math.max(replicas, nodes.length), 0);
}

function unreadyFirst(a: Candidate, b: Candidate): number {
  return Number(a.pod.isReady) - Number(b.pod.isReady);
}

/** Nobody waits for a node that holds no copy in sync. */
function dataLast(a: Candidate, b: Candidate): number {
  return Number(a.role === 'Data') - Number(b.role === 'Data');
}

function replace({ pool, node, pod }: Candidate, because: string): NodeStep {
  return { kind: 'delete-pod', object: node.name, pool, zone: node.zone, precondition: pod.precondition, because };
}

function waitFor(candidate: Drifted, other: string): NodeStep {
  return wait(candidate, `${candidate.drift}, but first ${other} must be Ready`);
}

function wait({ node }: Candidate, because: string): Extract<NodeStep, { kind: 'wait' }> {
  return { kind: 'wait', object: node.name, because };
}
