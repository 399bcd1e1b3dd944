/**
 * Objects by kind and key, one revision counter over all of them, and the recent past.
 *
 * A write is two steps: `write` changes memory and gives the change a revision; `publish` lets watches see everything up to a revision.
 * Between the two the journal makes the change durable, so that nobody ever saw what a crash could undo.
 */
import { keyOf, type StoredObject } from '../object.ts';

export interface Change {
  readonly revision: number;
  readonly storage: string;
  readonly key: string;
  /** Undefined: the object is gone. */
  readonly object: StoredObject | undefined;
  readonly previous: StoredObject | undefined;
}

export interface StoreOptions {
  /** How many changes watches and paged lists can go back. */
  readonly historyLimit?: number;
  readonly onWrite?: (change: Change) => void;
}

type Listener = (change: Change) => void;

export class Store {
  readonly #objects = new Map<string, Map<string, StoredObject>>();
  readonly #listeners = new Set<Listener>();
  readonly #historyLimit: number;
  readonly #onWrite: (change: Change) => void;
  #history: Change[] = [];
  #revision: number;
  #published: number;
  #oldest: number;

  constructor(options: StoreOptions = {}) {
    this.#historyLimit = options.historyLimit ?? 10_000;
    this.#onWrite = options.onWrite ?? ((change) => this.publish(change.revision));
    this.#revision = 1;
    this.#published = 1;
    this.#oldest = 1;
  }

  /** Of the newest change, durable or not. */
  get revision(): number {
    return this.#revision;
  }

  /** Watches have seen all changes up to here. */
  get published(): number {
    return this.#published;
  }

  /** Changes after this revision are remembered. */
  get oldest(): number {
    return this.#oldest;
  }

  get(storage: string, key: string): StoredObject | undefined {
    return this.#objects.get(storage)?.get(key);
  }

  values(storage: string): Iterable<StoredObject> {
    return this.#objects.get(storage)?.values() ?? [];
  }

  storages(): readonly string[] {
    return [...this.#objects.keys()];
  }

  write(storage: string, object: StoredObject): StoredObject {
    const revision = this.#revision + 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    this.#commit(storage, keyOf(stored), stored, revision);
    return stored;
  }

  /** The object as it was last, with the revision of its removal. */
  remove(storage: string, key: string): StoredObject | undefined {
    const previous = this.get(storage, key);
    if (previous === undefined) return undefined;
    const revision = this.#revision + 1;
    this.#commit(storage, key, undefined, revision);
    return { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } };
  }

  #commit(storage: string, key: string, object: StoredObject | undefined, revision: number): void {
    const change = { revision, storage, key, object, previous: this.get(storage, key) };
    this.#put(change);
    this.#onWrite(change);
  }

  /** Puts back a change read from the journal; watches may resume from before it. */
  replay(revision: number, storage: string, key: string, object: StoredObject | undefined): void {
    this.#put({ revision, storage, key, object, previous: this.get(storage, key) });
    this.#published = revision;
  }

  /** Starts from a snapshot: the past before it is forgotten. */
  restore(revision: number, objects: Iterable<{ readonly storage: string; readonly object: StoredObject }>): void {
    for (const { storage, object } of objects) this.#placeOf(storage).set(keyOf(object), object);
    this.#revision = revision;
    this.#published = revision;
    this.#oldest = revision;
  }

  #put(change: Change): void {
    const place = this.#placeOf(change.storage);
    if (change.object === undefined) place.delete(change.key);
    else place.set(change.key, change.object);
    this.#revision = change.revision;
    this.#history.push(change);
    if (this.#history.length > this.#historyLimit * 1.25) this.#forget();
  }

  #forget(): void {
    const kept = this.#history.slice(-this.#historyLimit);
    const first = kept[0];
    // What was not published yet is still to be sent.
    if (first === undefined || first.revision > this.#published) return;
    this.#history = kept;
    this.#oldest = first.revision - 1;
  }

  #placeOf(storage: string): Map<string, StoredObject> {
    let place = this.#objects.get(storage);
    if (place === undefined) {
      place = new Map();
      this.#objects.set(storage, place);
    }
    return place;
  }

  publish(revision: number): void {
    if (revision <= this.#published) return;
    const ready = this.changesAfter(this.#published).filter((change) => change.revision <= revision);
    this.#published = revision;
    for (const change of ready) for (const listener of this.#listeners) listener(change);
  }

  /** Changes after a revision, oldest first, durable or not. */
  changesAfter(revision: number): readonly Change[] {
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#history[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#history.slice(low);
  }

  /** Calls back for every published change from now on. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Objects as they were at a revision that is still remembered. */
  valuesAt(storage: string, revision: number): readonly StoredObject[] {
    const objects = new Map(this.#objects.get(storage));
    for (const change of this.changesAfter(revision).toReversed()) {
      if (change.storage !== storage) continue;
      if (change.previous === undefined) objects.delete(change.key);
      else objects.set(change.key, change.previous);
    }
    return [...objects.values()];
  }
}
