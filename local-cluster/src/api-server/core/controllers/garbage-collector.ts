/**
 * Owner references: what has no owner left goes, an owner deleted in the foreground waits for its dependents, an orphaning one lets them go.
 *
 * `observe` notes a change, `run` does everything that follows from what was noted. Between the two any time may pass.
 */
import type { ApiCore } from '../api-core.ts';
import { ApiError } from '../api-error.ts';
import { keyOf, type OwnerReference, type StoredObject } from '../object.ts';
import type { Propagation } from '../requests/delete.ts';
import type { ResourceDefinition } from '../resource.ts';
import type { Change } from '../store/store.ts';

interface Place {
  readonly resource: ResourceDefinition;
  readonly object: StoredObject;
}

const by = { fieldManager: 'garbage-collector' } as const;
const foreground = 'foregroundDeletion';
const orphan = 'orphan';

export class GarbageCollector {
  readonly #core: ApiCore;
  readonly #goneOwners = new Set<string>();
  readonly #suspects = new Map<string, { readonly storage: string; readonly key: string }>();

  constructor(core: ApiCore) {
    this.#core = core;
  }

  observe({ storage, key, object, previous }: Change): void {
    if (object === undefined) {
      if (previous?.metadata.uid !== undefined) this.#goneOwners.add(previous.metadata.uid);
      for (const owner of previous?.metadata.ownerReferences ?? []) this.#suspectOwner(owner, previous?.metadata.namespace);
    } else this.#suspect(storage, key, object);
  }

  /** Everything there is, after a start. */
  observeAll(): void {
    for (const { resource, object } of this.#everything()) this.#suspect(resource.storage, keyOf(object), object);
  }

  #suspect(storage: string, key: string, object: StoredObject): void {
    const { ownerReferences, finalizers, deletionTimestamp } = object.metadata;
    const waits = deletionTimestamp !== undefined && (finalizers ?? []).some((each) => each === foreground || each === orphan);
    if (waits || (ownerReferences ?? []).length > 0) this.#suspects.set(`${storage} ${key}`, { storage, key });
  }

  #suspectOwner(reference: OwnerReference, namespace: string | undefined): void {
    const owner = this.#ownerOf(reference, namespace);
    if (owner.kind === 'found') this.#suspect(owner.resource.storage, keyOf(owner.object), owner.object);
  }

  run(): void {
    while (this.#goneOwners.size + this.#suspects.size > 0) {
      const gone = new Set(this.#goneOwners);
      this.#goneOwners.clear();
      if (gone.size > 0) {
        for (const { resource, object } of this.#everything()) {
          if ((object.metadata.ownerReferences ?? []).some(({ uid }) => gone.has(uid)))
            this.#suspect(resource.storage, keyOf(object), object);
        }
      }
      const suspects = [...this.#suspects.values()];
      this.#suspects.clear();
      for (const { storage, key } of suspects) this.#examine(storage, key);
    }
  }

  #examine(storage: string, key: string): void {
    const resource = this.#core.registry.stored().find((each) => each.storage === storage);
    const object = this.#core.store.get(storage, key);
    if (resource === undefined || object === undefined) return;
    try {
      if (object.metadata.deletionTimestamp === undefined) this.#asDependent({ resource, object });
      else this.#asDeletedOwner({ resource, object });
    } catch (error) {
      // A finalizer or a validation stands in the way: the object's next change brings it back here.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #asDependent(place: Place): void {
    const { object } = place;
    const references = object.metadata.ownerReferences ?? [];
    if (references.length === 0) return;
    const owners = references.map((reference) => ({ reference, owner: this.#ownerOf(reference, object.metadata.namespace) }));
    if (owners.some(({ owner }) => owner.kind === 'unknown')) return;
    const isWaiting = (each: (typeof owners)[number]): boolean =>
      each.owner.kind === 'found' &&
      each.owner.object.metadata.deletionTimestamp !== undefined &&
      (each.owner.object.metadata.finalizers ?? []).includes(foreground);
    const solid = owners.filter((each) => each.owner.kind === 'found' && !isWaiting(each));
    const waiting = owners.filter(isWaiting);
    if (solid.length === owners.length) return;
    if (solid.length > 0)
      this.#setOwners(
        place,
        solid.map(({ reference }) => reference),
      );
    else this.#delete(place, waiting.length > 0 && this.#dependentsOf(object.metadata.uid).length > 0 ? 'Foreground' : policyOf(object));
  }

  #asDeletedOwner(place: Place): void {
    const { uid, finalizers = [] } = place.object.metadata;
    const dependents = this.#dependentsOf(uid);
    if (finalizers.includes(orphan)) {
      for (const dependent of dependents) {
        const others = (dependent.object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
        this.#setOwners(dependent, others);
      }
      this.#dropFinalizer(place, orphan);
      return;
    }
    if (!finalizers.includes(foreground)) return;
    for (const dependent of dependents) if (dependent.object.metadata.deletionTimestamp === undefined) this.#asDependent(dependent);
    const isBlocked = this.#dependentsOf(uid).some(({ object }) =>
      (object.metadata.ownerReferences ?? []).some((each) => each.uid === uid && each.blockOwnerDeletion === true),
    );
    if (!isBlocked) this.#dropFinalizer(place, foreground);
  }

  #ownerOf(
    reference: OwnerReference,
    namespace: string | undefined,
  ): { readonly kind: 'unknown' | 'gone' } | ({ readonly kind: 'found' } & Place) {
    const resource = this.#core.registry.findKind(reference.apiVersion, reference.kind);
    if (resource === undefined) return { kind: 'unknown' };
    const object = this.#core.peek(resource, namespace, reference.name);
    return object?.metadata.uid === reference.uid ? { kind: 'found', resource, object } : { kind: 'gone' };
  }

  #dependentsOf(uid: string | undefined): Place[] {
    return [...this.#everything()].filter(({ object }) =>
      (object.metadata.ownerReferences ?? []).some((reference) => reference.uid === uid),
    );
  }

  *#everything(): Iterable<Place> {
    for (const resource of this.#core.registry.stored())
      for (const object of this.#core.store.values(resource.storage)) yield { resource, object };
  }

  #delete({ resource, object }: Place, propagation: Propagation): void {
    const { name, namespace, uid } = object.metadata;
    this.#core.delete({ resource, namespace, name }, { uid, propagation });
  }

  #setOwners(place: Place, ownerReferences: readonly OwnerReference[]): void {
    this.#patch(place, { ownerReferences: [...ownerReferences] });
  }

  #dropFinalizer(place: Place, finalizer: string): void {
    const { resource, object } = place;
    const current = this.#core.peek(resource, object.metadata.namespace, object.metadata.name) ?? object;
    this.#patch(place, { finalizers: (current.metadata.finalizers ?? []).filter((each) => each !== finalizer) });
  }

  #patch({ resource, object }: Place, metadata: { ownerReferences?: OwnerReference[]; finalizers?: string[] }): void {
    const { name, namespace, uid } = object.metadata;
    this.#core.patch({ resource, namespace, name }, 'merge', { metadata: { ...metadata, uid } }, by);
  }
}

function policyOf(object: StoredObject): Propagation {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(orphan)) return 'Orphan';
  return finalizers.includes(foreground) ? 'Foreground' : 'Background';
}
