import type { Shard } from '../shard/shard.ts';

/** Size of one shard, as one replica counts it. */
export interface ShardStats {
  readonly points: number;
  readonly vectors: number;
  /** Vectors in a graph; the others are scanned. */
  readonly indexedVectors: number;
  readonly segments: number;
}

/** A shard with its size: what nodes serve to each other. */
export interface ServedShard extends Shard {
  stats(signal?: AbortSignal): Promise<ShardStats>;
}
