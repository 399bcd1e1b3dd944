import assert from 'node:assert/strict';
import {
  columnFamilies,
  type ColumnFamily,
  type DocumentRow,
  type Documents,
  type DocumentView,
  type DocumentWrite,
  type KeyRange,
} from './documents.ts';
import { OrderedMap } from './ordered-map.ts';
import { packRows, type PackedRows, type Packing } from './packed-rows.ts';

type Families = Readonly<Record<ColumnFamily, OrderedMap>>;

/** What survives `MemoryDocuments`: hand the same store to the next one to reopen it. */
export class MemoryDocumentStore {
  families: Families = { ids: OrderedMap.empty, points: OrderedMap.empty, vectors: OrderedMap.empty, meta: OrderedMap.empty };
}

/** Documents in ordered maps that are never changed in place, so that a snapshot is a reference. */
export class MemoryDocuments implements Documents {
  readonly #store: MemoryDocumentStore;
  #closed = false;

  constructor(store = new MemoryDocumentStore()) {
    this.#store = store;
  }

  async get(family: ColumnFamily, keys: readonly Uint8Array[]): Promise<readonly (Buffer | undefined)[]> {
    return this.#reader().get(family, keys);
  }

  iterate(family: ColumnFamily, range: KeyRange): AsyncIterable<DocumentRow> {
    return this.#reader().iterate(family, range);
  }

  async write(batch: readonly DocumentWrite[]): Promise<void> {
    this.#assertOpen();
    const next: Record<ColumnFamily, OrderedMap> = { ...this.#store.families };
    for (const family of columnFamilies) {
      const writes = batch.filter((write) => write.family === family);
      if (writes.length > 0) next[family] = next[family].with(writes);
    }
    this.#store.families = next;
  }

  snapshot(): DocumentView {
    return this.#reader();
  }

  async approximateBytes(family: ColumnFamily, range: KeyRange): Promise<number> {
    return await this.#reader().approximateBytes(family, range);
  }

  async flush(): Promise<void> {
    this.#assertOpen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  #reader(): MemoryReader {
    this.#assertOpen();
    return new MemoryReader(this.#store.families);
  }

  #assertOpen(): void {
    assert(!this.#closed, 'the documents are closed');
  }
}

class MemoryReader implements DocumentView {
  readonly #families: Families;

  constructor(families: Families) {
    this.#families = families;
  }

  async get(family: ColumnFamily, keys: readonly Uint8Array[]): Promise<readonly (Buffer | undefined)[]> {
    return keys.map((key) => {
      const value = this.#families[family].get(key);
      return value === undefined ? undefined : Buffer.from(value);
    });
  }

  async *iterate(family: ColumnFamily, range: KeyRange): AsyncGenerator<DocumentRow> {
    let left = range.limit ?? Infinity;
    for (const { key, value } of this.#families[family].between(range.from, range.to)) {
      if (left <= 0) return;
      left -= 1;
      yield { key: Buffer.from(key), value: Buffer.from(value) };
    }
  }

  async pack(family: ColumnFamily, range: KeyRange, packing: Packing): Promise<PackedRows> {
    return await packRows(family, this.iterate(family, range), packing);
  }

  async approximateBytes(family: ColumnFamily, { from, to }: KeyRange): Promise<number> {
    let bytes = 0;
    for (const { key, value } of this.#families[family].between(from, to)) bytes += key.length + value.length;
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
