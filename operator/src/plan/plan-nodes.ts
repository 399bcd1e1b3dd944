/** The nodes of one cluster: what to make, what to replace, what to wait for, and what cannot be done. */
import { nextAskMs } from './ask-hand-over.ts';
import { conditionsOf, type ConditionDraft, type Finding } from './conditions.ts';
import { withHeldPools } from './held-pools.ts';
import { emptying, isEmptied, letGo } from './leaving-nodes.ts';
import { listed } from './listed.ts';
import { giveUpVolume, hasLostVolume } from './lost-volume.ts';
import { asMarked, planMembers, type Members, type MembersByPool } from './members.ts';
import { volumeNameOf } from './names.ts';
import { newNodes, type NewNode } from './new-nodes.ts';
import { isUp } from './node-state.ts';
import { keepUp, type Upkeep } from './node-upkeep.ts';
import { foreignObjects, objectSteps } from './object-steps.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';
import { poolRefusals, servesRole } from './pool-refusals.ts';
import { planReplacement } from './replacement.ts';
import { soonest } from './soonest.ts';
import { nextProgressMs } from './standstill.ts';
import type { NodeStep } from './step.ts';
import { unsafePodTemplate } from './unsafe-pod-template.ts';
import { planGrowth, type VolumeGrowth } from './volume-growth.ts';

export interface PoolReport {
  readonly pool: ObservedPool;
  readonly stalled: readonly Finding[];
  readonly steps: readonly NodeStep[];
  /** For the status of the pool. */
  readonly leaving: Members['leaving'];
  readonly volumes: VolumeGrowth['condition'];
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
  const reports = drafts.map((draft) => {
    const { pool, steps, stalled } = draft;
    const isFirst = pool === drafts[0]?.pool;
    const replacing = replacement.filter(({ kind, object }) =>
      kind === 'ask-hand-over' ? isFirst : pool.nodes.some(({ name }) => name === object),
    );
    return report(
      draft,
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
  readonly volumes: VolumeGrowth['condition'];
  readonly recheckAfterMs: number | undefined;
}

function draftPool(observed: ObservedNodes, pool: ObservedPool, byPool: MembersByPool, now: Date): PoolDraft {
  const members = byPool.get(pool) ?? asMarked(pool);
  const unsafe = unsafePodTemplate(pool, observed.allowsUnsafePodTemplates);
  const refused = [...unsafe, ...poolRefusals(pool), ...members.stalled, ...foreignObjects(pool.objects)];
  const mayGrow = servesRole(pool) && pool.hasStorage && unsafe.length === 0;
  const { nodes: added, unplaceable } = mayGrow ? newNodes(observed, pool, byPool) : { nodes: [], unplaceable: [] };
  const upkeep = pool.nodes.map((node) => upkeepOf(observed, pool, node, members, now));
  const growth = planGrowth(pool, now);
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
      ...growth.steps,
      ...emptying(observed, members.leaving),
    ],
    stalled: [...refused, ...unplaceable, ...growth.stalled, ...upkeep.flatMap(({ stalled }) => stalled)],
    volumes: growth.condition,
    recheckAfterMs: soonest([...upkeep, growth].map(({ recheckAfterMs }) => recheckAfterMs)),
  };
}

function upkeepOf(observed: ObservedNodes, pool: ObservedPool, node: ObservedNode, members: Members, now: Date): Upkeep {
  if (isEmptied(observed, members, node)) return letGo(pool, node, now);
  return hasLostVolume(node) ? giveUpVolume(observed, pool, node, now) : keepUp(pool, node, now);
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

function report({ pool, members, volumes }: PoolDraft, steps: readonly NodeStep[], stalled: readonly Finding[]): PoolReport {
  const { leaving, staying } = members;
  return {
    pool,
    steps,
    leaving,
    volumes,
    stalled,
    wanted: servesRole(pool) ? Math.max(pool.replicas, staying.length) : staying.length,
    pods: pool.nodes.filter(({ pod }) => pod !== undefined).length,
    ready: staying.filter(isUp).length,
  };
}

export function poolConditions({ pool, leaving, volumes, steps, stalled, wanted, ready }: PoolReport): readonly ConditionDraft[] {
  const isLeaving = (name: string) => leaving.some(({ node }) => node === name);
  const notUp = pool.nodes.filter((node) => !isUp(node) && !isLeaving(node.name)).map(({ name }) => name);
  const all = conditionsOf({
    ready: readiness(ready, wanted, notUp),
    reconciling: reconcilingFindings(steps),
    stalled,
  });
  return volumes === undefined ? all : [...all, volumes];
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

interface AnyStep {
  readonly kind: string;
  readonly object: string;
  readonly because: string;
  readonly objectKind?: string;
}

export function reconcilingFindings(steps: readonly AnyStep[]): readonly Finding[] {
  return steps
    .filter((step) => !isBookkeeping(step))
    .map(({ kind, object, because }) => ({
      reason: reasonOf(kind),
      message: `${kind} ${object} because ${because}`,
      isWaiting: kind === 'wait',
    }));
}

/** A budget follows the copies in sync, and a note what was seen: neither is work on what the spec asks for. */
function isBookkeeping({ kind, objectKind }: AnyStep): boolean {
  return kind === 'note-first-ready' || objectKind === 'PodDisruptionBudget';
}

/** `create-pod` → `CreatePod` */
export function reasonOf(kind: string): string {
  return kind.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());
}

function count(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}
