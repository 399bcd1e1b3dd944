/**
 * VectorShards: who leads, in which epoch, which copies are gone, conditions. Every write is decided on a fresh read and is a
 * compare-and-swap, because nodes write the same status.
 */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Result } from '@vectorcluster/kube/work-queue.ts';
import type { Writer } from '../apply/writer.ts';
import type { ShardStep } from '../plan/step.ts';
import type { ControllerOptions, OperatorContext } from './controller.ts';
import { FreshPods } from './fresh-pods.ts';
import { keyOf, type ReconcileKey } from './keys.ts';
import { quietLeftMs } from './quiet-start.ts';
import { reportSteps, reportToCollection } from './report.ts';
import { decideShard } from './shard-decide.ts';
import { RefusedSwaps } from './refused-swaps.ts';
import { surroundingsOf, type PodFinder } from './shard-surroundings.ts';
import { swapDecision } from './shard-swap.ts';
import { watchShards } from './shard-watches.ts';

export const shardController: ControllerOptions = {
  name: 'shard',
  concurrency: 32,
  create: (context, writer) => {
    const freshPods = new FreshPods(context.client, context.uptimeMs);
    const refusedSwaps = new RefusedSwaps(context.uptimeMs);
    return {
      watch: (queue) => watchShards(context, queue),
      initialKeys: () => context.caches.shards.list().map(keyOf),
      reconcile: (key) => reconcile({ context, writer, freshPods, refusedSwaps }, key),
    };
  },
};

interface ShardRun {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly freshPods: FreshPods;
  readonly refusedSwaps: RefusedSwaps;
}

async function reconcile({ context, writer, freshPods, refusedSwaps }: ShardRun, { key, namespace, name }: ReconcileKey): Promise<Result> {
  const { caches, metrics, now } = context;
  const cached = caches.shards.get(namespace, name);
  if (cached === undefined || cached.metadata.deletionTimestamp !== undefined) return refusedSwaps.forget(key);
  const expected = decideShard(
    cached,
    surroundingsOf(context, cached, (node) => caches.pods.get(namespace, node)),
  );
  if (expected.isSame) return { requeueAfterMs: expected.recheckAfterMs };
  const pausedMs = refusedSwaps.leftMs(key, cached.metadata.resourceVersion);
  if (pausedMs > 0) return { requeueAfterMs: pausedMs };
  const isQuiet = expected.steps.length === 0 && (cached.status?.epoch ?? 0) === 0;
  const leftMs = isQuiet ? quietLeftMs(cached.metadata.creationTimestamp, now()) : 0;
  if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, expected.recheckAfterMs ?? leftMs) };

  const podOf = await podsToDecideOn(context, freshPods, { shard: cached, steps: expected.steps });
  const { stored, steps, failures, recheckAfterMs } = await swapDecision(context, cached, podOf);
  if (stored !== undefined) {
    writer.noteWritten(key, { type: vectorShards, view: caches.shards }, stored);
    metrics.statusWritten('shard');
  }
  reportSteps(context, 'shard', cached, { done: steps, failures });
  reportToCollection(context, cached, steps);
  if (failures.length === 0) {
    refusedSwaps.forget(key);
    return { requeueAfterMs: recheckAfterMs };
  }
  const { resourceVersion } = (stored ?? cached).metadata;
  refusedSwaps.refused(key, resourceVersion);
  return { requeueAfterMs: refusedSwaps.leftMs(key, resourceVersion) };
}

/** A cache may not know yet that a Pod is back: before a failover the Pods are read anew as well as the shard. */
async function podsToDecideOn(
  { caches }: OperatorContext,
  freshPods: FreshPods,
  { shard, steps }: { readonly shard: VectorShard; readonly steps: readonly ShardStep[] },
): Promise<PodFinder> {
  const { namespace } = shard.metadata;
  if (!steps.some(({ kind }) => kind === 'fail-over')) return (node) => caches.pods.get(namespace, node);
  const nodes = [...new Set((shard.status?.members ?? []).map(({ node }) => node))];
  const found = await Promise.all(nodes.map((node) => freshPods.get(namespace, node)));
  const fresh = new Map<string, Pod | undefined>(nodes.map((node, index) => [node, found[index]]));
  // A copy that has joined since the cache last heard is on a node that was not asked for.
  return (node) => (fresh.has(node) ? fresh.get(node) : caches.pods.get(namespace, node));
}
