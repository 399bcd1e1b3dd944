/** Objects by kind and name, with the few things an API server adds that plans look at. */
import type { ObjectMeta } from '@vectorcluster/crds/meta.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import { isDeepStrictEqual } from 'node:util';

export const storyNamespace = 'default';

export class Store {
  readonly #objects = new Map<string, KubeObject>();
  /** By node: how often its data were given up and begun anew on the same volume. */
  readonly formats = new Map<string, number>();
  readonly #now: () => Date;
  #version = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Creates or replaces; a new object gets a UID that tells it from an earlier one of the same name. */
  put<T extends KubeObject>(object: T): T {
    this.#version += 1;
    const key = `${object.kind} ${object.metadata.name}`;
    const stored = this.#objects.get(key);
    const before = stored?.metadata;
    const isSameSpec = stored !== undefined && isDeepStrictEqual(specOf(stored), specOf(object));
    const metadata: ObjectMeta = {
      ...object.metadata,
      namespace: storyNamespace,
      uid: before?.uid ?? `${object.metadata.name}#${this.#version}`,
      resourceVersion: String(this.#version),
      generation: (before?.generation ?? 0) + (isSameSpec ? 0 : 1),
      creationTimestamp: before?.creationTimestamp ?? this.#now().toISOString(),
    };
    const next = { ...object, metadata };
    this.#objects.set(key, next);
    return next;
  }

  delete(kind: string, name: string): void {
    this.#objects.delete(`${kind} ${name}`);
  }

  find<T extends KubeObject>(kind: T['kind'], name: string): T | undefined {
    return this.list<T>(kind).find(({ metadata }) => metadata.name === name);
  }

  /** By name. */
  list<T extends KubeObject>(kind: T['kind']): readonly T[] {
    return [...this.#objects.values()]
      .filter((object): object is T => object.kind === kind)
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }
}

function specOf(object: KubeObject): unknown {
  return 'spec' in object ? object.spec : undefined;
}
