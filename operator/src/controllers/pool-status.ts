import type { LeavingNode, VectorPool, VectorPoolStatus } from '@vectorcluster/crds/vector-pool.ts';
import { vectorPools } from '@vectorcluster/kube/types/vectorcluster.ts';
import { saysTheSame } from '../apply/same-status.ts';
import type { Writer } from '../apply/writer.ts';
import { conditionsOf, withTimes, type ConditionDraft } from '../plan/conditions.ts';
import { poolConditions, type NodesPlan } from '../plan/plan-nodes.ts';
import { withFailures, type StepFailure } from '../plan/step-failure.ts';
import { nodeSelector, selectorText } from '../resources/object-labels.ts';
import type { OperatorContext } from './controller.ts';

interface PoolsOutcome {
  readonly plan: NodesPlan;
  readonly pools: readonly VectorPool[];
  readonly failures: readonly StepFailure[];
}

export async function writePoolStatuses(context: OperatorContext, writer: Writer, key: string, outcome: PoolsOutcome): Promise<void> {
  await Promise.all(
    outcome.plan.reports.map(async (report) => {
      const pool = outcome.pools.find(({ metadata }) => metadata.name === report.pool.objectName);
      if (pool === undefined) return;
      const { pods, ready, leaving } = report;
      await write(context, writer, {
        key,
        pool,
        drafts: withFailures(poolConditions(report), outcome.failures, report.steps),
        pods,
        ready,
        leaving,
      });
    }),
  );
}

/** VectorPools that no VectorCluster made: nothing is done for them, and they say so. */
export async function writeStrayPoolStatuses(
  context: OperatorContext,
  writer: Writer,
  key: string,
  pools: readonly VectorPool[],
): Promise<void> {
  const strays = pools.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  await Promise.all(
    strays.map((pool) => {
      const message = `no VectorCluster ${pool.spec.clusterName} made this pool, so it gets no nodes; add the pool to spec.pools of the cluster and delete this object`;
      const drafts = conditionsOf({
        ready: { isReady: false, reason: 'NotOfACluster', message },
        reconciling: [],
        stalled: [{ reason: 'NotOfACluster', message }],
      });
      return write(context, writer, { key, pool, drafts, pods: 0, ready: 0, leaving: [] });
    }),
  );
}

interface PoolStatusInput {
  readonly key: string;
  readonly pool: VectorPool;
  readonly drafts: readonly ConditionDraft[];
  readonly pods: number;
  readonly ready: number;
  readonly leaving: readonly LeavingNode[];
}

async function write({ caches, metrics, now }: OperatorContext, writer: Writer, input: PoolStatusInput): Promise<void> {
  const { key, pool, drafts, pods, ready, leaving } = input;
  const generation = pool.metadata.generation ?? 0;
  const status: VectorPoolStatus = {
    observedGeneration: generation,
    conditions: [...withTimes(drafts, pool.status?.conditions, generation, now())],
    replicas: pods,
    readyReplicas: ready,
    leaving: [...leaving],
    selector: selectorText(nodeSelector(pool.spec.clusterName, pool.spec.poolName)),
  };
  if (saysTheSame(pool.status, status)) return;
  await writer.applyStatus(key, { type: vectorPools, view: caches.pools }, pool, status);
  metrics.statusWritten('pool');
}
