/** How many copies of each shard a collection asks for, with what its cluster says for those that leave it out. */
import type { VectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';

export interface CopiesWanted {
  readonly replicationFactor: number;
  /** Never above replicationFactor: a default may be. */
  readonly minInSync: number;
  readonly readReplicas: number;
}

type Asked = Pick<VectorCollectionSpec, 'replicationFactor' | 'minInSync' | 'readReplicas'>;

export function copiesWanted(spec: Asked, defaults: VectorClusterSpec['collectionDefaults']): CopiesWanted {
  const replicationFactor = spec.replicationFactor ?? defaults.replicationFactor;
  return {
    replicationFactor,
    minInSync: Math.min(spec.minInSync ?? defaults.minInSync, replicationFactor),
    readReplicas: spec.readReplicas ?? defaults.readReplicas,
  };
}
