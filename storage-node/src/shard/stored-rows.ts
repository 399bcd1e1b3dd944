/** One replica's documents by row and by id, as of one moment. */
import type { DocumentReader, Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { PointId } from '../model/point-id.ts';
import type { NamedVectors, VectorSelector } from '../model/point.ts';
import type { DocumentKeys } from './document-keys.ts';
import { vectorFromBytes } from './operation-codec.ts';
import type { CachedPoint, CacheRead, ReplicaPoints } from './point-cache.ts';
import { decodePoint } from './stored-point.ts';

export interface VectorNumbers {
  /** Vector names in the order of their numbers in document keys. */
  readonly names: readonly string[];
  numberOf(name: string): number | undefined;
}

export interface StoredRowsOptions {
  readonly documents: Documents;
  readonly keys: DocumentKeys;
  readonly cache: ReplicaPoints;
  readonly vectors: VectorNumbers;
}

export class StoredRows {
  readonly #options: StoredRowsOptions;

  constructor(options: StoredRowsOptions) {
    this.#options = options;
  }

  /** Rows that live now keep their documents in the view, whatever is written meanwhile. */
  view(): RowsView {
    const { documents, cache } = this.#options;
    return new RowsView(this.#options, cache.beginRead(), documents.snapshot());
  }
}

export class RowsView implements AsyncDisposable {
  readonly #keys: DocumentKeys;
  readonly #vectors: VectorNumbers;
  readonly #cached: CacheRead;
  readonly #reader: DocumentReader & AsyncDisposable;

  constructor({ keys, vectors }: StoredRowsOptions, cached: CacheRead, reader: DocumentReader & AsyncDisposable) {
    this.#keys = keys;
    this.#vectors = vectors;
    this.#cached = cached;
    this.#reader = reader;
  }

  /** Rows of ids, undefined for those that are not there. */
  async rowsOf(ids: readonly PointId[]): Promise<readonly (number | undefined)[]> {
    const found = await this.#reader.get(
      'ids',
      ids.map((id) => this.#keys.id(id)),
    );
    return found.map((bytes) => bytes?.readUInt32LE(0));
  }

  /** Rows in the order of their ids, from an id on, in blocks. */
  async *rowsFrom(first: PointId | undefined, blockRows: number): AsyncGenerator<readonly number[]> {
    let block: number[] = [];
    for await (const { value } of this.#reader.iterate('ids', this.#keys.idsFrom(first))) {
      block.push(value.readUInt32LE(0));
      if (block.length < blockRows) continue;
      yield block;
      block = [];
    }
    if (block.length > 0) yield block;
  }

  /** The first `limit` rows in the order of their ids, from an id on. */
  async firstRows(first: PointId | undefined, limit: number): Promise<readonly number[]> {
    const rows: number[] = [];
    for await (const { value } of this.#reader.iterate('ids', { ...this.#keys.idsFrom(first), limit })) rows.push(value.readUInt32LE(0));
    return rows;
  }

  /** Points of rows, undefined for rows that are not there. A payload may be newer than the view. */
  async points(rows: readonly number[]): Promise<readonly (CachedPoint | undefined)[]> {
    const points = rows.map((row) => this.#cached.get(row));
    const missing = rows.flatMap((_, index) => (points[index] ? [] : [index]));
    if (missing.length === 0) return points;
    const found = await this.#reader.get(
      'points',
      missing.map((index) => this.#keys.point(rows[index] ?? 0)),
    );
    for (const [at, index] of missing.entries()) {
      const bytes = found[at];
      if (bytes) points[index] = this.#cached.put(rows[index] ?? 0, decodePoint(bytes));
    }
    return points;
  }

  /** Vectors of rows as stored, by name; all, or those asked for. */
  async vectors(rows: readonly number[], wanted: VectorSelector): Promise<readonly NamedVectors[]> {
    const names = this.#vectors.names.filter((name) => (typeof wanted === 'boolean' ? wanted : wanted.includes(name)));
    const keys = rows.flatMap((row) => names.map((name) => this.#keys.vector(this.#vectors.numberOf(name) ?? 0, row)));
    const found = await this.#reader.get('vectors', keys);
    return rows.map((_, position) => {
      const vectors = new Map<string, Float32Array>();
      for (const [index, name] of names.entries()) {
        const bytes = found[position * names.length + index];
        if (bytes) vectors.set(name, vectorFromBytes(bytes));
      }
      return vectors;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cached[Symbol.dispose]();
    await this.#reader[Symbol.asyncDispose]();
  }
}
