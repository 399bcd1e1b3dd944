/** The database as clients see it: each request takes one view of the cluster, and each verb has its file. */
import type { CollectionConfig } from '../model/collection.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest } from '../model/query.ts';
import type { PointRecord, ScoredPoint } from '../model/point.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { CollectionRoute } from '../topology/topology.ts';
import { traced } from '../tracing.ts';
import { changeAliases, listAliases } from './aliases.ts';
import { collectionInfo, createCollection, deleteCollection } from './collections.ts';
import type { Consistency } from './consistency.ts';
import type { CollectionCall, Coordination } from './coordination.ts';
import { count } from './count.ts';
import type {
  Alias,
  AliasAction,
  CollectionInfo,
  Database,
  NewCollection,
  QueryRequest,
  RequestContext,
  ScrollPage,
  WriteOptions,
  WriteOutcome,
} from './database.ts';
import { missing } from './on-shard.ts';
import { query } from './query.ts';
import { retrieve } from './retrieve.ts';
import { scroll } from './scroll.ts';
import { write } from './write.ts';

/** For clients that ask for nothing. */
const defaultConsistency: Consistency = { kind: 'recent' };

export class Coordinator implements Database {
  readonly #coordination: Coordination;
  #writes = 0;

  constructor(coordination: Coordination) {
    this.#coordination = coordination;
  }

  async listCollections(): Promise<readonly string[]> {
    return [...this.#coordination.topology.current().collections.keys()].toSorted();
  }

  async collectionExists(name: string): Promise<boolean> {
    return this.#find(name) !== undefined;
  }

  collectionConfig(name: string): CollectionConfig {
    const collection = this.#find(name);
    if (collection === undefined) throw missing(name);
    return collection.config;
  }

  async collectionInfo(name: string, context: RequestContext): Promise<CollectionInfo> {
    return await this.#on(name, 'collection-info', context, collectionInfo);
  }

  async createCollection(name: string, settings: NewCollection, { signal }: RequestContext): Promise<void> {
    await traced('coordinator.create-collection', {}, () => createCollection(this.#coordination, name, settings, signal));
  }

  async deleteCollection(name: string, { signal }: RequestContext): Promise<boolean> {
    return await traced('coordinator.delete-collection', {}, () => deleteCollection(this.#coordination, name, signal));
  }

  async listAliases(collection?: string): Promise<readonly Alias[]> {
    return listAliases(this.#coordination.topology.current(), collection);
  }

  async changeAliases(actions: readonly AliasAction[], { signal }: RequestContext): Promise<void> {
    await traced('coordinator.change-aliases', {}, () => changeAliases(this.#coordination, actions, signal));
  }

  async write(collection: string, operation: WriteOperation, options: WriteOptions): Promise<WriteOutcome> {
    return await this.#on(collection, 'write', options, (call) =>
      write(call, operation, { ...options, requestId: this.#writeId(options) }),
    );
  }

  async query(collection: string, request: QueryRequest, context: RequestContext): Promise<readonly ScoredPoint[]> {
    return await this.#on(collection, 'query', context, (call) => query(call, request));
  }

  async retrieve(collection: string, request: RetrieveRequest, context: RequestContext): Promise<readonly PointRecord[]> {
    return await this.#on(collection, 'retrieve', context, (call) => retrieve(call, request));
  }

  async scroll(collection: string, request: ScrollRequest, context: RequestContext): Promise<ScrollPage> {
    return await this.#on(collection, 'scroll', context, (call) => scroll(call, request));
  }

  async count(collection: string, request: CountRequest, context: RequestContext): Promise<number> {
    return await this.#on(collection, 'count', context, (call) => count(call, request));
  }

  /** One request may hold several writes (a batch); each takes effect once. */
  #writeId({ requestId }: WriteOptions): string {
    this.#writes += 1;
    return `${requestId}.${this.#writes}`;
  }

  async #on<Result>(
    name: string,
    verb: string,
    { signal, waitsFor, session, consistency = session === undefined ? defaultConsistency : { kind: 'session' } }: RequestContext,
    work: (call: CollectionCall) => Promise<Result>,
  ): Promise<Result> {
    return await traced(`coordinator.${verb}`, { attributes: { 'db.collection.name': name } }, async () => {
      const collection = await this.#complete(name, signal);
      const draw = this.#coordination.random();
      return await work({ coordination: this.#coordination, collection, signal, waitsFor, consistency, session, draw });
    });
  }

  /** A collection that is just being made has not all its shards yet; what would be routed now would be routed wrong. */
  async #complete(name: string, signal: AbortSignal): Promise<CollectionRoute> {
    const collection = this.#find(name);
    if (collection?.complete !== false) return collection ?? notThere(name);
    await this.#coordination.topology.until(() => this.#find(name)?.complete !== false, signal);
    return this.#find(name) ?? notThere(name);
  }

  #find(name: string): CollectionRoute | undefined {
    const { collections, aliases } = this.#coordination.topology.current();
    return collections.get(name) ?? aliases.get(name);
  }
}

function notThere(name: string): never {
  throw missing(name);
}
