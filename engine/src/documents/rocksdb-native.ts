import { createRequire } from 'node:module';

/** The part of rocksdb-native that is used; the package has no types of its own. */
export interface NativeDatabase {
  ready(): Promise<void>;
  close(options?: { readonly force?: boolean }): Promise<void>;
  /** Another handle on the database that sees it as of now; closed by itself. */
  snapshot(): NativeDatabase;
  read(options: { readonly capacity: number; readonly autoDestroy: boolean }): NativeReadBatch;
  write(options: { readonly capacity: number; readonly autoDestroy: boolean }): NativeWriteBatch;
  /** Bytes on the disk and in memory, by what the index of the files and the memory tables say; nothing is read through. */
  approximateSize(
    start: Uint8Array,
    end: Uint8Array,
    options: { readonly includeMemtables: boolean; readonly includeFiles: boolean },
  ): Promise<number>;
  iterator(range: NativeRange, options: { readonly capacity: number; readonly limit: number }): NativeIterator;
  /** Writes the memory table to a file and syncs it. */
  flush(): Promise<void>;
}

export interface NativeRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

export interface NativeRow {
  /** Of its own memory, as the value. */
  readonly key: Buffer<ArrayBuffer>;
  readonly value: Buffer<ArrayBuffer>;
}

/** A stream, destroyed when the loop over it is left. */
export interface NativeIterator extends AsyncIterable<NativeRow> {
  /** What is there already; null when nothing is. */
  read(): NativeRow | null;
}

export interface NativeReadBatch {
  /** null where there is none; settles after `tryFlush`. */
  get(key: Uint8Array): Promise<Buffer | null>;
  tryFlush(): void;
}

export interface NativeWriteBatch {
  tryPut(key: Uint8Array, value: Uint8Array): void;
  tryDelete(key: Uint8Array): void;
  tryDeleteRange(from: Uint8Array, to: Uint8Array): void;
  /** Atomic, not synced. Rejects with the reason as `cause`. */
  flush(): Promise<void>;
}

const require = createRequire(import.meta.url);

export const RocksDB: new (
  path: string,
  options: { readonly createIfMissing: boolean; readonly readOnly?: boolean },
) => NativeDatabase = require('rocksdb-native');
