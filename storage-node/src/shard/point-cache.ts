/** Points with parsed payloads, for all replicas of a node, bounded by bytes. Filters read payloads over and over. */
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../model/json-value.ts';
import type { PointId } from '../model/point-id.ts';
import { payloadFrom } from './merge-payload.ts';
import type { StoredPoint } from './stored-point.ts';

export interface CachedPoint {
  readonly id: PointId;
  readonly version: bigint;
  readonly payload: JsonObject;
}

/** A parsed payload takes about this many times the bytes of its text. */
const parsedFactor = 4;
const entryOverheadBytes = 200;
const rowsPerReplica = 2 ** 32;

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

  constructor(points: LRUCache<number, CachedPoint>, base: number) {
    this.#points = points;
    this.#base = base;
  }

  get(row: number): CachedPoint | undefined {
    return this.#points.get(this.#base + row);
  }

  put(row: number, stored: StoredPoint): CachedPoint {
    const point = { id: stored.id, version: stored.version, payload: payloadFrom(stored.payload) };
    this.#points.set(this.#base + row, point, { size: entryOverheadBytes + parsedFactor * stored.payload.length });
    return point;
  }

  forget(rows: Iterable<number>): void {
    for (const row of rows) this.#points.delete(this.#base + row);
  }
}
