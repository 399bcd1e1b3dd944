/** What an informer knows: the objects by name, and the changes that each list and event makes to them. No I/O. */
import { ObjectIndex, type IndexBy } from './object-index.ts';
import { objectKey, type KubeObject } from './object.ts';
import type { WatchEvent } from './watch.ts';

export interface Change<T> {
  readonly kind: 'added' | 'updated' | 'deleted';
  /** As it is now; when deleted, as it was last known. */
  readonly object: T;
  readonly previous?: T;
}

export class ObjectCache<T extends KubeObject> {
  #objects = new Map<string, T>();
  #snapshot: readonly T[] | undefined;
  /** Kept from the first time that somebody asks. */
  readonly #indexes = new Map<IndexBy<T>, ObjectIndex<T>>();

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(objectKey(namespace, name));
  }

  /** The same array until something changes. */
  list(): readonly T[] {
    return (this.#snapshot ??= [...this.#objects.values()]);
  }

  /** Those that `by` gives the key for, in no particular order. The same function each time: it names the index, which is kept. */
  listBy(by: IndexBy<T>, key: string): readonly T[] {
    const index = this.#indexes.get(by) ?? new ObjectIndex(by, this.#objects);
    this.#indexes.set(by, index);
    return index.of(key);
  }

  /** Takes a whole list; what it no longer holds was deleted while nobody watched. */
  replaceAll(items: readonly T[]): readonly Change<T>[] {
    const previous = this.#objects;
    this.#objects = new Map(items.map((item) => [keyOf(item), item]));
    this.#snapshot = undefined;
    this.#indexes.clear();
    const changes: Change<T>[] = [];
    for (const [key, object] of previous) {
      const successor = this.#objects.get(key);
      if (successor?.metadata.uid !== object.metadata.uid) changes.push({ kind: 'deleted', object });
    }
    for (const [key, object] of this.#objects) changes.push(...changesTo(previous.get(key), object));
    return changes;
  }

  apply(event: Exclude<WatchEvent<T>, { readonly kind: 'bookmark' }>): readonly Change<T>[] {
    const key = keyOf(event.object);
    const known = this.#objects.get(key);
    if (event.kind === 'deleted') {
      if (known === undefined) return [];
      this.#objects.delete(key);
      this.#changed(key, known, undefined);
      return [{ kind: 'deleted', object: event.object, previous: known }];
    }
    this.#objects.set(key, event.object);
    this.#changed(key, known, event.object);
    const replaced = known !== undefined && known.metadata.uid !== event.object.metadata.uid;
    return [...(replaced ? [{ kind: 'deleted', object: known } as const] : []), ...changesTo(known, event.object)];
  }

  #changed(key: string, previous: T | undefined, object: T | undefined): void {
    this.#snapshot = undefined;
    for (const index of this.#indexes.values()) index.change(key, previous, object);
  }
}

function changesTo<T extends KubeObject>(known: T | undefined, object: T): readonly Change<T>[] {
  if (known === undefined || known.metadata.uid !== object.metadata.uid) return [{ kind: 'added', object }];
  if (known.metadata.resourceVersion === object.metadata.resourceVersion) return [];
  return [{ kind: 'updated', object, previous: known }];
}

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}
