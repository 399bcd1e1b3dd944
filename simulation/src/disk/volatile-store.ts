/** Documents that lose what was not flushed when the power goes: batches from some moment on, never one out of the middle. */
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { MemoryDocuments, MemoryDocumentStore } from '@vectorcluster/engine/documents/memory-documents.ts';
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';

type Families = MemoryDocumentStore['families'];

export class VolatileStore {
  readonly #store = new MemoryDocumentStore();
  /** The first is on the disk; each next one is a batch later. */
  #versions: Families[] = [this.#store.families];

  mount(process: Process, flushTime: () => number): Documents {
    const documents = new MemoryDocuments(this.#store);
    const alive = <Result>(act: () => Promise<Result>): Promise<Result> => (process.isAlive ? act() : new Promise<never>(() => {}));
    return {
      get: (family, keys) => alive(() => documents.get(family, keys)),
      iterate: (family, range) => documents.iterate(family, range),
      snapshot: () => documents.snapshot(),
      approximateBytes: (family, range) => documents.approximateBytes(family, range),
      write: (batch) =>
        alive(async () => {
          await documents.write(batch);
          this.#versions.push(this.#store.families);
        }),
      flush: async () => {
        const flushed = this.#store.families;
        await process.takes(flushTime(), 'flush documents');
        const index = this.#versions.indexOf(flushed);
        if (index > 0) this.#versions.splice(0, index);
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  losePower(chance: Chance): void {
    const kept = this.#versions[chance.integer(0, this.#versions.length - 1)];
    if (kept === undefined) return;
    this.#store.families = kept;
    this.#versions = [kept];
  }
}
