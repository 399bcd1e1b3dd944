/** What a shard must know of its collection. */
export type Distance = 'Cosine' | 'Dot' | 'Euclid' | 'Manhattan';

export interface VectorConfig {
  readonly size: number;
  readonly distance: Distance;
  /** Edges per graph node. */
  readonly m: number;
  /** Candidates looked at while building the graph. */
  readonly efConstruct: number;
}

/** By vector name; `''` is the unnamed vector. */
export interface CollectionConfig {
  readonly vectors: ReadonlyMap<string, VectorConfig>;
}
