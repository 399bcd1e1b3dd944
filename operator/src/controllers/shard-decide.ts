import type { VectorShard, VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import { saysTheSame } from '../apply/same-status.ts';
import { observeShard, type ShardSurroundings } from '../observe/shard.ts';
import { afterShardStep } from '../plan/after-shard-step.ts';
import { withTimes } from '../plan/conditions.ts';
import { primaryOf, type ObservedShard } from '../plan/observed-shard.ts';
import { planShard } from '../plan/plan-shard.ts';
import { copiesInSync } from '../plan/shard-conditions.ts';
import { historyOf } from '../plan/shard-history.ts';
import { soonest } from '../plan/soonest.ts';
import { withFailures, type StepFailure } from '../plan/step-failure.ts';
import type { ShardStep } from '../plan/step.ts';

export interface ShardDecision {
  readonly steps: readonly ShardStep[];
  readonly status: VectorShardStatus;
  /** The stored status says all of it already. */
  readonly isSame: boolean;
  readonly recheckAfterMs: number | undefined;
}

/** Steps and the conditions that hold once they are taken go into one write. */
export function decideShard(shard: VectorShard, around: ShardSurroundings): ShardDecision {
  const { generation = 0 } = shard.metadata;
  const observed = observeShard(shard, around);
  const { steps, recheckAfterMs } = planShard(observed);
  const after = steps.reduce(afterShardStep, observed);
  const next = planShard(after);
  const stored = shard.status?.conditions ?? [];
  const drafts = [...next.conditions, ...historyOf(after, steps, stored)];
  const ours = {
    ...(steps.length > 0 && configurationOf(after, shard.status)),
    primaryNode: primaryOf(after)?.node,
    copiesInSync: copiesInSync(after),
    observedGeneration: generation,
    conditions: [...withTimes(drafts, stored, generation, around.now)],
  };
  return {
    steps,
    status: { ...shard.status, ...ours },
    isSame: saysTheSame(shard.status, ours),
    recheckAfterMs: soonest([recheckAfterMs, next.recheckAfterMs]),
  };
}

/** The status of a shard whose steps were refused: all is as it was, and a person is told. */
export function refusedStatus(shard: VectorShard, around: ShardSurroundings, failures: readonly StepFailure[]): VectorShardStatus {
  const { generation = 0 } = shard.metadata;
  const observed = observeShard(shard, around);
  const stored = shard.status?.conditions ?? [];
  const { conditions, steps } = planShard(observed);
  const drafts = [...withFailures(conditions, failures, steps), ...historyOf(observed, [], stored)];
  return { ...shard.status, conditions: [...withTimes(drafts, stored, generation, around.now)] };
}

function configurationOf(after: ObservedShard, stored: VectorShardStatus | undefined): VectorShardStatus {
  const { epoch, primary, inSync, minInSync, handOff, members } = after;
  const left = new Set(members.map(({ replicaId }) => replicaId));
  return {
    epoch,
    primary,
    inSync: [...inSync],
    minInSync,
    handOff,
    members: (stored?.members ?? []).filter(({ replicaId }) => left.has(replicaId)),
  };
}
