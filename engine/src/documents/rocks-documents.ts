import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DocumentsDamagedError, DocumentsOpenError, failureOf, readFailureOf, saysDamage } from './documents-errors.ts';
import {
  columnFamilies,
  type ColumnFamily,
  type DocumentRow,
  type Documents,
  type DocumentView,
  type DocumentWrite,
  type KeyRange,
} from './documents.ts';
import { packNatively, packingLibrary } from './native-packing.ts';
import { packRows, type PackedRows, type Packing } from './packed-rows.ts';
import { RocksDB, type NativeDatabase, type NativeIterator } from './rocksdb-native.ts';

export interface RocksOptions {
  /** The native open never settles for some paths. */
  readonly openTimeoutMs?: number;
}

/** Rows that an iterator fetches in one go. */
const iteratorRows = 256;

/**
 * Opens or makes the database in the folder `path`, whose parent must exist. Throws DocumentsDamagedError, and DocumentsOpenError: no
 * parent, in use. After a DocumentsFailedError reads go on and writes keep failing: dispose it and open anew.
 */
export async function openRocksDocuments(path: string, options: RocksOptions = {}): Promise<Documents> {
  const parent = await stat(dirname(path)).catch((cause: unknown) => {
    throw new DocumentsOpenError(path, 'its parent folder cannot be read', { cause });
  });
  if (!parent.isDirectory()) throw new DocumentsOpenError(path, 'its parent is not a folder');
  const database = new RocksDB(path, { createIfMissing: true });
  await readyWithin(database, path, options.openTimeoutMs ?? 60_000);
  return new RocksDocuments(database);
}

/** Resolves when it is open. Throws DocumentsDamagedError and DocumentsOpenError. */
async function readyWithin(database: NativeDatabase, path: string, timeoutMs: number): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DocumentsOpenError(path, `it did not open within ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([database.ready(), late]);
  } catch (cause) {
    if (cause instanceof DocumentsOpenError) throw cause;
    if (saysDamage(cause)) throw new DocumentsDamagedError(`the documents in ${path} are damaged: ${textOf(cause)}`, { cause });
    const text = textOf(cause);
    throw new DocumentsOpenError(path, /lock/i.test(text) ? `it is open already, here or in another process (${text})` : text, { cause });
  } finally {
    clearTimeout(timer);
  }
}

class RocksDocuments implements Documents {
  readonly #database: NativeDatabase;
  readonly #reader: RocksReader;
  #closed = false;

  constructor(database: NativeDatabase) {
    this.#database = database;
    this.#reader = new RocksReader(database);
  }

  async get(family: ColumnFamily, keys: readonly Uint8Array[]): Promise<readonly (Buffer | undefined)[]> {
    this.#assertOpen();
    return this.#reader.get(family, keys);
  }

  iterate(family: ColumnFamily, range: KeyRange): AsyncIterable<DocumentRow> {
    this.#assertOpen();
    return this.#reader.iterate(family, range);
  }

  async write(batch: readonly DocumentWrite[]): Promise<void> {
    this.#assertOpen();
    if (batch.length === 0) return;
    const native = this.#database.write({ capacity: batch.length, autoDestroy: true });
    for (const write of batch) {
      switch (write.kind) {
        case 'put':
          native.tryPut(fullKey(write.family, write.key), write.value);
          break;
        case 'delete':
          native.tryDelete(fullKey(write.family, write.key));
          break;
        case 'delete-range':
          if (Buffer.compare(write.from, write.to) < 0)
            native.tryDeleteRange(fullKey(write.family, write.from), fullKey(write.family, write.to));
          break;
      }
    }
    await native.flush().catch(rethrow(failureOf));
  }

  snapshot(): DocumentView {
    this.#assertOpen();
    return new RocksReader(this.#database.snapshot());
  }

  async approximateBytes(family: ColumnFamily, range: KeyRange): Promise<number> {
    this.#assertOpen();
    return await this.#reader.approximateBytes(family, range);
  }

  async flush(): Promise<void> {
    this.#assertOpen();
    await this.#database.flush().catch(rethrow(failureOf));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#database.close({ force: true });
  }

  #assertOpen(): void {
    assert(!this.#closed, 'the documents are closed');
  }
}

/** Reads from a handle on a database, and closes it in the end. */
class RocksReader implements DocumentView {
  readonly #database: NativeDatabase;

  constructor(database: NativeDatabase) {
    this.#database = database;
  }

  async get(family: ColumnFamily, keys: readonly Uint8Array[]): Promise<readonly (Buffer | undefined)[]> {
    if (keys.length === 0) return [];
    const batch = this.#database.read({ capacity: keys.length, autoDestroy: true });
    const values = keys.map((key) => batch.get(fullKey(family, key)));
    batch.tryFlush();
    return (await Promise.all(values).catch(rethrow(readFailureOf))).map((value) => value ?? undefined);
  }

  async *iterate(family: ColumnFamily, range: KeyRange): AsyncGenerator<DocumentRow> {
    const rows = this.#iterator(family, range);
    if (!rows) return;
    try {
      for await (const { key, value } of rows) yield { key: key.subarray(1), value };
    } catch (error) {
      throw readFailureOf(error);
    }
  }

  async pack(family: ColumnFamily, range: KeyRange, packing: Packing): Promise<PackedRows> {
    if (packingLibrary === undefined) return await packRows(family, this.iterate(family, range), packing);
    const rows = this.#iterator(family, range);
    if (!rows) return { bytes: 0, rows: 0, next: undefined };
    return await packNatively(packingLibrary, rows, packing).catch((error: unknown) => {
      throw readFailureOf(error);
    });
  }

  async approximateBytes(family: ColumnFamily, { from, to }: KeyRange): Promise<number> {
    return await this.#database.approximateSize(fullKey(family, from), fullKey(family, to), { includeMemtables: true, includeFiles: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  #iterator(family: ColumnFamily, { from, to, limit }: KeyRange): NativeIterator | undefined {
    if (limit === 0 || Buffer.compare(from, to) >= 0) return undefined;
    const capacity = Math.min(iteratorRows, limit ?? iteratorRows);
    return this.#database.iterator({ gte: fullKey(family, from), lt: fullKey(family, to) }, { capacity, limit: limit ?? Infinity });
  }
}

/**
 * Our families are one byte before the key in one native column family: native ones are flushed each for itself and no write is synced,
 * so that a power cut could leave half of a batch, one family with it and another without.
 */
function fullKey(family: ColumnFamily, key: Uint8Array): Buffer {
  const full = Buffer.allocUnsafe(key.byteLength + 1);
  full.writeUInt8(columnFamilies.indexOf(family), 0);
  full.set(key, 1);
  return full;
}

function rethrow(nameOf: (cause: unknown) => unknown): (cause: unknown) => never {
  return (cause) => {
    throw nameOf(cause);
  };
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
