/** Reads of one replica's documents by row and by id. */
import type { DocumentReader } from '@vectorcluster/engine/documents/documents.ts';
import type { PointId } from '../model/point-id.ts';
import type { NamedVectors, VectorSelector } from '../model/point.ts';
import type { DocumentKeys } from './document-keys.ts';
import { vectorFromBytes } from './operation-codec.ts';
import type { CachedPoint, ReplicaPoints } from './point-cache.ts';
import { decodePoint } from './stored-point.ts';

export interface VectorNumbers {
  /** Vector names in the order of their numbers in document keys. */
  readonly names: readonly string[];
  numberOf(name: string): number | undefined;
}

export class StoredRows {
  readonly #keys: DocumentKeys;
  readonly #cache: ReplicaPoints;
  readonly #vectors: VectorNumbers;

  constructor(keys: DocumentKeys, cache: ReplicaPoints, vectors: VectorNumbers) {
    this.#keys = keys;
    this.#cache = cache;
    this.#vectors = vectors;
  }

  /** Rows of ids, undefined for those that are not there. */
  async rowsOf(reader: DocumentReader, ids: readonly PointId[]): Promise<readonly (number | undefined)[]> {
    const found = await reader.get(
      'ids',
      ids.map((id) => this.#keys.id(id)),
    );
    return found.map((bytes) => bytes?.readUInt32LE(0));
  }

  /** Points of rows, undefined for rows whose documents are gone. */
  async points(reader: DocumentReader, rows: readonly number[]): Promise<readonly (CachedPoint | undefined)[]> {
    const cached = rows.map((row) => this.#cache.get(row));
    const missing = rows.filter((_, index) => cached[index] === undefined);
    if (missing.length === 0) return cached;
    const found = await reader.get(
      'points',
      missing.map((row) => this.#keys.point(row)),
    );
    const read = new Map(missing.map((row, index) => [row, found[index]]));
    return rows.map((row, index) => {
      const bytes = read.get(row);
      return cached[index] ?? (bytes && this.#cache.put(row, decodePoint(bytes)));
    });
  }

  /** Vectors of rows as stored, by name; all, or those asked for. */
  async vectors(reader: DocumentReader, rows: readonly number[], wanted: VectorSelector): Promise<readonly NamedVectors[]> {
    const names = this.#vectors.names.filter((name) => (typeof wanted === 'boolean' ? wanted : wanted.includes(name)));
    const keys = rows.flatMap((row) => names.map((name) => this.#keys.vector(this.#vectors.numberOf(name) ?? 0, row)));
    const found = await reader.get('vectors', keys);
    return rows.map((_, position) => {
      const vectors = new Map<string, Float32Array>();
      for (const [index, name] of names.entries()) {
        const bytes = found[position * names.length + index];
        if (bytes) vectors.set(name, vectorFromBytes(bytes));
      }
      return vectors;
    });
  }
}
