/**
 * Ordered key-value store under the documents: RocksDB in production, an ordered map in tests; one contract suite for both.
 * Keys sort bytewise. Writes are atomic per batch and not synced: the log is what is durable, and `flush` says from when it may forget.
 */
import type { PackedRows, Packing } from './packed-rows.ts';

export const columnFamilies = ['ids', 'points', 'vectors', 'meta'] as const;
export type ColumnFamily = (typeof columnFamilies)[number];

export type DocumentWrite =
  | { readonly kind: 'put'; readonly family: ColumnFamily; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly family: ColumnFamily; readonly key: Uint8Array }
  /** Keys from `from` (inclusive) to `to` (exclusive). */
  | { readonly kind: 'delete-range'; readonly family: ColumnFamily; readonly from: Uint8Array; readonly to: Uint8Array };

export interface KeyRange {
  /** Inclusive. */
  readonly from: Uint8Array;
  /** Exclusive. */
  readonly to: Uint8Array;
  readonly limit?: number | undefined;
}

export interface DocumentRow {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface DocumentReader {
  /** One value per key, in order; undefined where there is none. */
  get(family: ColumnFamily, keys: readonly Uint8Array[]): Promise<readonly (Buffer | undefined)[]>;
  iterate(family: ColumnFamily, range: KeyRange): AsyncIterable<DocumentRow>;
}

/** Documents of one moment; dispose it. */
export interface DocumentView extends DocumentReader, AsyncDisposable {
  /** To read much: rows from the first of the range on, as many as find room. */
  pack(family: ColumnFamily, range: KeyRange, packing: Packing): Promise<PackedRows>;
  /** About how many bytes the rows of a range take, to judge what a copy of them needs. */
  approximateBytes(family: ColumnFamily, range: KeyRange): Promise<number>;
}

export interface Documents extends DocumentReader, AsyncDisposable {
  write(batch: readonly DocumentWrite[]): Promise<void>;
  snapshot(): DocumentView;
  /** As of a view. */
  approximateBytes(family: ColumnFamily, range: KeyRange): Promise<number>;
  /** Resolves when every write before it survives a power cut. */
  flush(): Promise<void>;
}
