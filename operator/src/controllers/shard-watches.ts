/** Changes that concern a shard, as its keys. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { isDeepStrictEqual } from 'node:util';
import { endOf, isPodReady, processEndOf } from '../observe/pod-state.ts';
import { withClusterName } from './caches.ts';
import type { OperatorContext } from './controller.ts';
import { keyOf } from './keys.ts';

export function watchShards({ caches, sights, memory }: OperatorContext, queue: WorkQueue): readonly (() => void)[] {
  const addThose = (isConcerned: (shard: VectorShard) => boolean): void => {
    for (const shard of caches.shards.list()) if (isConcerned(shard)) queue.add(keyOf(shard));
  };
  return [
    caches.shards.onChange(({ kind, object }) => {
      if (kind === 'deleted') memory.forget(object);
      queue.add(keyOf(object));
    }),
    caches.pods.onChange(({ kind, object, previous }) => {
      if (kind === 'updated' && previous !== undefined && servesAlike(object, previous)) return;
      addThose((shard) => shard.metadata.namespace === object.metadata.namespace && isOn(shard, object.metadata.name));
    }),
    caches.volumes.onChange(({ kind, object }) => {
      const node = object.metadata.labels?.[labels.node];
      if (kind === 'updated' || node === undefined) return;
      addThose((shard) => shard.metadata.namespace === object.metadata.namespace && isOn(shard, node));
    }),
    caches.collections.onChange(({ kind, object, previous }) => {
      if (kind !== 'updated' || object.metadata.generation === previous?.metadata.generation) return;
      const { name, namespace } = object.metadata;
      addThose((shard) => shard.metadata.namespace === namespace && shard.spec.vectorCollection === name);
    }),
    caches.clusters.onChange(({ object, previous }) => {
      if (isDeepStrictEqual(object.spec.collectionDefaults, previous?.spec.collectionDefaults)) return;
      const { name, namespace = '' } = object.metadata;
      for (const shard of withClusterName(caches.shards, namespace, name)) queue.add(keyOf(shard));
    }),
    sights.onChange(({ namespace, cluster, node, shards }) => {
      for (const shard of withClusterName(caches.shards, namespace, cluster)) {
        if (shards === undefined ? isOn(shard, node) : shards.includes(shard.metadata.uid ?? '')) queue.add(keyOf(shard));
      }
    }),
  ];
}

function isOn({ spec, status }: VectorShard, nodeName: string): boolean {
  return spec.assignments.some(({ node }) => node === nodeName) || (status?.members ?? []).some(({ node }) => node === nodeName);
}

function servesAlike(a: Pod, b: Pod): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    isPodReady(a) === isPodReady(b) &&
    endOf(a) === endOf(b) &&
    processEndOf(a) === processEndOf(b) &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp
  );
}
