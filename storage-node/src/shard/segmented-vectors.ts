/**
 * One vector name of a replica: rows in segments of fixed size, of which the last ones grow. A vector is searchable as soon as it is
 * put; the graph is built behind it, on the engine's threads.
 */
import type { Metric, SegmentOptions, VectorSegment } from '@vectorcluster/engine/vectors/vector-segment.ts';
import type { Distance, VectorConfig } from '../model/collection.ts';
import { bestRows, type RowHit, type RowSearch } from './best-rows.ts';
import { rowsPerSegment, type LiveRows } from './live-rows.ts';

export type CreateSegment = (options: SegmentOptions) => VectorSegment;

export interface SegmentsSearch {
  (request: RowSearch, allowed: LiveRows): Promise<readonly RowHit[]>;
  readonly distance: Distance;
}

const metrics: Readonly<Record<Distance, Metric>> = { Cosine: 'cosine', Dot: 'dot', Euclid: 'euclid', Manhattan: 'manhattan' };

/** Vectors that one call adds to the graph before others get their turn. */
const indexBatch = 256;
/** Writers wait while more than this is only scanned, so that searches stay fast. */
const unindexedMax = 20_000;

export class SegmentedVectors implements Disposable {
  readonly config: VectorConfig;
  readonly #create: CreateSegment;
  readonly #segments = new Map<number, VectorSegment>();
  readonly #onFailure: (error: unknown) => void;
  #indexing: Promise<void> | undefined;
  /** Settled whenever the graph grew or its building ended. */
  #progress = Promise.withResolvers<void>();
  #disposed = false;

  constructor(config: VectorConfig, create: CreateSegment, onFailure: (error: unknown) => void) {
    this.config = config;
    this.#create = create;
    this.#onFailure = onFailure;
  }

  get count(): number {
    return this.#sum((segment) => segment.count);
  }

  get indexedCount(): number {
    return this.#sum((segment) => segment.indexedCount);
  }

  get segmentCount(): number {
    return this.#segments.size;
  }

  /** Rows ascending; `vectors` row-major, as many as there are rows. */
  put(rows: readonly number[], vectors: readonly Float32Array[]): void {
    const bySegment = Map.groupBy(rows.keys(), (position) => Math.floor((rows[position] ?? 0) / rowsPerSegment));
    for (const [index, positions] of bySegment) {
      const slots = Uint32Array.from(positions, (position) => (rows[position] ?? 0) % rowsPerSegment);
      const flat = new Float32Array(positions.length * this.config.size);
      for (const [at, position] of positions.entries()) flat.set(vectors[position] ?? [], at * this.config.size);
      this.#segment(index).put(slots, flat);
    }
    this.#startIndexing();
  }

  /**
   * A search of the segments as they are now, to be run later by a reader (readers.ts): segments that are dropped meanwhile stay until
   * it has left. Best first; the best `k`, and those beyond that share the score of the last one.
   */
  searchNow(): SegmentsSearch {
    const segments = [...this.#segments];
    const { distance } = this.config;
    const search = (request: RowSearch, allowed: LiveRows): Promise<readonly RowHit[]> => bestRows(segments, distance, request, allowed);
    return Object.assign(search, { distance });
  }

  /** Resolves when not too much waits for the graph, or nobody builds it any more. */
  async untilIndexed(): Promise<void> {
    while (this.#indexing && !this.#disposed && this.count - this.indexedCount > unindexedMax) await this.#progress.promise;
  }

  /** Drops segments without a live row: nothing can be found in them again. `release` disposes them when nobody searches them. */
  dropDead(live: LiveRows, growing: number, release: (segment: VectorSegment) => void): void {
    for (const [index, segment] of this.#segments) {
      if (index >= Math.floor(growing / rowsPerSegment) || live.segment(index).count > 0) continue;
      this.#segments.delete(index);
      release(segment);
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#tellProgress();
    for (const segment of this.#segments.values()) segment[Symbol.dispose]();
    this.#segments.clear();
  }

  #segment(index: number): VectorSegment {
    const existing = this.#segments.get(index);
    if (existing) return existing;
    const { size, distance, m, efConstruct } = this.config;
    const metric = metrics[distance];
    const segment = this.#create({
      dimension: size,
      metric,
      capacity: rowsPerSegment,
      connectivity: Math.max(2, m),
      expansionAdd: efConstruct,
      traversal: metric === 'manhattan' ? 'float32' : 'int8',
    });
    this.#segments.set(index, segment);
    return segment;
  }

  #startIndexing(): void {
    this.#indexing ??= this.#index();
  }

  /** Looks anew after each batch: segments come and go meanwhile. */
  async #index(): Promise<void> {
    try {
      for (let next = this.#unindexed(); next; next = this.#unindexed()) {
        await next.index(indexBatch);
        this.#tellProgress();
      }
    } catch (error) {
      if (!this.#disposed) this.#onFailure(error);
    }
    this.#indexing = undefined; // at once after the last look, so that no vector is put unseen in between
    this.#tellProgress();
  }

  #tellProgress(): void {
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }

  #unindexed(): VectorSegment | undefined {
    for (const segment of this.#segments.values()) if (segment.indexedCount < segment.count) return segment;
    return undefined;
  }

  #sum(measure: (segment: VectorSegment) => number): number {
    let total = 0;
    for (const segment of this.#segments.values()) total += measure(segment);
    return total;
  }
}
