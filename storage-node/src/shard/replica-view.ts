/** One replica as of one moment: a reader sees each round of writes whole or not at all, however long it reads. Dispose it. */
import type { DocumentReader } from '@vectorcluster/engine/documents/documents.ts';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import type { NamedVectors, VectorSelector } from '../model/point.ts';
import type { DocumentKeys } from './document-keys.ts';
import type { LiveRows } from './live-rows.ts';
import { vectorFromBytes } from './operation-codec.ts';
import type { CachedPoint, ReplicaPoints } from './point-cache.ts';
import type { SegmentsSearch } from './segmented-vectors.ts';
import { decodePoint } from './stored-point.ts';

export interface ReplicaViewOptions {
  readonly reader: DocumentReader & AsyncDisposable;
  readonly keys: DocumentKeys;
  readonly cache: ReplicaPoints;
  /** Its own copy. */
  readonly live: LiveRows;
  readonly sequence: bigint;
  /** By vector name, of the same moment. */
  readonly searches: ReadonlyMap<string, SegmentsSearch>;
  /** Vector names with their numbers in document keys. */
  readonly vectorNumbers: ReadonlyMap<string, number>;
  /** Disposed when nobody reads the view any more. */
  readonly presence: Disposable;
}

export interface FoundRow {
  readonly row: number;
  readonly point: CachedPoint;
}

export class ReplicaView implements AsyncDisposable {
  readonly #options: ReplicaViewOptions;

  constructor(options: ReplicaViewOptions) {
    this.#options = options;
  }

  get live(): LiveRows {
    return this.#options.live;
  }

  searchOf(vectorName: string): SegmentsSearch {
    const search = this.#options.searches.get(vectorName);
    if (!search) throw new Error(`there is no vector named "${vectorName}"`);
    return search;
  }

  /** Rows of ids, undefined for those that are not there. */
  async rowsOf(ids: readonly PointId[]): Promise<readonly (number | undefined)[]> {
    const { reader, keys } = this.#options;
    const found = await reader.get(
      'ids',
      ids.map((id) => keys.id(id)),
    );
    return found.map((bytes) => bytes?.readUInt32LE(0));
  }

  /** Points of rows that live in this view, in their order. */
  async points(rows: readonly number[]): Promise<readonly FoundRow[]> {
    const { reader, keys, cache, sequence } = this.#options;
    const missing: number[] = [];
    const cached = rows.map((row) => {
      const point = cache.get(row, sequence);
      if (!point) missing.push(row);
      return point;
    });
    const read =
      missing.length === 0
        ? []
        : await reader.get(
            'points',
            missing.map((row) => keys.point(row)),
          );
    let next = 0;
    return rows.map((row, index) => ({ row, point: cached[index] ?? this.#parse(row, read[next++]) }));
  }

  /** Rows ascending by id from `first` on, or from the start. */
  async *rowsById(first: PointId | undefined): AsyncGenerator<number> {
    const { reader, keys } = this.#options;
    for await (const { value } of reader.iterate('ids', keys.idsFrom(first))) yield value.readUInt32LE(0);
  }

  /** Rows of ids that are there, in the order of `ids`. */
  async rowsAmong(ids: readonly PointId[]): Promise<readonly number[]> {
    return (await this.rowsOf(ids)).filter((row) => row !== undefined);
  }

  /** The first `limit` rows in the order of their ids, from an id on. */
  async firstRows(first: PointId | undefined, limit: number): Promise<readonly number[]> {
    const { reader, keys } = this.#options;
    const rows: number[] = [];
    for await (const { value } of reader.iterate('ids', { ...keys.idsFrom(first), limit })) rows.push(value.readUInt32LE(0));
    return rows;
  }

  /** Vectors of rows as stored, by name; all, or those asked for. */
  async vectors(rows: readonly number[], wanted: VectorSelector): Promise<readonly NamedVectors[]> {
    const { reader, keys, vectorNumbers } = this.#options;
    const chosen = [...vectorNumbers].filter(([name]) => (typeof wanted === 'boolean' ? wanted : wanted.includes(name)));
    const found = await reader.get(
      'vectors',
      rows.flatMap((row) => chosen.map(([, number]) => keys.vector(number, row))),
    );
    return rows.map((_, position) => {
      const vectors = new Map<string, Float32Array>();
      for (const [index, [name]] of chosen.entries()) {
        const bytes = found[position * chosen.length + index];
        if (bytes) vectors.set(name, vectorFromBytes(bytes));
      }
      return vectors;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#options.reader[Symbol.asyncDispose]();
    } finally {
      this.#options.presence[Symbol.dispose]();
    }
  }

  #parse(row: number, bytes: Buffer | undefined): CachedPoint {
    if (!bytes) throw new Error(`row ${row} lives but has no document`);
    return this.#options.cache.put(row, decodePoint(bytes), this.#options.sequence);
  }
}

export function byId(a: FoundRow, b: FoundRow): number {
  return comparePointIds(a.point.id, b.point.id);
}
