/**
 * VectorShards: who leads, in which epoch, which copies are gone, conditions. Every write is decided on a fresh read and is a
 * compare-and-swap, because nodes write the same status.
 */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
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
import { surroundingsOf, type PodFinder } from './shard-surroundings.ts';
import { watchShards } from './shard-watches.ts';

export const shardController: ControllerOptions = {
  name: 'shard',
  concurrency: 32,
  create: (context, writer) => {
    const freshPods = new FreshPods(context.client, context.uptimeMs);
    return {
      watch: (queue) => watchShards(context, queue),
      initialKeys: () => context.caches.shards.list().map(keyOf),
      reconcile: (key) => reconcile({ context, writer, freshPods }, key),
    };
  },
};

interface ShardRun {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly freshPods: FreshPods;
}

async function reconcile({ context, writer, freshPods }: ShardRun, { key, namespace, name }: ReconcileKey): Promise<Result> {
  const { caches, client, metrics, now } = context;
  const cached = caches.shards.get(namespace, name);
  if (cached === undefined || cached.metadata.deletionTimestamp !== undefined) return;
  const expected = decideShard(
    cached,
    surroundingsOf(context, cached, (node) => caches.pods.get(namespace, node)),
  );
  if (expected.isSame) return { requeueAfterMs: expected.recheckAfterMs };
  const isQuiet = expected.steps.length === 0 && (cached.status?.epoch ?? 0) === 0;
  const leftMs = isQuiet ? quietLeftMs(cached.metadata.creationTimestamp, now()) : 0;
  if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, expected.recheckAfterMs ?? leftMs) };

  const podOf = await podsToDecideOn(context, freshPods, { shard: cached, steps: expected.steps });
  let steps: readonly ShardStep[] = [];
  let recheckAfterMs: number | undefined;
  let isWritten = false;
  const stored = await swapStatus({
    client,
    type: vectorShards,
    name: { namespace, name },
    change: (fresh) => {
      isWritten = false;
      if (fresh.metadata.uid !== cached.metadata.uid) return undefined;
      const decision = decideShard(fresh, surroundingsOf(context, fresh, podOf));
      ({ steps, recheckAfterMs } = decision);
      isWritten = !decision.isSame;
      return isWritten ? { ...fresh, status: decision.status } : undefined;
    },
  });
  if (stored === undefined || !isWritten) return { requeueAfterMs: recheckAfterMs };
  writer.noteWritten(key, { type: vectorShards, view: caches.shards }, stored);
  metrics.statusWritten('shard');
  reportSteps(context, 'shard', stored, { done: steps, failures: [] });
  reportToCollection(context, stored, steps);
  return { requeueAfterMs: recheckAfterMs };
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
