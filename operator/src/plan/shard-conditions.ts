/** What a shard says of itself: whether it serves, what is under way, what waits for a person. */
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import { conditionsOf, type ConditionDraft, type Finding } from './conditions.ts';
import type { ObservedMember, ObservedShard } from './observed-shard.ts';
import { reasonOf } from './plan-nodes.ts';
import { servingOf, type Serving } from './serving.ts';
import type { Decision } from './shard-decision.ts';
import { standstillAfterMs } from './standstill.ts';
import type { ShardStep } from './step.ts';

export function shardConditions(
  shard: ObservedShard,
  decision: Decision | Serving,
  steps: readonly ShardStep[],
): readonly ConditionDraft[] {
  const waiting: readonly Finding[] =
    decision.kind === 'wait' && decision.isUntold !== true ? [{ reason: 'Wait', message: decision.because }] : [];
  return conditionsOf({
    ready: readyOf(shard, decision),
    reconciling: [...steps.map(findingOf), ...waiting, ...missingCopies(shard), ...leavingCopies(shard)],
    stalled: decision.kind === 'lost' ? [{ reason: decision.reason, message: decision.because }] : [],
  });
}

/** As `status.copiesInSync` and messages say it. */
export function copiesInSync({ inSync, wanted }: ObservedShard): string {
  return `${inSync.length}/${wanted.replicationFactor}`;
}

function readyOf(shard: ObservedShard, decision: Decision | Serving): Finding & { readonly isReady: boolean } {
  const isServing = decision.kind === 'serving' || (decision.kind === 'wait' && decision.isServing === true);
  const serving = isServing ? servingOf(shard) : undefined;
  if (serving?.kind !== 'serving') {
    return { isReady: false, reason: 'NoPrimaryServes', message: whyNot(serving ?? decision) };
  }
  const { inSync, minInSync = 1, wanted, epoch } = shard;
  if (inSync.length < minInSync) {
    return {
      isReady: false,
      reason: 'BelowMinInSync',
      message: `${inSync.length} of ${wanted.replicationFactor} copies in sync, and below minInSync ${minInSync} no write is acknowledged; bring the nodes of the others back, or lower minInSync of the collection`,
    };
  }
  return {
    isReady: true,
    reason: 'PrimaryServes',
    message: `${serving.node} is primary in epoch ${epoch}; ${inSync.length} of ${wanted.replicationFactor} copies in sync`,
  };
}

function whyNot(decision: Decision | Serving): string {
  if (decision.kind === 'lost') return decision.because;
  const because = decision.kind === 'step' ? decision.step.because : decision.kind === 'wait' ? decision.because : '';
  return because.includes(';') ? because : `${because}; if it stays so, see the VectorCluster and the logs of the node`;
}

function missingCopies({ epoch, inSync, wanted, members, assignments }: ObservedShard): readonly Finding[] {
  const missing = wanted.replicationFactor - inSync.length;
  if (epoch === 0 || missing <= 0) return [];
  const behind = members.filter(({ replicaId, kind }) => kind === 'Voter' && !inSync.includes(replicaId));
  const nodes = assignments.filter(({ kind }) => kind === 'Voter').map(({ node }) => node);
  const who = behind.length > 0 ? behind.map(whereItIs) : [`assigned: ${nodes.join(', ')}`];
  return [
    {
      reason: behind.some(standsStill) ? 'CopyStandsStill' : 'CopiesMissing',
      message: `${inSync.length} of ${wanted.replicationFactor} copies in sync (${who.join('; ')})`,
      isWaiting: true,
    },
  ];
}

/** Copies go one at a time, each when the others have all it has. */
function leavingCopies({ inSync, wanted, assignments }: ObservedShard): readonly Finding[] {
  const of = (kind: Assignment['kind']) => assignments.filter((each) => each.kind === kind).length;
  const wantedInAll = wanted.replicationFactor + wanted.readReplicas;
  const voters = Math.max(inSync.length, of('Voter'));
  const learners = of('Learner');
  if (voters <= wanted.replicationFactor && learners <= wanted.readReplicas) return [];
  return [{ reason: 'CopiesLeaving', message: `${voters + learners} copies, of which ${wantedInAll} are wanted`, isWaiting: true }];
}

function whereItIs(member: ObservedMember): string {
  const { node, because, reachable } = member;
  if (reachable === 'missed') return `${node} is missed: ${because ?? 'gone'}`;
  if (!standsStill(member)) return `${node} follows`;
  return `${node} has come no further for ${standstillAfterMs / 60_000} minutes, so others are made meanwhile: see its log and that of the primary`;
}

function standsStill({ standstillMs = 0 }: ObservedMember): boolean {
  return standstillMs >= standstillAfterMs;
}

function findingOf(step: ShardStep): Finding {
  const to = 'epoch' in step ? ` to ${step.epoch}` : '';
  return { reason: reasonOf(step.kind), message: `${step.kind}${to} because ${step.because}` };
}
