/** Changes that concern a cluster or its nodes, as keys of the cluster. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { objectKey, type KubeObject } from '@vectorcluster/kube/object.ts';
import type { Node } from '@vectorcluster/kube/types/core.ts';
import type { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { isDeepStrictEqual } from 'node:util';
import type { Caches } from './caches.ts';
import type { OperatorContext } from './controller.ts';
import { clusterKeyByLabel, clusterKeyBySpec, keyOf } from './keys.ts';

/** Changes of many shards at once are looked at once. */
const gatherMs = 100;

export function watchNodesOfClusters(
  { caches, sights }: Pick<OperatorContext, 'caches' | 'sights'>,
  queue: WorkQueue,
): readonly (() => void)[] {
  const byLabel = ({ object }: { readonly object: KubeObject }) => addIfKnown(queue, clusterKeyByLabel(object));
  return [
    caches.clusters.onChange(({ object }) => queue.add(keyOf(object))),
    caches.pools.onChange(({ object }) => queue.add(clusterKeyBySpec(object))),
    caches.pods.onChange(byLabel),
    caches.volumes.onChange(byLabel),
    caches.budgets.onChange(byLabel),
    caches.shards.onChange(({ object, previous }) => {
      // Nodes go down, or leave, by who leads, who is in sync and who is named at all.
      if (!isDeepStrictEqual(rolesIn(object), previous && rolesIn(previous))) queue.addAfter(clusterKeyBySpec(object), gatherMs);
    }),
    // A node that was not there for a moment kept others from going down, and nothing else may tell that it is back.
    sights.onChange(({ namespace, cluster, shards }) => {
      if (shards === undefined) queue.addAfter(objectKey(namespace, cluster), gatherMs);
    }),
    caches.storageClasses.onChange(({ object, previous }) => {
      if (object.allowVolumeExpansion !== previous?.allowVolumeExpansion) addAll(caches, queue);
    }),
    caches.kubernetesNodes.onChange(({ object, previous }) => {
      // Kubelets report every few seconds; what they report matters only when Pods may go elsewhere because of it.
      if (previous !== undefined && isDeepStrictEqual(placementFacts(object), placementFacts(previous))) return;
      addAll(caches, queue);
    }),
  ];
}

function addAll(caches: Caches, queue: WorkQueue): void {
  for (const cluster of caches.clusters.list()) queue.add(keyOf(cluster));
}

export function watchObjectsOfClusters(caches: Caches, queue: WorkQueue): readonly (() => void)[] {
  const byLabel = ({ object }: { readonly object: KubeObject }) => addIfKnown(queue, clusterKeyByLabel(object));
  return [caches.services, caches.serviceAccounts, caches.roles, caches.roleBindings].map((informer) => informer.onChange(byLabel));
}

/** Clusters that exist, and those that only pools speak of. */
export function clusterKeys(caches: Caches): readonly string[] {
  return [...new Set([...caches.clusters.list().map(keyOf), ...caches.pools.list().map(clusterKeyBySpec)])];
}

function addIfKnown(queue: WorkQueue, key: string | undefined): void {
  if (key !== undefined) queue.add(key);
}

function rolesIn({ spec, status }: VectorShard) {
  const handOver = status?.conditions?.find(({ type }) => type === 'HandOver');
  const members = status?.members?.map(({ node }) => node);
  return { assignments: spec.assignments, ...status, members, conditions: undefined, handOver };
}

function placementFacts({ metadata, spec, status }: Node) {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return { labels: metadata.labels, taints: spec?.taints, unschedulable: spec?.unschedulable, ready };
}
