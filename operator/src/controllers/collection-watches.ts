/** Changes that concern a collection, as its keys. */
import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';

import { labels } from '@vectorcluster/crds/labels.ts';
import { objectKey } from '@vectorcluster/kube/object.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { firstReadyAnnotation } from '../observe/pod-facts.ts';
import { isPodReady, troubleOf, unscheduledBecause } from '../observe/pod-state.ts';
import { withClusterName, type Caches } from './caches.ts';
import { keyOf } from './keys.ts';

export function watchCollections(caches: Caches, queue: WorkQueue): readonly (() => void)[] {
  const addUnready = (namespace: string, cluster: string): void => {
    for (const collection of withClusterName(caches.collections, namespace, cluster)) {
      if (!isTrue(collection.status?.conditions, 'Ready')) queue.add(keyOf(collection));
    }
  };
  return [
    caches.collections.onChange(({ kind, object }) => {
      queue.add(keyOf(object));
      // Its name is free for another now.
      if (kind === 'deleted') addUnready(object.metadata.namespace ?? '', object.spec.clusterName);
    }),
    caches.shards.onChange(({ object }) => queue.add(objectKey(object.metadata.namespace, object.spec.vectorCollection))),
    caches.clusters.onChange(({ object, previous }) => {
      if (previous !== undefined && sameForCollections(object, previous)) return;
      for (const collection of withClusterName(caches.collections, object.metadata.namespace ?? '', object.metadata.name)) {
        queue.add(keyOf(collection));
      }
    }),
    caches.pods.onChange(({ kind, object, previous }) => {
      if (kind === 'updated' && previous !== undefined && samePlaceability(object, previous)) return;
      addUnready(object.metadata.namespace ?? '', object.metadata.labels?.[labels.cluster] ?? '');
    }),
  ];
}

function sameForCollections(a: VectorCluster, b: VectorCluster): boolean {
  return (
    a.metadata.generation === b.metadata.generation && isTrue(a.status?.conditions, 'Stalled') === isTrue(b.status?.conditions, 'Stalled')
  );
}

function samePlaceability(a: Pod, b: Pod): boolean {
  return (
    isPodReady(a) === isPodReady(b) &&
    troubleOf(a) === troubleOf(b) &&
    unscheduledBecause(a) === unscheduledBecause(b) &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    a.metadata.annotations?.[firstReadyAnnotation] === b.metadata.annotations?.[firstReadyAnnotation]
  );
}

function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
