/** The nodes of one cluster: what to make, what to replace, what to wait for, and what cannot be done. */
import { nextAskMs } from './ask-hand-over.ts';
import { conditionsOf, type ConditionDraft, type Finding } from './conditions.ts';
import { withHeldPools } from './held-pools.ts';
import { emptying, isEmptied, letGo } from './leaving-nodes.ts';
import { listed } from './listed.ts';
import { asMarked, planMembers, type Members, type MembersByPool } from './members.ts';
import { volumeNameOf } from './names.ts';
import { newNodes, type NewNode } from './new-nodes.ts';
import { isUp } from './node-state.ts';
import { keepUp } from './node-upkeep.ts';
import { foreignObjects, objectSteps } from './object-steps.ts';
import type { ObservedNodes, ObservedPool } from './observed-nodes.ts';
import { poolRefusals, servesRole } from './pool-refusals.ts';
import { planReplacement } from './replacement.ts';
import { soonest } from './soonest.ts';
import { nextProgressMs } from './standstill.ts';
import type { NodeStep } from './step.ts';
import { unsafePodTemplate } from './unsafe-pod-template.ts';

export interface PoolReport {
  readonly pool: ObservedPool;
  readonly stalled: readonly Finding[];
  readonly steps: readonly NodeStep[];
  /** For the status of the pool. */
  readonly leaving: Members['leaving'];
  readonly wanted: number;
  readonly pods: number;
  readonly ready: number;
}

export interface NodesPlan {
  readonly steps: readonly NodeStep[];
  readonly reports: readonly PoolReport[];
  readonly recheckAfterMs?: number | undefined;
}

export function planNodes(observed: ObservedNodes, now: Date): NodesPlan {
  const members = planMembers(observed);
  const drafts = observed.pools.map((pool) => draftPool(observed, pool, members, now));
  const comingUp = drafts.flatMap(({ added }) => added.map(({ name }) => name));
  const replacement = planReplacement(withHeldPools(observed), comingUp);
  const reports = drafts.map(({ pool, members: own, steps, stalled }) => {
    const isFirst = pool === drafts[0]?.pool;
    const replacing = replacement.filter(({ kind, object }) =>
      kind === 'ask-hand-over' ? isFirst : pool.nodes.some(({ name }) => name === object),
    );
    return report(
      pool,
      own,
      [...steps.filter((step) => !isSupersededBy(step, replacing)), ...replacing],
      [...stalled, ...replacing.flatMap(needsPerson)],
    );
  });
  const progressMs = replacement.length === 0 ? undefined : nextProgressMs(observed.shards);
  return {
    steps: reports.flatMap(({ steps }) => steps),
    reports,
    // A node that is to go down waits for primaries that are asked again after a while, and for copies that may stand still.
    recheckAfterMs: soonest([...drafts.map(({ recheckAfterMs }) => recheckAfterMs), nextAskMs(observed.shards), progressMs]),
  };
}

interface PoolDraft {
  readonly pool: ObservedPool;
  readonly members: Members;
  readonly added: readonly NewNode[];
  readonly steps: readonly NodeStep[];
  readonly stalled: readonly Finding[];
  readonly recheckAfterMs: number | undefined;
}

function draftPool(observed: ObservedNodes, pool: ObservedPool, byPool: MembersByPool, now: Date): PoolDraft {
  const members = byPool.get(pool) ?? asMarked(pool);
  const unsafe = unsafePodTemplate(pool, observed.allowsUnsafePodTemplates);
  const refused = [...unsafe, ...poolRefusals(pool), ...members.stalled, ...foreignObjects(pool.objects)];
  const mayGrow = servesRole(pool) && pool.hasStorage && unsafe.length === 0;
  const { nodes: added, unplaceable } = mayGrow ? newNodes(observed, pool, byPool) : { nodes: [], unplaceable: [] };
  const upkeep = pool.nodes.map((node) => (isEmptied(observed, members, node) ? letGo(pool, node, now) : keepUp(pool, node, now)));
  const mayBeTaken = ({ kind }: NodeStep) => kind !== 'create-pod' || unsafe.length === 0;
  return {
    pool,
    members,
    added,
    steps: [
      ...objectSteps(pool.objects),
      ...members.steps,
      ...added.flatMap((node) => stepsForNew(pool, node)),
      ...upkeep.flatMap(({ steps }) => steps.filter(mayBeTaken)),
      ...emptying(observed, members.leaving),
    ],
    stalled: [...refused, ...unplaceable, ...upkeep.flatMap(({ stalled }) => stalled)],
    recheckAfterMs: soonest(upkeep.map(({ recheckAfterMs }) => recheckAfterMs)),
  };
}

function stepsForNew(pool: ObservedPool, { name, zone, because }: NewNode): readonly NodeStep[] {
  return [
    { kind: 'create-volume', object: volumeNameOf(name), node: name, pool: pool.name, zone, because },
    { kind: 'create-pod', object: name, pool: pool.name, zone, because },
  ];
}

function needsPerson(step: NodeStep): readonly Finding[] {
  if (step.kind !== 'wait' || step.needsPerson !== true) return [];
  return [{ reason: 'NoCopyToSpare', message: `${step.object} cannot be replaced: ${step.because}` }];
}

/** A node that is replaced needs no second reason to be waited for. */
function isSupersededBy(step: NodeStep, replacing: readonly NodeStep[]): boolean {
  return step.kind === 'wait' && replacing.some((other) => other.object === step.object && other.kind === 'delete-pod');
}

function report(pool: ObservedPool, members: Members, steps: readonly NodeStep[], stalled: readonly Finding[]): PoolReport {
  const { leaving, staying } = members;
  return {
    pool,
    steps,
    leaving,
    stalled,
    wanted: servesRole(pool) ? Math.max(pool.replicas, staying.length) : staying.length,
    pods: pool.nodes.filter(({ pod }) => pod !== undefined).length,
    ready: staying.filter(isUp).length,
  };
}

export function poolConditions({ pool, leaving, steps, stalled, wanted, ready }: PoolReport): readonly ConditionDraft[] {
  const isLeaving = (name: string) => leaving.some(({ node }) => node === name);
  const notUp = pool.nodes.filter((node) => !isUp(node) && !isLeaving(node.name)).map(({ name }) => name);
  return conditionsOf({
    ready: readiness(ready, wanted, notUp),
    reconciling: reconcilingFindings(steps),
    stalled,
  });
}

export function readiness(ready: number, wanted: number, notReady: readonly string[]) {
  if (ready === wanted) return { isReady: true, reason: 'AllNodesReady', message: `${count(ready)} ready` };
  const who = notReady.length > 0 ? `not ready: ${listed(notReady)}` : `${count(wanted - ready)} still to be made`;
  return {
    isReady: false,
    reason: 'NodesNotReady',
    message: `${ready} of ${count(wanted)} ready; ${who}; see the conditions Reconciling and Stalled, and status.plan of the VectorCluster`,
  };
}

export function reconcilingFindings(steps: readonly { kind: string; object: string; because: string }[]): readonly Finding[] {
  return steps
    .filter(({ kind }) => kind !== 'note-first-ready')
    .map(({ kind, object, because }) => ({
      reason: reasonOf(kind),
      message: `${kind} ${object} because ${because}`,
      isWaiting: kind === 'wait',
    }));
}

/** `create-pod` → `CreatePod` */
export function reasonOf(kind: string): string {
  return kind.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());
}

function count(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}
