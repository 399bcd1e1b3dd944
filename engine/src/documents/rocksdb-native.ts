import type { EventEmitter } from 'node:events';
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
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A stream, destroyed when the loop over it is left. */
export interface NativeIterator extends AsyncIterable<NativeRow>, EventEmitter {
  /** Of the addon of the package; there once it is ready. */
  readonly _handle: ArrayBuffer;
  ready(): Promise<void>;
  _open(done: (error: Error | null) => void): void;
  /** Emits close when that is done. */
  destroy(): void;
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

const { version }: { readonly version: string } = require('rocksdb-native/package');
export const packageVersion = version;
/** The file of its addon, which is loaded now. */
export const addonPath = Object.keys(require.cache).find((name) => name.endsWith('rocksdb-native.node'));
