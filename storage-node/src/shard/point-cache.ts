/** Points by row, for all replicas of a node, bounded by bytes. Filters read payloads over and over. */
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../model/json-value.ts';
import type { PointId } from '../model/point-id.ts';
import { payloadFrom } from './merge-payload.ts';
import type { StoredPoint } from './stored-point.ts';

/** A parsed payload takes about this many times the bytes of its text. */
const parsedFactor = 4;
const entryOverheadBytes = 200;
const rowsPerReplica = 2 ** 32;

/** A stored point whose payload is parsed when somebody looks at it. */
export class CachedPoint {
  readonly id: PointId;
  readonly version: bigint;
  #text: Buffer | undefined;
  #payload: JsonObject | undefined;

  constructor(stored: StoredPoint) {
    this.id = stored.id;
    this.version = stored.version;
    this.#text = stored.payload;
  }

  get payload(): JsonObject {
    this.#payload ??= this.#text ? payloadFrom(this.#text) : {};
    this.#text = undefined;
    return this.#payload;
  }
}

export class PointCache {
  readonly #points: LRUCache<number, CachedPoint>;
  #replicas = 0;

  constructor(maxBytes: number) {
    this.#points = new LRUCache({ maxSize: maxBytes });
  }

  /** The part of the cache that one replica uses while it is open. */
  open(): ReplicaPoints {
    return new ReplicaPoints(this.#points, this.#replicas++ * rowsPerReplica);
  }
}

export class ReplicaPoints {
  readonly #points: LRUCache<number, CachedPoint>;
  readonly #base: number;
  readonly #reads = new Set<Set<number>>();

  constructor(points: LRUCache<number, CachedPoint>, base: number) {
    this.#points = points;
    this.#base = base;
  }

  /** Begin before the documents are looked at: what is forgotten from then on is not put by this read, which may have seen it before. */
  beginRead(): CacheRead {
    const forgotten = new Set<number>();
    this.#reads.add(forgotten);
    return {
      get: (row) => this.#points.get(this.#base + row),
      put: (row, stored) => {
        const point = new CachedPoint(stored);
        const size = entryOverheadBytes + parsedFactor * stored.payload.length;
        if (!forgotten.has(row)) this.#points.set(this.#base + row, point, { size });
        return point;
      },
      [Symbol.dispose]: () => this.#reads.delete(forgotten),
    };
  }

  /** These rows changed or are gone. */
  forget(rows: Iterable<number>): void {
    for (const row of rows) {
      this.#points.delete(this.#base + row);
      for (const forgotten of this.#reads) forgotten.add(row);
    }
  }
}

export interface CacheRead extends Disposable {
  get(row: number): CachedPoint | undefined;
  put(row: number, stored: StoredPoint): CachedPoint;
}
