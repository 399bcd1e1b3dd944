/**
 * Points with parsed payloads, for all replicas of a node, bounded by bytes. Filters read payloads over and over.
 *
 * A row keeps its id but its payload may change, and a view may be older than the cache. So a view takes only what was written by its
 * own sequence, and puts what it read only when no payload has changed since it was taken.
 */
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
  /** Sequence of the write that made this version. */
  readonly version: bigint;
  #payload: { readonly kind: 'text'; readonly text: Buffer } | { readonly kind: 'parsed'; readonly payload: JsonObject };

  constructor({ id, version, payload }: StoredPoint) {
    this.id = id;
    this.version = version;
    this.#payload = { kind: 'text', text: payload };
  }

  get payload(): JsonObject {
    if (this.#payload.kind === 'text') this.#payload = { kind: 'parsed', payload: payloadFrom(this.#payload.text) };
    return this.#payload.payload;
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
  #changedAt = 0n;

  constructor(points: LRUCache<number, CachedPoint>, base: number) {
    this.#points = points;
    this.#base = base;
  }

  /** The point as a view of everything up to sequence `at` shows it. */
  get(row: number, at: bigint): CachedPoint | undefined {
    const point = this.#points.get(this.#base + row);
    return point !== undefined && point.version <= at ? point : undefined;
  }

  /** A point read by a view of everything up to `at`; kept unless a payload has changed since. */
  put(row: number, stored: StoredPoint, at: bigint): CachedPoint {
    const point = new CachedPoint(stored);
    const size = entryOverheadBytes + parsedFactor * stored.payload.length;
    if (at >= this.#changedAt) this.#points.set(this.#base + row, point, { size });
    return point;
  }

  /** Payloads of these rows changed at the sequence. */
  changed(rows: Iterable<number>, sequence: bigint): void {
    this.#changedAt = sequence;
    this.forget(rows);
  }

  /** These rows are gone. */
  forget(rows: Iterable<number>): void {
    for (const row of rows) this.#points.delete(this.#base + row);
  }
}
