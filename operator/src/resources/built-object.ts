import type { ObjectMeta, OwnerReference } from '@vectorcluster/crds/meta.ts';

/** A Kubernetes object as a builder makes it: complete enough to be applied, never read back. */
export interface BuiltObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** What an object is owned by; the owner's deletion takes it along. */
export interface Owner {
  readonly kind: 'VectorCluster' | 'VectorPool' | 'VectorCollection';
  readonly name: string;
  readonly uid: string;
}

export function controlledBy(owner: Owner): OwnerReference {
  return { ...ownedBy(owner), controller: true, blockOwnerDeletion: true };
}

export function ownedBy({ kind, name, uid }: Owner): OwnerReference {
  return { apiVersion: 'vectorcluster.io/v1', kind, name, uid };
}
