/**
 * What a replica knows: which rows live, the vectors in memory, the sequence that all of it reflects. Changed only by `apply`.
 *
 * Documents are written before memory changes, and documents of rows that died are deleted one round later, so that a view of the
 * documents taken at any moment holds every row that lives at that moment.
 */
import assert from 'node:assert/strict';
import type { DocumentReader, Documents } from '@vectorcluster/engine/documents/documents.ts';
import { InsufficientStorageError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import { applyRound, type AppliedRound } from './apply-round.ts';
import { DocumentKeys } from './document-keys.ts';
import { LiveRows } from './live-rows.ts';
import { vectorFromBytes } from './operation-codec.ts';
import type { ReplicaPoints } from './point-cache.ts';
import { Readers } from './readers.ts';
import { RecentRequests } from './recent-requests.ts';
import { bookkeeping, deletions, rowsFrom } from './round-bookkeeping.ts';
import type { CommittedOperation } from './resolved-operation.ts';
import { SegmentedVectors, type CreateSegment } from './segmented-vectors.ts';
import { StoredRows } from './stored-rows.ts';

export interface ReplicaStateOptions {
  readonly replicaId: string;
  readonly config: CollectionConfig;
  readonly documents: Documents;
  readonly cache: ReplicaPoints;
  readonly createSegment: CreateSegment;
  readonly onFatal: (error: unknown) => void;
}

/** Rows are 32-bit numbers. */
const rowsMax = 2 ** 32;

export class ReplicaState implements Disposable {
  readonly keys: DocumentKeys;
  readonly live = new LiveRows();
  readonly requests = new RecentRequests();
  readonly readers = new Readers();
  readonly vectors: ReadonlyMap<string, SegmentedVectors>;
  readonly stored: StoredRows;
  readonly #documents: Documents;
  readonly #cache: ReplicaPoints;
  readonly #numbers: ReadonlyMap<string, number>;
  #appliedSequence = 0n;
  #nextRow = 0;
  #dead: readonly number[] = [];

  constructor(options: ReplicaStateOptions) {
    this.keys = new DocumentKeys(options.replicaId);
    this.#documents = options.documents;
    this.#cache = options.cache;
    const names = [...options.config.vectors.keys()].toSorted();
    this.#numbers = new Map(names.map((name, number) => [name, number]));
    const vectors = { names, numberOf: (name: string) => this.#numbers.get(name) };
    this.stored = new StoredRows({ documents: options.documents, keys: this.keys, cache: options.cache, vectors });
    this.vectors = new Map(
      Array.from(options.config.vectors, ([name, config]) => [name, new SegmentedVectors(config, options.createSegment, options.onFatal)]),
    );
  }

  get appliedSequence(): bigint {
    return this.#appliedSequence;
  }

  takeRow(): number {
    if (this.#nextRow >= rowsMax) throw new InsufficientStorageError('the shard has used all its row numbers: copy the collection');
    return this.#nextRow++;
  }

  async untilIndexed(): Promise<void> {
    for (const vectors of this.vectors.values()) await vectors.untilIndexed();
  }

  /** Operations in the order of their sequences, without a gap after what is applied. */
  async apply(operations: readonly CommittedOperation[], epoch: bigint): Promise<void> {
    const last = operations.at(-1);
    if (!last) return;
    assert(operations[0]?.sequence === this.#appliedSequence + 1n, 'operations are applied without gaps');
    const round = await applyRound(operations, {
      reader: this.#documents,
      keys: this.keys,
      nextRow: this.#nextRow,
      vectorNumber: (name) => this.#numbers.get(name),
    });
    await this.#documents.write([
      ...deletions(this.#dead, this.keys, this.#numbers.values()),
      ...round.writes,
      ...bookkeeping({ operations, epoch, nextRow: round.nextRow, died: round.died, keys: this.keys }),
    ]);
    this.#changeMemory(round);
    this.#appliedSequence = last.sequence;
    for (const { requestId, sequence } of operations) this.requests.remember(requestId, { epoch, sequence });
  }

  /** Reads everything back from the documents; then the log is replayed through `apply`. */
  async load(): Promise<void> {
    await using reader = this.#documents.snapshot();
    const [applied, dead] = await reader.get('meta', [this.keys.applied, this.keys.dead]);
    this.#appliedSequence = applied?.readBigUInt64LE(0) ?? 0n;
    this.#nextRow = applied?.readUInt32LE(8) ?? 0;
    for await (const { value } of reader.iterate('ids', this.keys.all)) this.live.add(value.readUInt32LE(0));
    for await (const { key, value } of reader.iterate('meta', this.keys.requests)) {
      this.requests.remember(value.toString('utf8', 8), { sequence: this.keys.sequenceFromRequest(key), epoch: value.readBigUInt64LE(0) });
    }
    await this.#loadVectors(reader);
    this.#dead = rowsFrom(dead);
  }

  [Symbol.dispose](): void {
    this.#cache.forget(this.live.rows());
    for (const vectors of this.vectors.values()) vectors[Symbol.dispose]();
  }

  #changeMemory({ born, died, changed, nextRow }: AppliedRound): void {
    this.#nextRow = Math.max(this.#nextRow, nextRow);
    for (const [name, segments] of this.vectors) {
      const rows = [...born.keys()].filter((row) => born.get(row)?.has(name)).toSorted((a, b) => a - b);
      if (rows.length > 0)
        segments.put(
          rows,
          rows.map((row) => born.get(row)?.get(name) ?? new Float32Array()),
        );
    }
    for (const row of born.keys()) this.live.add(row);
    for (const row of died) this.live.remove(row);
    this.#cache.forget(changed);
    this.#cache.forget(this.#dead);
    this.#dead = died;
    if (died.length === 0) return;
    const release = (segment: Disposable): void => this.readers.afterThese(() => segment[Symbol.dispose]());
    for (const segments of this.vectors.values()) segments.dropDead(this.live, this.#nextRow, release);
  }

  async #loadVectors(reader: DocumentReader): Promise<void> {
    const blockRows = 1024;
    for (const [name, segments] of this.vectors) {
      let rows: number[] = [];
      let block: Float32Array[] = [];
      for await (const { key, value } of reader.iterate('vectors', this.keys.vectors(this.#numbers.get(name) ?? 0))) {
        const row = this.keys.rowFromVector(key);
        if (!this.live.has(row)) continue;
        rows.push(row);
        block.push(vectorFromBytes(value));
        if (rows.length < blockRows) continue;
        segments.put(rows, block);
        rows = [];
        block = [];
      }
      if (rows.length > 0) segments.put(rows, block);
    }
  }
}
