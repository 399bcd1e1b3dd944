/** A shard in memory, searched exactly. Refuses as often as it is told before it does what it is asked. */
import type { Database, NewCollection } from '../src/coordinator/database.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../src/model/query.ts';
import type { WriteOperation } from '../src/model/write-operation.ts';
import type { ServedShard } from '../src/peer/served-shard.ts';
import { MemoryDatabase } from './memory-database.ts';

const collection = 'the-shard';
const context = { signal: new AbortController().signal, requestId: 'memory' };

export class MemoryShard implements ServedShard {
  /** Thrown by the next calls, one each. */
  readonly refusals: Error[] = [];
  readonly requestIds: string[] = [];
  readonly #database: Database = new MemoryDatabase();
  #sequence = 0n;

  static async create(settings: NewCollection): Promise<MemoryShard> {
    const shard = new MemoryShard();
    await shard.#database.createCollection(collection, settings, context);
    return shard;
  }

  async write(operation: WriteOperation, requestId: string) {
    this.requestIds.push(requestId);
    this.#refuse();
    await this.#database.write(collection, operation, { ...context, wait: true });
    this.#sequence += 1n;
    return { epoch: 1n, sequence: this.#sequence };
  }

  async search({ vector, vectorName, ...request }: SearchRequest) {
    this.#refuse();
    return await this.#database.query(
      collection,
      { ...request, using: vectorName, offset: 0, nearest: { kind: 'vector', vector } },
      context,
    );
  }

  async retrieve(request: RetrieveRequest) {
    this.#refuse();
    return await this.#database.retrieve(collection, request, context);
  }

  async scroll(request: ScrollRequest) {
    this.#refuse();
    const { points } = await this.#database.scroll(collection, request, context);
    return points;
  }

  async count(request: CountRequest) {
    this.#refuse();
    return await this.#database.count(collection, request, context);
  }

  async stats() {
    this.#refuse();
    const { pointsCount, indexedVectorsCount, segmentsCount } = await this.#database.collectionInfo(collection, context);
    return { points: pointsCount, vectors: pointsCount, indexedVectors: indexedVectorsCount, segments: segmentsCount };
  }

  #refuse(): void {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
  }
}
