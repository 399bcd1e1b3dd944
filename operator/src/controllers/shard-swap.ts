/** What is decided about a shard, written on a fresh read; or, where the API server judges it invalid, that it does. */
import type { VectorShard, VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
import { InvalidError } from '@vectorcluster/kube/errors.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { failureOf } from '../apply/run-steps.ts';
import { saysTheSame } from '../apply/same-status.ts';
import type { StepFailure } from '../plan/step-failure.ts';
import type { ShardStep } from '../plan/step.ts';
import type { OperatorContext } from './controller.ts';
import { decideShard, refusedStatus } from './shard-decide.ts';
import { surroundingsOf, type PodFinder } from './shard-surroundings.ts';

export interface SwapOutcome {
  /** As it is now; undefined when nothing was to be written. */
  readonly stored: VectorShard | undefined;
  readonly steps: readonly ShardStep[];
  /** None of the steps was taken then. */
  readonly failures: readonly StepFailure[];
  readonly recheckAfterMs: number | undefined;
}

export async function swapDecision(context: OperatorContext, cached: VectorShard, podOf: PodFinder): Promise<SwapOutcome> {
  let steps: readonly ShardStep[] = [];
  let recheckAfterMs: number | undefined;
  try {
    const stored = await swapFresh(context, cached, (fresh) => {
      const decision = decideShard(fresh, surroundingsOf(context, fresh, podOf));
      ({ steps, recheckAfterMs } = decision);
      return decision.isSame ? undefined : decision.status;
    });
    return { stored, steps: stored === undefined ? [] : steps, failures: [], recheckAfterMs };
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    const refused = steps.length > 0 ? steps : [{ kind: 'write-status', object: cached.metadata.name }];
    const failures = refused.map((step) => failureOf(step, error));
    const stored = await swapFresh(context, cached, (fresh) => {
      const status = refusedStatus(fresh, surroundingsOf(context, fresh, podOf), failures);
      return saysTheSame(fresh.status, status) ? undefined : status;
    });
    return { stored, steps: [], failures, recheckAfterMs };
  }
}

/** Undefined when nothing was written: it is gone, or it says so already. */
async function swapFresh(
  { client }: OperatorContext,
  { metadata }: VectorShard,
  statusOf: (fresh: VectorShard) => VectorShardStatus | undefined,
): Promise<VectorShard | undefined> {
  let isWritten = false;
  const stored = await swapStatus({
    client,
    type: vectorShards,
    name: metadata,
    change: (fresh) => {
      const status = fresh.metadata.uid === metadata.uid ? statusOf(fresh) : undefined;
      isWritten = status !== undefined;
      return status && { ...fresh, status };
    },
  });
  return isWritten ? stored : undefined;
}
