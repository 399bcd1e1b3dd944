/**
 * What a replica knows: which rows live, the vectors in memory, the sequence that all of it reflects. Changed only by `apply`.
 *
 * Documents and memory change together: a view is taken before or after both, never between. Documents of rows that died go one round
 * later.
 */
import assert from 'node:assert/strict';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { ShardUnavailableError } from '../errors.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { Position } from '../replication/log-shape.ts';
import type { RecentRequests } from '../replication/recent-requests.ts';
import { applyRound, type AppliedRound } from './apply-round.ts';
import { DocumentKeys } from './document-keys.ts';
import { loadReplica, type LoadedReplica } from './load-replica.ts';
import type { ReplicaPoints } from './point-cache.ts';
import { Readers } from './readers.ts';
import { ReplicaView } from './replica-view.ts';
import type { CommittedOperation } from './resolved-operation.ts';
import { bookkeeping, deletions } from './round-bookkeeping.ts';
import type { SegmentFiles } from './segment-files.ts';
import type { SegmentedVectors, CreateSegment } from './segmented-vectors.ts';

export interface ReplicaStateOptions {
  readonly replicaId: string;
  readonly config: CollectionConfig;
  readonly documents: Documents;
  readonly cache: ReplicaPoints;
  readonly createSegment: CreateSegment;
  /** Saved segments of one vector, by its number in document keys. */
  segmentFiles(vectorNumber: number): SegmentFiles;
  readonly onIndexFailure: (error: unknown) => void;
}

export class ReplicaState {
  readonly #options: ReplicaStateOptions;
  readonly #keys: DocumentKeys;
  #loaded: LoadedReplica;
  #appliedSequence: bigint;
  #appliedEpoch: bigint;
  #nextRow: number;
  #dead: readonly number[];
  #applying: Promise<void> | undefined;
  #closed = false;
  readonly #readers = new Readers();

  private constructor(options: ReplicaStateOptions, loaded: LoadedReplica) {
    this.#options = options;
    this.#keys = new DocumentKeys(options.replicaId);
    this.#loaded = loaded;
    this.#appliedSequence = loaded.applied.sequence;
    this.#appliedEpoch = loaded.applied.epoch;
    this.#nextRow = loaded.nextRow;
    this.#dead = loaded.dead;
  }

  /** Reads everything back from the documents; then the log is to be replayed through `apply`. */
  static async load(options: ReplicaStateOptions): Promise<ReplicaState> {
    return new ReplicaState(options, await loadReplica(options));
  }

  get requests(): RecentRequests {
    return this.#loaded.requests;
  }

  get vectors(): ReadonlyMap<string, SegmentedVectors> {
    return this.#loaded.vectors;
  }

  get appliedSequence(): bigint {
    return this.#appliedSequence;
  }

  get points(): number {
    return this.#loaded.live.count;
  }

  /** The entry that the documents reflect last. */
  get applied(): Position {
    return { sequence: this.#appliedSequence, epoch: this.#appliedEpoch };
  }

  /** First row that no applied entry has taken. */
  get nextRow(): number {
    return this.#nextRow;
  }

  async untilIndexed(): Promise<void> {
    for (const vectors of this.vectors.values()) await vectors.untilIndexed();
  }

  /** What has been applied by now. */
  async view(): Promise<ReplicaView> {
    while (this.#applying) await this.#applying;
    if (this.#closed) throw new ShardUnavailableError('the replica is being closed');
    return new ReplicaView({
      reader: this.#options.documents.snapshot(),
      keys: this.#keys,
      cache: this.#options.cache,
      live: this.#loaded.live.copy(),
      sequence: this.#appliedSequence,
      vectorNumbers: this.#loaded.vectorNumbers,
      searches: new Map(Array.from(this.vectors, ([name, vectors]) => [name, vectors.searchNow()])),
      presence: this.#readers.enter(),
    });
  }

  /** Operations in the order of their sequences, without a gap after what is applied; all of one epoch. */
  async apply(operations: readonly CommittedOperation[], epoch: bigint): Promise<void> {
    const last = operations.at(-1);
    if (!last) return;
    assert(operations[0]?.sequence === this.#appliedSequence + 1n, 'operations are applied without gaps');
    const round = await applyRound(operations, {
      reader: this.#options.documents,
      keys: this.#keys,
      nextRow: this.#nextRow,
      vectorNumber: (name) => this.#loaded.vectorNumbers.get(name),
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#applying = promise;
    try {
      await this.#options.documents.write([
        ...deletions(this.#dead, this.#keys, this.#loaded.vectorNumbers.values()),
        ...round.writes,
        ...bookkeeping({ ...round, operations, epoch, keys: this.#keys, vectorNumbers: this.#loaded.vectorNumbers }),
      ]);
      this.#changeMemory(round, last.sequence);
      this.#appliedEpoch = epoch;
      for (const { requestId, sequence } of operations) this.requests.remember(requestId, { epoch, sequence });
    } finally {
      this.#applying = undefined;
      resolve();
    }
    if (round.died.length === 0) return;
    const release = (segment: Disposable): void => this.#readers.afterThese(() => segment[Symbol.dispose]());
    for (const vectors of this.vectors.values()) await vectors.dropDead(this.#loaded.live, this.#nextRow, release);
  }

  /** Lets `work` replace the documents and the saved segments, then reads them anew. Views are given again afterwards. */
  async replace(work: () => Promise<void>): Promise<void> {
    assert(!this.#applying, 'nothing is applied while everything is replaced');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#applying = promise;
    try {
      await this.#readers.untilTheseLeft();
      this.#options.cache.forget(this.#loaded.live.rows());
      for (const vectors of this.vectors.values()) await vectors.close({ save: false });
      await work();
      const loaded = await loadReplica(this.#options);
      this.#loaded = loaded;
      this.#appliedSequence = loaded.applied.sequence;
      this.#appliedEpoch = loaded.applied.epoch;
      this.#nextRow = loaded.nextRow;
      this.#dead = loaded.dead;
    } finally {
      this.#applying = undefined;
      resolve();
    }
  }

  /** Waits for the views; none is given any more. */
  async close({ save }: { readonly save: boolean }): Promise<void> {
    this.#closed = true;
    await this.#readers.untilTheseLeft();
    this.#options.cache.forget(this.#loaded.live.rows());
    for (const vectors of this.vectors.values()) await vectors.close({ save });
  }

  #changeMemory({ born, died, changed, nextRow }: AppliedRound, sequence: bigint): void {
    this.#nextRow = Math.max(this.#nextRow, nextRow);
    const rows = [...born].toSorted(([a], [b]) => a - b);
    for (const [name, vectors] of this.vectors) {
      const added = rows.flatMap(([row, named]) => {
        const vector = named.get(name);
        return vector ? [{ row, vector }] : [];
      });
      if (added.length > 0) vectors.put(added);
    }
    for (const row of born.keys()) this.#loaded.live.add(row);
    for (const row of died) this.#loaded.live.remove(row);
    this.#options.cache.forget(this.#dead);
    if (changed.length > 0) this.#options.cache.changed(changed, sequence);
    this.#dead = died;
    this.#appliedSequence = sequence;
  }
}
