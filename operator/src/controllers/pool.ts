/**
 * VectorPools → volumes and Pods. The key is the cluster, not the pool: that only one node of a cluster is taken down at a time holds
 * across its pools.
 */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import { persistentVolumeClaims, pods } from '@vectorcluster/kube/types/core.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import type { Result } from '@vectorcluster/kube/work-queue.ts';
import { runSteps } from '../apply/run-steps.ts';
import type { Writer } from '../apply/writer.ts';
import { ownPools } from '../observe/cluster.ts';
import { observeNodes, type NodeObjects } from '../observe/nodes.ts';
import { planNodes } from '../plan/plan-nodes.ts';
import type { NodeStep } from '../plan/step.ts';
import { ofCluster, withClusterName } from './caches.ts';
import { clusterKeys, watchNodesOfClusters } from './cluster-watches.ts';
import { copiesObjects } from './copies-objects.ts';
import type { ControllerOptions, OperatorContext } from './controller.ts';
import type { ReconcileKey } from './keys.ts';
import { runNodeStep } from './node-steps.ts';
import { writePoolStatuses, writeStrayPoolStatuses } from './pool-status.ts';
import { reportSteps } from './report.ts';

export const poolController: ControllerOptions = {
  name: 'pool',
  concurrency: 16,
  create: (context, writer) => ({
    watch: (queue) => watchNodesOfClusters(context, queue),
    initialKeys: () => clusterKeys(context.caches),
    reconcile: (key) => reconcile(context, writer, key),
  }),
};

async function reconcile(context: OperatorContext, writer: Writer, { key, namespace, name }: ReconcileKey): Promise<Result> {
  const { caches } = context;
  const cluster = caches.clusters.get(namespace, name);
  const all = withClusterName(caches.pools, namespace, name);
  const own = cluster === undefined ? [] : ownPools(cluster, all);
  await writeStrayPoolStatuses(
    context,
    writer,
    key,
    all.filter(({ metadata }) => metadata.ownerReferences?.some(({ controller }) => controller === true) !== true),
  );
  if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) return;

  const { objects, plan } = await decide(context, { ...nodeObjects(context, cluster), pools: own });
  const outcome = await runSteps(stagesOf(plan.steps), (step) => runNodeStep({ context, writer, key, objects }, step));
  reportSteps(context, 'pool', cluster, outcome);
  await writePoolStatuses(context, writer, key, { plan, pools: own, failures: outcome.failures });
  if (outcome.error !== undefined) throw outcome.error;
  return { requeueAfterMs: plan.recheckAfterMs };
}

export function nodeObjects(context: OperatorContext, cluster: VectorCluster): NodeObjects {
  const { caches, storageNodeImage, allowsUnsafePodTemplates } = context;
  const { name, namespace = '' } = cluster.metadata;
  return {
    ...copiesObjects(context, cluster),
    storageNodeImage,
    allowsUnsafePodTemplates,
    budgets: ofCluster(caches.budgets, namespace, name),
    storageClasses: caches.storageClasses.list(),
  };
}

/** Whatever takes a node down, or its volume away, is decided a second time on what is stored now, not on what the cache remembers. */
async function decide({ client, now }: OperatorContext, cached: NodeObjects) {
  const plan = planNodes(observeNodes(cached), now());
  if (!plan.steps.some(({ kind }) => kind === 'delete-pod' || kind === 'delete-volume')) return { objects: cached, plan };
  const { name, namespace = '' } = cached.cluster.metadata;
  const selection = { namespace, labelSelector: `${labels.cluster}=${name}` };
  const [freshPods, freshVolumes, freshShards] = await Promise.all([
    client.list(pods, selection),
    client.list(persistentVolumeClaims, selection),
    client.list(vectorShards, selection),
  ]);
  const objects = { ...cached, pods: freshPods.items, volumes: freshVolumes.items, shards: freshShards.items };
  return { objects, plan: planNodes(observeNodes(objects), now()) };
}

/** A Pod refers to its volume, and a replacement waits for everything that can be made at once. */
function stagesOf(steps: readonly NodeStep[]): readonly (readonly NodeStep[])[] {
  const ofKinds = (...kinds: readonly NodeStep['kind'][]) => steps.filter(({ kind }) => kinds.includes(kind));
  return [
    ofKinds(
      'apply-object',
      'create-volume',
      'update-volume',
      'grow-volume',
      'note-first-ready',
      'ask-hand-over',
      'leave-node',
      'keep-node',
    ),
    ofKinds('create-pod'),
    ofKinds('delete-pod', 'delete-volume'),
  ];
}
