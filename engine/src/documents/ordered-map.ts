import type { DocumentWrite } from './documents.ts';

interface Item {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Keys in bytewise order in one sorted array. Never changed once made: `with` makes another. */
export class OrderedMap {
  static readonly empty = new OrderedMap([]);
  readonly #items: Item[];

  private constructor(items: Item[]) {
    this.#items = items;
  }

  get(key: Uint8Array): Buffer | undefined {
    const item = this.#items[this.#indexOf(key)];
    return item !== undefined && Buffer.compare(item.key, key) === 0 ? item.value : undefined;
  }

  *between(from: Uint8Array, to: Uint8Array): Generator<Item> {
    const items = this.#items;
    for (let index = this.#indexOf(from); index < items.length; index += 1) {
      const item = items[index];
      if (item === undefined || Buffer.compare(item.key, to) >= 0) return;
      yield item;
    }
  }

  with(writes: readonly DocumentWrite[]): OrderedMap {
    const next = new OrderedMap([...this.#items]);
    for (const write of writes) next.#apply(write);
    return next;
  }

  #apply(write: DocumentWrite): void {
    const items = this.#items;
    if (write.kind === 'delete-range') {
      const from = this.#indexOf(write.from);
      items.splice(from, Math.max(0, this.#indexOf(write.to) - from));
      return;
    }
    const at = this.#indexOf(write.key);
    const found = items[at];
    const present = found !== undefined && Buffer.compare(found.key, write.key) === 0 ? 1 : 0;
    if (write.kind === 'delete') items.splice(at, present);
    else items.splice(at, present, { key: Buffer.from(write.key), value: Buffer.from(write.value) });
  }

  /** Index of the first key that is not below `key`. */
  #indexOf(key: Uint8Array): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#items[middle];
      if (item !== undefined && Buffer.compare(item.key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
