/**
 * Own writes that the cache has not shown yet. A controller that decides on a cache older than its own last write creates what it
 * has just created; so it waits while `pending` is not empty. The event that shows the write wakes it.
 *
 * Versions are compared, events are not counted: nothing is missed when an event came before its answer, was folded into a list, or
 * told of a later state. An informer always gets past every version in the end, so nothing waits for ever.
 */
import type { KubeObject } from './object.ts';
import { hasSeen } from './resource-version.ts';

/** What is asked of an informer. */
export interface View {
  readonly resourceVersion: string | undefined;
  get(namespace: string | undefined, name: string): KubeObject | undefined;
}

interface Expectation {
  readonly view: View;
  readonly object: KubeObject;
  readonly kind: 'written' | 'deleted';
}

export class Expectations {
  readonly #byKey = new Map<string, Expectation[]>();

  /** `object` as the API server answered the write with; `view` must select it. */
  written(key: string, view: View, object: KubeObject): void {
    this.#expect(key, { view, object, kind: 'written' });
  }

  /** A deletion was accepted: the view must show that the object is gone or going. */
  deleted(key: string, view: View, object: KubeObject): void {
    this.#expect(key, { view, object, kind: 'deleted' });
  }

  /** What the caches have not shown yet, for people; empty means that `key` may be decided on. */
  pending(key: string): readonly string[] {
    const left = (this.#byKey.get(key) ?? []).filter((expectation) => !isSeen(expectation));
    if (left.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, left);
    return left.map(({ kind, object }) => `${object.kind} ${object.metadata.name} was ${kind}`);
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** A later write of the same object stands for the earlier ones, so there is at most one entry per object. */
  #expect(key: string, { view, object, kind: expected }: Expectation): void {
    const { apiVersion, kind, metadata } = object;
    const { name, namespace, uid, resourceVersion } = metadata;
    const others = (this.#byKey.get(key) ?? []).filter(
      ({ object }) => object.kind !== kind || object.metadata.name !== metadata.name || object.metadata.namespace !== metadata.namespace,
    );
    // Not all of it, which may wait here until its key is looked at again.
    const known = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } };
    this.#byKey.set(key, [...others, { view, object: known, kind: expected }]);
  }
}

function isSeen({ kind, view, object }: Expectation): boolean {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  if (kind === 'written') return resourceVersion === undefined || hasSeen(view.resourceVersion, resourceVersion);
  const cached = view.get(namespace, name);
  return cached === undefined || cached.metadata.uid !== uid || cached.metadata.deletionTimestamp !== undefined;
}
