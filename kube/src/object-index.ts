/** Objects by what they say of themselves, such as the cluster they belong to, so that nobody has to look through all of them. */

/** The keys under which an object is found: none, one or more. Must depend on the object alone. */
export type IndexBy<T> = (object: T) => readonly string[];

export class ObjectIndex<T> {
  readonly #by: IndexBy<T>;
  /** By key, then by the object's own name. */
  readonly #found = new Map<string, Map<string, T>>();

  constructor(by: IndexBy<T>, objects: ReadonlyMap<string, T>) {
    this.#by = by;
    for (const [name, object] of objects) this.#add(name, object);
  }

  /** `previous` is what stood there under this name, `object` what stands there now. */
  change(name: string, previous: T | undefined, object: T | undefined): void {
    if (previous !== undefined) this.#remove(name, previous);
    if (object !== undefined) this.#add(name, object);
  }

  /** In no particular order. */
  of(key: string): readonly T[] {
    const found = this.#found.get(key);
    return found === undefined ? [] : [...found.values()];
  }

  #add(name: string, object: T): void {
    for (const key of this.#by(object)) {
      const found = this.#found.get(key);
      if (found === undefined) this.#found.set(key, new Map([[name, object]]));
      else found.set(name, object);
    }
  }

  #remove(name: string, object: T): void {
    for (const key of this.#by(object)) {
      const found = this.#found.get(key);
      found?.delete(name);
      if (found?.size === 0) this.#found.delete(key);
    }
  }
}
