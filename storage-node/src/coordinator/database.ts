/** What a client can ask of the database, free of REST and gRPC. The edges in rpc/ translate to and from it. */
import type { Consistency } from './consistency.ts';
import type { Session } from './session.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { Filter } from '../model/filter.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchParams } from '../model/query.ts';
import type { PayloadSelector, PointRecord, ScoredPoint, VectorSelector } from '../model/point.ts';
import type { PointId } from '../model/point-id.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { VectorCollectionSpec } from '@vectorcluster/crds/vector-collection.ts';

/** Deadline of the request and its cancellation when the client goes away. */
export interface RequestContext {
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** Told why the request is not done yet, each time it has to be tried again. */
  readonly waitsFor?: ((because: string) => void) | undefined;
  /** Left out: `session` where there is one, else `recent`. */
  readonly consistency?: Consistency | undefined;
  /** What the client says it has seen; the call adds what it has seen then. */
  readonly session?: Session | undefined;
}

export interface WriteOptions extends RequestContext {
  /** Answer only when applied and visible; otherwise as soon as it is durable. */
  readonly wait: boolean;
}

/** Settings of a new collection: the object's spec without what the coordinator itself fills in. */
export type NewCollection = Omit<VectorCollectionSpec, 'clusterName' | 'collection' | 'aliases'>;

export interface CollectionInfo {
  readonly name: string;
  readonly status: 'green' | 'yellow' | 'red';
  readonly spec: VectorCollectionSpec;
  readonly shardNumber: number;
  readonly pointsCount: number;
  readonly indexedVectorsCount: number;
  readonly segmentsCount: number;
}

export type AliasAction =
  | { readonly kind: 'create'; readonly collection: string; readonly alias: string }
  | { readonly kind: 'delete'; readonly alias: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string };

export interface Alias {
  readonly alias: string;
  readonly collection: string;
}

export type NearestQuery =
  | { readonly kind: 'vector'; readonly vector: Float32Array }
  /** Uses the stored vector of the point and leaves that point out of the answer. */
  | { readonly kind: 'id'; readonly id: PointId };

export interface QueryRequest {
  /** Left out: points by ascending id with score 0. */
  readonly nearest?: NearestQuery | undefined;
  readonly using: string;
  readonly filter?: Filter | undefined;
  readonly params: SearchParams;
  readonly scoreThreshold?: number | undefined;
  readonly limit: number;
  readonly offset: number;
  readonly withPayload: PayloadSelector;
  readonly withVectors: VectorSelector;
}

export interface WriteOutcome {
  readonly status: 'completed' | 'acknowledged';
  /** Largest sequence among the shards written; undefined when nothing had to be written. */
  readonly operationId?: number | undefined;
}

export interface ScrollPage {
  readonly points: readonly PointRecord[];
  readonly nextPageOffset?: PointId | undefined;
}

/**
 * Names may be aliases everywhere but in create, delete and alias calls. Errors are StorageNodeErrors:
 * NotFoundError with the text "Collection `x` doesn't exist!", AlreadyExistsError "Collection `x` already exists!", and so on.
 */
export interface Database {
  listCollections(): Promise<readonly string[]>;
  collectionExists(name: string): Promise<boolean>;
  collectionInfo(name: string, context: RequestContext): Promise<CollectionInfo>;
  /** Config for validating vectors at the edge; throws NotFoundError. */
  collectionConfig(name: string): CollectionConfig;
  /** Resolves when every shard serves. */
  createCollection(name: string, settings: NewCollection, context: RequestContext): Promise<void>;
  /** False when there was none. */
  deleteCollection(name: string, context: RequestContext): Promise<boolean>;

  listAliases(collection?: string): Promise<readonly Alias[]>;
  changeAliases(actions: readonly AliasAction[], context: RequestContext): Promise<void>;

  write(collection: string, operation: WriteOperation, options: WriteOptions): Promise<WriteOutcome>;
  query(collection: string, request: QueryRequest, context: RequestContext): Promise<readonly ScoredPoint[]>;
  retrieve(collection: string, request: RetrieveRequest, context: RequestContext): Promise<readonly PointRecord[]>;
  scroll(collection: string, request: ScrollRequest, context: RequestContext): Promise<ScrollPage>;
  count(collection: string, request: CountRequest, context: RequestContext): Promise<number>;
}
