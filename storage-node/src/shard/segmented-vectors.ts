/**
 * One vector name of a replica: rows in segments of fixed size, of which the last ones grow. A vector is searchable as soon as it is
 * put; the graph is built behind it, on the engine's threads, and saved when enough was added to it.
 */
import type { Metric, SegmentOptions, VectorSegment } from '@vectorcluster/engine/vectors/vector-segment.ts';
import type { Distance, VectorConfig } from '../model/collection.ts';
import { bestRows, type RowHit, type RowSearch } from './best-rows.ts';
import { rowsPerSegment, type LiveRows } from './live-rows.ts';
import type { SegmentFiles } from './segment-files.ts';

export type CreateSegment = (options: SegmentOptions) => VectorSegment;

export interface RowVector {
  readonly row: number;
  readonly vector: Float32Array;
}

/** `allowed` must not change while it is searched. */
export type SegmentsSearch = (request: RowSearch, allowed: LiveRows) => Promise<readonly RowHit[]>;

export interface SegmentedVectorsOptions {
  readonly config: VectorConfig;
  readonly createSegment: CreateSegment;
  readonly files: SegmentFiles;
  readonly onIndexFailure: (error: unknown) => void;
}

interface HeldSegment {
  readonly segment: VectorSegment;
  /** Vectors in the graph of its file. */
  saved: number;
  /** It came from a file, which may hold rows whose documents were written again since. */
  readonly restored: boolean;
}

const metrics: Readonly<Record<Distance, Metric>> = { Cosine: 'cosine', Dot: 'dot', Euclid: 'euclid', Manhattan: 'manhattan' };

/** Vectors that one call adds to the graph before others get their turn. */
const indexBatch = 256;
/** Writers wait while more than this is only scanned, so that searches stay fast. */
const unindexedMax = 20_000;
/** A growing segment is saved again after so many more vectors. */
const saveEvery = 16_384;
/** At the end it is saved for fewer; below this a restart builds them faster than it would read the file. */
const saveAtEndFrom = 1_024;

export class SegmentedVectors {
  readonly config: VectorConfig;
  readonly #options: SegmentedVectorsOptions;
  readonly #segments = new Map<number, HeldSegment>();
  #indexing: Promise<void> | undefined;
  readonly #waiting: (() => void)[] = [];
  #closing = false;

  constructor(options: SegmentedVectorsOptions) {
    this.config = options.config;
    this.#options = options;
  }

  get count(): number {
    return this.#sum(({ segment }) => segment.count);
  }

  get indexedCount(): number {
    return this.#sum(({ segment }) => segment.indexedCount);
  }

  get segmentCount(): number {
    return this.#segments.size;
  }

  /** Reads the saved segments that hold a live row, and removes the others. */
  async restore(live: LiveRows): Promise<void> {
    const { files } = this.#options;
    for (const index of await files.list()) {
      if (live.segment(index).count === 0) {
        await files.remove(index);
        continue;
      }
      const segment = await files.open(index, this.#segmentOptions);
      if (segment) this.#segments.set(index, { segment, saved: segment.indexedCount, restored: true });
    }
  }

  has(row: number): boolean {
    return this.#segments.get(Math.floor(row / rowsPerSegment))?.segment.get(row % rowsPerSegment) !== undefined;
  }

  /** Rows ascending. */
  put(rows: readonly RowVector[]): void {
    for (const [index, added] of Map.groupBy(rows, ({ row }) => Math.floor(row / rowsPerSegment))) {
      const { segment, restored } = this.#segment(index);
      const missing = restored ? added.filter(({ row }) => !this.has(row)) : added;
      const flat = new Float32Array(missing.length * this.config.size);
      for (const [at, { vector }] of missing.entries()) flat.set(vector, at * this.config.size);
      segment.put(
        Uint32Array.from(missing, ({ row }) => row % rowsPerSegment),
        flat,
      );
    }
    this.#startIndexing();
  }

  /**
   * A search of the segments as they are now, to be run later by a reader (readers.ts): segments that are dropped meanwhile stay until
   * it has left. Best first; the best `k`, and those beyond that share the score of the last one.
   */
  searchNow(): SegmentsSearch {
    const segments = Array.from(this.#segments, ([index, { segment }]) => [index, segment] as const);
    return (request, allowed) => bestRows(segments, this.config.distance, request, allowed);
  }

  /** Resolves when not too much waits for the graph. */
  async untilIndexed(): Promise<void> {
    while (this.#indexing && !this.#closing && this.count - this.indexedCount > unindexedMax) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  /**
   * Drops segments without a live row that no new row can fall into: nothing can be found in them again. `release` disposes them when
   * nobody searches them.
   */
  async dropDead(live: LiveRows, nextRow: number, release: (segment: VectorSegment) => void): Promise<void> {
    for (const [index, { segment }] of this.#segments) {
      if (index >= Math.floor(nextRow / rowsPerSegment) || live.segment(index).count > 0) continue;
      this.#segments.delete(index);
      release(segment);
      await this.#options.files.remove(index);
    }
  }

  /** Saves what is worth it, unless the data is about to be deleted. */
  async close({ save }: { readonly save: boolean }): Promise<void> {
    this.#closing = true;
    this.#wakeWriters();
    await this.#indexing;
    const kept = new Set(save ? await this.#options.files.list() : []);
    for (const [index, held] of this.#segments) {
      if (!kept.has(index)) held.saved = 0; // it was never saved, or damaged and removed
      if (save) await this.#saveIfGrown(index, held, saveAtEndFrom);
      held.segment[Symbol.dispose]();
    }
    this.#segments.clear();
  }

  get #segmentOptions(): SegmentOptions {
    const { size, distance, m, efConstruct } = this.config;
    const metric = metrics[distance];
    return {
      dimension: size,
      metric,
      capacity: rowsPerSegment,
      connectivity: Math.max(2, m),
      expansionAdd: efConstruct,
      traversal: metric === 'manhattan' ? 'float32' : 'int8',
    };
  }

  #segment(index: number): HeldSegment {
    const existing = this.#segments.get(index);
    if (existing) return existing;
    const created = { segment: this.#options.createSegment(this.#segmentOptions), saved: 0, restored: false };
    this.#segments.set(index, created);
    return created;
  }

  #startIndexing(): void {
    this.#indexing ??= this.#index();
  }

  /** Looks anew after each batch: segments come and go meanwhile. */
  async #index(): Promise<void> {
    try {
      for (let next = this.#unindexed(); next && !this.#closing; next = this.#unindexed()) {
        const [index, held] = next;
        await held.segment.index(indexBatch);
        this.#wakeWriters();
        const isFull = this.#segments.has(index + 1) && held.segment.indexedCount === held.segment.count;
        await this.#saveIfGrown(index, held, isFull ? 1 : saveEvery);
      }
    } catch (error) {
      this.#options.onIndexFailure(error);
    }
    this.#indexing = undefined; // at once after the last look, so that no vector is put unseen in between
    this.#wakeWriters();
  }

  #unindexed(): readonly [index: number, held: HeldSegment] | undefined {
    for (const [index, held] of this.#segments) if (held.segment.indexedCount < held.segment.count) return [index, held];
    return undefined;
  }

  async #saveIfGrown(index: number, held: HeldSegment, atLeast: number): Promise<void> {
    if (this.#segments.get(index) !== held) return; // dropped meanwhile
    const indexed = held.segment.indexedCount;
    if (indexed - held.saved < atLeast) return;
    await this.#options.files.save(index, held.segment);
    held.saved = indexed;
  }

  #wakeWriters(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #sum(measure: (held: HeldSegment) => number): number {
    let total = 0;
    for (const held of this.#segments.values()) total += measure(held);
    return total;
  }
}
