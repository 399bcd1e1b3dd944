import { createHash } from 'node:crypto';
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

/** Hash of what was applied, so that a field that a later version no longer sets is noticed too. */
export const appliedHashAnnotation = 'vectorcluster.io/applied-hash';

export function controlledBy(owner: Owner): OwnerReference {
  return { ...ownedBy(owner), controller: true, blockOwnerDeletion: true };
}

export function ownedBy({ kind, name, uid }: Owner): OwnerReference {
  return { apiVersion: 'vectorcluster.io/v1', kind, name, uid };
}

export function withAppliedHash<T extends BuiltObject>(object: T): T {
  const annotations = { ...object.metadata.annotations, [appliedHashAnnotation]: hashOf(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Ten hexadecimal digits; the order of keys does not matter, as API servers do not keep it. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('hex').slice(0, 10);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
