import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { ShardSurroundings } from '../observe/shard.ts';
import { copiesWanted, type CopiesWanted } from '../plan/copies-wanted.ts';
import { volumeNameOf } from '../plan/names.ts';
import type { OperatorContext } from './controller.ts';

export type PodFinder = (node: string) => Pod | undefined;

export function surroundingsOf(context: OperatorContext, shard: VectorShard, podOf: PodFinder): ShardSurroundings {
  const { caches, sights, memory, now } = context;
  const { namespace = '' } = shard.metadata;
  return {
    podOf,
    hasVolume: (node) => caches.volumes.get(namespace, volumeNameOf(node)) !== undefined,
    wanted: copiesWantedOf(context, shard),
    sights: sights.of(namespace, shard.spec.clusterName),
    ageMs: (of, condition) => memory.ageMs(of, condition, now()),
    standstillMs: (of, copy, position) => memory.standstillMs(of, copy, position),
    now: now(),
  };
}

function copiesWantedOf({ caches }: OperatorContext, { metadata, spec }: VectorShard): CopiesWanted | undefined {
  const collection = caches.collections.get(metadata.namespace, spec.vectorCollection);
  const cluster = caches.clusters.get(metadata.namespace, spec.clusterName);
  return collection && cluster && copiesWanted(collection.spec, cluster.spec.collectionDefaults);
}
