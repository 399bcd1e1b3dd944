/** A replica in memory, searched exactly. Refuses as often as it is told before it does what it is asked. */
import type { Database, NewCollection } from '../src/coordinator/database.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../src/model/query.ts';
import type { WriteOperation } from '../src/model/write-operation.ts';
import type { ServedShard } from '../src/peer/served-shard.ts';
import type { Position } from '../src/replication/log-shape.ts';
import type { ReadLevel } from '../src/replication/serving-reads.ts';
import type { Answer, WriteLevel } from '../src/shard/shard.ts';
import { MemoryDatabase } from './memory-database.ts';

const collection = 'the-shard';
const context = { signal: new AbortController().signal, requestId: 'memory' };

export class MemoryShard implements ServedShard {
  /** Thrown by the next calls, one each. */
  readonly refusals: Error[] = [];
  readonly requestIds: string[] = [];
  readonly writeLevels: WriteLevel[] = [];
  readonly readLevels: ReadLevel[] = [];
  readonly #database: Database = new MemoryDatabase();
  #sequence = 0n;

  static async create(settings: NewCollection): Promise<MemoryShard> {
    const shard = new MemoryShard();
    await shard.#database.createCollection(collection, settings, context);
    return shard;
  }

  async write(operation: WriteOperation, requestId: string, level: WriteLevel) {
    this.requestIds.push(requestId);
    this.writeLevels.push(level);
    this.#refuse();
    await this.#database.write(collection, operation, { ...context, wait: true });
    this.#sequence += 1n;
    return this.#position;
  }

  async search({ vector, vectorName, ...request }: SearchRequest, level: ReadLevel) {
    const query = { ...request, using: vectorName, offset: 0, nearest: { kind: 'vector' as const, vector } };
    return await this.#read(level, () => this.#database.query(collection, query, context));
  }

  async retrieve(request: RetrieveRequest, level: ReadLevel) {
    return await this.#read(level, () => this.#database.retrieve(collection, request, context));
  }

  async scroll(request: ScrollRequest, level: ReadLevel) {
    return await this.#read(level, async () => (await this.#database.scroll(collection, request, context)).points);
  }

  async count(request: CountRequest, level: ReadLevel) {
    return await this.#read(level, () => this.#database.count(collection, request, context));
  }

  async stats() {
    this.#refuse();
    const { pointsCount, indexedVectorsCount, segmentsCount } = await this.#database.collectionInfo(collection, context);
    return { points: pointsCount, vectors: pointsCount, indexedVectors: indexedVectorsCount, segments: segmentsCount };
  }

  get #position(): Position {
    return { epoch: this.#sequence === 0n ? 0n : 1n, sequence: this.#sequence };
  }

  async #read<Value>(level: ReadLevel, read: () => Promise<Value>): Promise<Answer<Value>> {
    this.readLevels.push(level);
    this.#refuse();
    const position = this.#position;
    return { value: await read(), position };
  }

  #refuse(): void {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
  }
}
