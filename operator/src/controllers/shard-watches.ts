/** Changes that concern a shard, as its keys. */
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { isDeepStrictEqual } from 'node:util';
import { endOf, isPodReady, processEndOf } from '../observe/pod-state.ts';
import { shardsOfCollection, shardsOnNode, withClusterName } from './caches.ts';
import type { OperatorContext } from './controller.ts';
import { keyOf } from './keys.ts';

export function watchShards({ caches, sights, memory }: OperatorContext, queue: WorkQueue): readonly (() => void)[] {
  const addAll = (shards: readonly VectorShard[]): void => {
    for (const shard of shards) queue.add(keyOf(shard));
  };
  return [
    caches.shards.onChange(({ kind, object }) => {
      if (kind === 'deleted') memory.forget(object);
      queue.add(keyOf(object));
    }),
    caches.pods.onChange(({ kind, object, previous }) => {
      if (kind === 'updated' && previous !== undefined && servesAlike(object, previous)) return;
      addAll(shardsOnNode(caches.shards, object.metadata.namespace ?? '', object.metadata.name));
    }),
    caches.volumes.onChange(({ kind, object }) => {
      const node = object.metadata.labels?.[labels.node];
      if (kind === 'updated' || node === undefined) return;
      addAll(shardsOnNode(caches.shards, object.metadata.namespace ?? '', node));
    }),
    caches.collections.onChange(({ kind, object, previous }) => {
      if (kind !== 'updated' || object.metadata.generation === previous?.metadata.generation) return;
      addAll(shardsOfCollection(caches.shards, object.metadata.namespace ?? '', object.metadata.name));
    }),
    caches.clusters.onChange(({ object, previous }) => {
      if (isDeepStrictEqual(object.spec.collectionDefaults, previous?.spec.collectionDefaults)) return;
      const { name, namespace = '' } = object.metadata;
      addAll(withClusterName(caches.shards, namespace, name));
    }),
    sights.onChange(({ namespace, cluster, node, shards }) => {
      const onNode = shardsOnNode(caches.shards, namespace, node);
      addAll(
        shards === undefined
          ? onNode
          : withClusterName(caches.shards, namespace, cluster).filter(({ metadata }) => shards.includes(metadata.uid ?? '')),
      );
    }),
  ];
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
