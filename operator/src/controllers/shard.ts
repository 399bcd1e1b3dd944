/**
 * VectorShards: first primaries, epochs after restarts, conditions. Every write is decided on a fresh read and is a compare-and-swap,
 * because nodes write the same status.
 */
import type { VectorShard, VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Result, WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { saysTheSame } from '../apply/same-status.ts';
import type { Writer } from '../apply/writer.ts';
import { isPodReady } from '../observe/pod-state.ts';
import { observeShard } from '../observe/shard.ts';
import { withTimes } from '../plan/conditions.ts';
import { planShard } from '../plan/plan-shard.ts';
import type { ShardStep } from '../plan/step.ts';
import type { ControllerOptions, OperatorContext } from './controller.ts';
import { keyOf, type ReconcileKey } from './keys.ts';
import { quietLeftMs } from './quiet-start.ts';
import { reportSteps } from './report.ts';

export const shardController: ControllerOptions = {
  name: 'shard',
  concurrency: 32,
  create: (context, writer) => ({
    watch: (queue) => watch(context, queue),
    initialKeys: () => context.caches.shards.list().map(keyOf),
    reconcile: (key) => reconcile(context, writer, key),
  }),
};

function watch({ caches }: OperatorContext, queue: WorkQueue): readonly (() => void)[] {
  return [
    caches.shards.onChange(({ object }) => queue.add(keyOf(object))),
    caches.pods.onChange(({ kind, object, previous }) => {
      if (kind === 'updated' && previous !== undefined && servesAlike(object, previous)) return;
      for (const shard of caches.shards.list()) if (isOn(shard, object)) queue.add(keyOf(shard));
    }),
  ];
}

async function reconcile(context: OperatorContext, writer: Writer, { key, namespace, name }: ReconcileKey): Promise<Result> {
  const { caches, client, metrics, now } = context;
  const cached = caches.shards.get(namespace, name);
  if (cached === undefined || cached.metadata.deletionTimestamp !== undefined) return;
  const expected = decide(context, cached);
  if (expected.isSame) return;
  const leftMs = expected.steps.length === 0 && cached.status === undefined ? quietLeftMs(cached.metadata.creationTimestamp, now()) : 0;
  if (leftMs > 0) return { requeueAfterMs: leftMs };

  let steps: readonly ShardStep[] = [];
  const stored = await swapStatus({
    client,
    type: vectorShards,
    name: { namespace, name },
    change: (fresh) => {
      if (fresh.metadata.uid !== cached.metadata.uid) return undefined;
      const decision = decide(context, fresh);
      steps = decision.steps;
      return decision.isSame ? undefined : { ...fresh, status: decision.status };
    },
  });
  if (stored === undefined) return;
  writer.noteWritten(key, { type: vectorShards, view: caches.shards }, stored);
  metrics.statusWritten('shard');
  reportSteps(context, 'shard', stored, { done: steps, failures: [] });
}

interface ShardDecision {
  readonly steps: readonly ShardStep[];
  readonly status: VectorShardStatus;
  /** The stored status says all of it already. */
  readonly isSame: boolean;
}

/** A step and the conditions that hold once it is taken go into one write. */
function decide({ caches, now }: OperatorContext, shard: VectorShard): ShardDecision {
  const { namespace, generation = 0 } = shard.metadata;
  const observed = observeShard(shard, (node) => caches.pods.get(namespace, node));
  const { steps } = planShard(observed);
  const taken = takenBy(steps);
  const { conditions: drafts } = planShard({ ...observed, ...taken });
  const ours = {
    ...taken,
    observedGeneration: generation,
    conditions: [...withTimes(drafts, shard.status?.conditions, generation, now())],
  };
  return { steps, status: { ...shard.status, ...ours }, isSame: saysTheSame(shard.status, ours) };
}

/** What the status says once the step, of which there is at most one, is taken. */
function takenBy([step]: readonly ShardStep[]) {
  if (step === undefined) return {};
  const { epoch, primary, inSync, minInSync } = step;
  return { epoch, primary, inSync: [...inSync], minInSync };
}

function isOn({ metadata, spec, status }: VectorShard, pod: Pod): boolean {
  const { name, namespace } = pod.metadata;
  if (metadata.namespace !== namespace) return false;
  return spec.assignments.some(({ node }) => node === name) || (status?.members ?? []).some(({ node }) => node === name);
}

function servesAlike(a: Pod, b: Pod): boolean {
  return (
    a.metadata.uid === b.metadata.uid && isPodReady(a) === isPodReady(b) && a.metadata.deletionTimestamp === b.metadata.deletionTimestamp
  );
}
