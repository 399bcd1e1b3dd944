import type { HnswParams, VectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';
import type { CollectionConfig } from '../model/collection.ts';

const defaultM = 16;
const defaultEfConstruct = 100;

/** Settings of a vector win over those of the collection, which win over the defaults of the public API. */
export function collectionConfigOf(spec: Pick<VectorCollectionSpec, 'vectors' | 'hnsw'>): CollectionConfig {
  const setting = (own: HnswParams | undefined, key: 'm' | 'efConstruct') => own?.[key] ?? spec.hnsw?.[key];
  return {
    vectors: new Map(
      spec.vectors.map(({ name, size, distance, hnsw }) => [
        name,
        {
          size,
          distance,
          m: setting(hnsw, 'm') ?? defaultM,
          efConstruct: setting(hnsw, 'efConstruct') ?? defaultEfConstruct,
        },
      ]),
    ),
  };
}
