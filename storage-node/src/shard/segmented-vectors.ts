/**
 * One vector name of a replica: rows in segments of fixed size, of which the last ones grow. A vector is searchable as soon as it is
 * put; the graph is built behind it, on the engine's threads.
 */
import type { Metric, SegmentOptions, SegmentSearch, VectorSegment } from '@vectorcluster/engine/vectors/vector-segment.ts';
import type { Distance, VectorConfig } from '../model/collection.ts';
import { rowsPerSegment, type LiveRows } from './live-rows.ts';

export type CreateSegment = (options: SegmentOptions) => VectorSegment;

export interface RowHit {
  readonly row: number;
  readonly score: number;
}

export type RowSearch = Pick<SegmentSearch, 'vector' | 'k' | 'expansion' | 'exact'>;

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

  /** Best first over all segments, at most `k`. */
  async search(request: RowSearch, allowed: LiveRows): Promise<readonly RowHit[]> {
    const found = await Promise.all(
      [...this.#segments].map(async ([index, segment]) => {
        const { bits, count } = allowed.segment(index);
        if (count === 0) return [];
        const { slots, scores } = await segment.search({ ...request, allowed: bits, allowedCount: count });
        return Array.from(slots, (slot, at): RowHit => ({ row: index * rowsPerSegment + slot, score: scores[at] ?? 0 }));
      }),
    );
    const better = betterFirst(this.config.distance);
    return found.flat().toSorted(better).slice(0, request.k);
  }

  /** Resolves when not too much waits for the graph. */
  async untilIndexed(): Promise<void> {
    while (!this.#disposed && this.count - this.indexedCount > unindexedMax && this.#indexing) await this.#indexing;
  }

  /** Drops segments without a live row: nothing can be found in them again. */
  dropDead(live: LiveRows, growing: number): void {
    for (const [index, segment] of this.#segments) {
      if (index >= Math.floor(growing / rowsPerSegment) || live.segment(index).count > 0) continue;
      this.#segments.delete(index);
      segment[Symbol.dispose]();
    }
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
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
    this.#indexing ??= this.#index()
      .catch((error: unknown) => {
        if (!this.#disposed) this.#onFailure(error);
      })
      .finally(() => {
        this.#indexing = undefined;
      });
  }

  async #index(): Promise<void> {
    for (const segment of this.#segments.values()) {
      while (!this.#disposed && segment.indexedCount < segment.count) await segment.index(indexBatch);
    }
  }

  #sum(measure: (segment: VectorSegment) => number): number {
    let total = 0;
    for (const segment of this.#segments.values()) total += measure(segment);
    return total;
  }
}

/** Descending for similarities, ascending for distances. */
export function betterFirst(distance: Distance): (a: { readonly score: number }, b: { readonly score: number }) => number {
  return distance === 'Cosine' || distance === 'Dot' ? (a, b) => b.score - a.score : (a, b) => a.score - b.score;
}
