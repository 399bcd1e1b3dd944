/**
 * VectorClusters → spec.assignments of their VectorShards. The key is the cluster, because how many copies are made at once, and on
 * which nodes, is decided over all its collections.
 */
import { objectKey } from '@vectorcluster/kube/object.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Result, WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { runSteps } from '../apply/run-steps.ts';
import type { Writer } from '../apply/writer.ts';
import { nodesAway, observeCopies, type CopiesObjects } from '../observe/copies.ts';
import { planCopies } from '../plan/plan-copies.ts';
import type { CopiesStep } from '../plan/step.ts';
import { AwayNodes } from './away-nodes.ts';
import { copiesObjects } from './copies-objects.ts';
import type { ControllerOptions, OperatorContext } from './controller.ts';
import { runHandOverStep } from './hand-over-step.ts';
import { clusterKeyByLabel, clusterKeyBySpec, keyOf, type ReconcileKey } from './keys.ts';
import { StepObjectMissingError } from './node-steps.ts';
import { reportSteps } from './report.ts';

/** Changes of many shards at once are looked at once. */
const gatherMs = 100;

export const copiesController: ControllerOptions = {
  name: 'copies',
  concurrency: 8,
  create: (context, writer) => {
    const away = new AwayNodes();
    return {
      watch: (queue) => watch(context, queue),
      initialKeys: () => context.caches.clusters.list().map(keyOf),
      reconcile: (key) => reconcile({ context, writer, away }, key),
    };
  },
};

function watch({ caches, sights }: OperatorContext, queue: WorkQueue): readonly (() => void)[] {
  const gather = (key: string | undefined): void => {
    if (key !== undefined) queue.addAfter(key, gatherMs);
  };
  return [
    caches.clusters.onChange(({ object }) => gather(keyOf(object))),
    caches.collections.onChange(({ object, previous }) => {
      if (object.metadata.generation !== previous?.metadata.generation) gather(clusterKeyBySpec(object));
    }),
    caches.pools.onChange(({ object }) => gather(clusterKeyBySpec(object))),
    caches.shards.onChange(({ object }) => gather(clusterKeyBySpec(object))),
    caches.pods.onChange(({ object, previous }) => {
      const key = clusterKeyByLabel(object);
      const isLeaving = object.metadata.deletionTimestamp !== undefined && previous?.metadata.deletionTimestamp === undefined;
      if (isLeaving && key !== undefined) queue.add(key);
      else gather(key);
    }),
    caches.kubernetesNodes.onChange(({ object, previous }) => {
      if (object.spec?.unschedulable !== previous?.spec?.unschedulable)
        for (const cluster of caches.clusters.list()) gather(keyOf(cluster));
    }),
    caches.volumes.onChange(({ object }) => gather(clusterKeyByLabel(object))),
    sights.onChange(({ namespace, cluster, shards }) => {
      if (shards === undefined) gather(objectKey(namespace, cluster));
    }),
  ];
}

interface CopiesRun {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly away: AwayNodes;
}

async function reconcile({ context, writer, away }: CopiesRun, { key, namespace, name }: ReconcileKey): Promise<Result> {
  const cluster = context.caches.clusters.get(namespace, name);
  if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) return;
  const objects = copiesObjects(context, cluster);
  const awayMs = away.update(key, nodesAway(objects), context.uptimeMs());
  const { steps, recheckAfterMs } = planCopies(observeCopies(objects, awayMs));
  const outcome = await runSteps([steps], (step) => runStep({ context, writer, key, objects, namespace }, step));
  for (const shard of objects.shards) {
    const isAbout = ({ object }: { readonly object: string }) => object.split(' ').at(-1) === shard.metadata.name;
    const own = { done: outcome.done.filter(isAbout), failures: outcome.failures.filter(isAbout) };
    if (own.done.length + own.failures.length > 0) reportSteps(context, 'copies', shard, own);
  }
  if (outcome.error !== undefined) throw outcome.error;
  return { requeueAfterMs: recheckAfterMs };
}

interface StepRun {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly key: string;
  readonly namespace: string;
  readonly objects: CopiesObjects;
}

async function runStep({ context, writer, key, objects, namespace }: StepRun, step: CopiesStep): Promise<void> {
  if (step.kind === 'ask-hand-over') return runHandOverStep({ context, writer, key, namespace }, step);
  const shard = objects.shards.find(({ metadata }) => metadata.name === step.object);
  if (shard === undefined) throw new StepObjectMissingError('VectorShard', step.object);
  const patch = { metadata: { ...step.precondition }, spec: { assignments: step.assignments } };
  await writer.patch(key, { type: vectorShards, view: context.caches.shards }, shard, patch);
}
