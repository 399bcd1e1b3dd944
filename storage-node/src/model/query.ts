/** Reads as the coordinator and the shards exchange them. */
import type { Filter } from './filter.ts';
import type { PayloadSelector, VectorSelector } from './point.ts';
import type { PointId } from './point-id.ts';

export interface SearchParams {
  /** Candidates of the graph search; at least `limit`, 128 when left out. */
  readonly hnswEf?: number | undefined;
  /** Scan all vectors instead of the graph. */
  readonly exact: boolean;
}

/** Nearest neighbours of `vector` in one shard; the best `limit`, without offset. */
export interface SearchRequest {
  readonly vectorName: string;
  readonly vector: Float32Array;
  readonly filter?: Filter | undefined;
  readonly params: SearchParams;
  /** Strict: better than this score. */
  readonly scoreThreshold?: number | undefined;
  readonly limit: number;
  readonly withPayload: PayloadSelector;
  readonly withVectors: VectorSelector;
}

export interface ScrollRequest {
  readonly filter?: Filter | undefined;
  /** First id to return, inclusive; from the start when left out. */
  readonly from?: PointId | undefined;
  readonly limit: number;
  readonly withPayload: PayloadSelector;
  readonly withVectors: VectorSelector;
}

export interface RetrieveRequest {
  readonly ids: readonly PointId[];
  readonly withPayload: PayloadSelector;
  readonly withVectors: VectorSelector;
}

export interface CountRequest {
  readonly filter?: Filter | undefined;
}
