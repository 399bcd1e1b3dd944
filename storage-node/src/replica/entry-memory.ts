import { LRUCache } from 'lru-cache';

/** How many bytes of durable entries all replicas of a node keep in memory together; the oldest go first. */
export class EntryMemory {
  readonly #bytesMax: number;
  readonly #kept: LRUCache<() => void, true>;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#kept = new LRUCache({ maxSize: bytesMax, dispose: (_, forget) => forget() });
  }

  keep(bytes: number, forget: () => void): void {
    // The cache takes nothing that is larger than all of it.
    if (bytes > this.#bytesMax) forget();
    else this.#kept.set(forget, true, { size: bytes });
  }
}
