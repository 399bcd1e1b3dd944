/** VectorCollections → VectorShards. The way of every client's create call: no more writes than needed, those in parallel. */
import type { VectorCollection, VectorCollectionStatus } from '@vectorcluster/crds/vector-collection.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import { vectorCollections, vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Result } from '@vectorcluster/kube/work-queue.ts';
import { runSteps } from '../apply/run-steps.ts';
import { saysTheSame } from '../apply/same-status.ts';
import type { Writer } from '../apply/writer.ts';
import { observeCollection } from '../observe/collection.ts';
import { withTimes, type ConditionDraft } from '../plan/conditions.ts';
import { planCollection, type CollectionPlan } from '../plan/plan-collection.ts';
import { withFailures } from '../plan/step-failure.ts';
import type { CollectionStep } from '../plan/step.ts';
import { ownedBy } from '../resources/built-object.ts';
import { buildVectorShard } from '../resources/vector-shard.ts';
import { ofCluster, shardsOfCollection, withClusterName } from './caches.ts';
import { watchCollections } from './collection-watches.ts';
import type { ControllerOptions, OperatorContext } from './controller.ts';
import { keyOf, type ReconcileKey } from './keys.ts';
import { quietLeftMs } from './quiet-start.ts';
import { reportStall, reportSteps } from './report.ts';

export const collectionController: ControllerOptions = {
  name: 'collection',
  concurrency: 16,
  create: (context, writer) => ({
    watch: (queue) => watchCollections(context.caches, queue),
    initialKeys: () => context.caches.collections.list().map(keyOf),
    reconcile: (key) => reconcile(context, writer, key),
  }),
};

interface CollectionRun {
  readonly context: OperatorContext;
  readonly writer: Writer;
  readonly key: string;
  readonly collection: VectorCollection;
}

async function reconcile(context: OperatorContext, writer: Writer, { key, namespace, name }: ReconcileKey): Promise<Result> {
  const { caches } = context;
  const collection = caches.collections.get(namespace, name);
  if (collection === undefined || collection.metadata.deletionTimestamp !== undefined) return;
  const { clusterName } = collection.spec;
  const plan = planCollection(
    observeCollection({
      collection,
      cluster: caches.clusters.get(namespace, clusterName),
      collections: withClusterName(caches.collections, namespace, clusterName),
      shards: shardsOfCollection(caches.shards, namespace, name),
      shardsOfCluster: () => withClusterName(caches.shards, namespace, clusterName),
      pools: withClusterName(caches.pools, namespace, clusterName),
      pods: ofCluster(caches.pods, namespace, clusterName),
      sights: context.sights.of(namespace, clusterName),
    }),
  );
  const run = { context, writer, key, collection };
  const outcome = await runSteps([plan.steps], (step) => runStep(run, step));
  reportSteps(context, 'collection', collection, outcome);
  const drafts = withFailures(plan.conditions, outcome.failures, plan.steps);
  const isTelling = drafts.some(({ type, status }) => type !== 'Reconciling' && status === 'True');
  const leftMs = isTelling ? 0 : quietLeftMs(collection.metadata.creationTimestamp, context.now());
  if (leftMs === 0) await writeStatus(run, plan, drafts);
  if (outcome.error !== undefined) throw outcome.error;
  if (leftMs > 0) return { requeueAfterMs: leftMs };
  return { requeueAfterMs: plan.recheckAfterMs };
}

async function runStep({ context, writer, key, collection }: CollectionRun, step: CollectionStep): Promise<void> {
  const { caches } = context;
  const { name, namespace = '', uid = '' } = collection.metadata;
  const { clusterName, collection: collectionName } = collection.spec;
  switch (step.kind) {
    case 'wait':
      return;
    case 'adopt-collection':
      return adopt({ context, writer, key, collection });
    case 'create-shard': {
      const shard = buildVectorShard({
        name: step.object,
        namespace,
        cluster: clusterName,
        collection: collectionName,
        owner: { kind: 'VectorCollection', name, uid },
        hashRange: step.hashRange,
        assignments: step.assignments,
      });
      await writer.create(key, { type: vectorShards, view: caches.shards }, shard);
    }
  }
}

/** By compare-and-swap, because the list of owners is replaced as a whole. */
async function adopt({ context, writer, key, collection }: CollectionRun): Promise<void> {
  const { namespace, resourceVersion, ownerReferences = [] } = collection.metadata;
  const cluster = context.caches.clusters.get(namespace, collection.spec.clusterName);
  if (cluster?.metadata.uid === undefined) return;
  const { name, uid } = cluster.metadata;
  // An owner of the same name and another UID is a cluster that is gone.
  const others = ownerReferences.filter((owner) => owner.kind !== 'VectorCluster' || owner.name !== name);
  const metadata = {
    resourceVersion,
    labels: { [labels.cluster]: name },
    ownerReferences: [...others, ownedBy({ kind: 'VectorCluster', name, uid })],
  };
  await writer.patch(key, { type: vectorCollections, view: context.caches.collections }, collection, { metadata });
}

async function writeStatus({ context, writer, key, collection }: CollectionRun, plan: CollectionPlan, drafts: readonly ConditionDraft[]) {
  const { generation = 0 } = collection.metadata;
  const status: VectorCollectionStatus = {
    observedGeneration: generation,
    conditions: [...withTimes(drafts, collection.status?.conditions, generation, context.now())],
    shards: plan.shards,
    shardsReady: plan.shardsReady,
    copies: plan.copies,
    // A count that is not known at the moment stays what it was.
    counts: plan.points === undefined ? collection.status?.counts : { points: plan.points },
  };
  if (saysTheSame(collection.status, status)) return;
  await writer.applyStatus(key, { type: vectorCollections, view: context.caches.collections }, collection, status);
  context.metrics.statusWritten('collection');
  reportStall(context, collection, status.conditions);
}
