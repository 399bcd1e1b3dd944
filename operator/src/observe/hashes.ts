/** Hashes of what was built, kept on the objects: API servers rewrite fields, not these. */
import { createHash } from 'node:crypto';
import type { BuiltObject } from '../resources/built-object.ts';

/** Hash of the object as applied, so that a field that a later version no longer sets is noticed too. */
export const appliedHashAnnotation = 'vectorcluster.io/applied-hash';

/** Hash of a Pod as built: it decides whether the Pod is as it should be. */
export const templateHashAnnotation = 'vectorcluster.io/template-hash';

export function withAppliedHash<T extends BuiltObject>(object: T): T {
  return annotated(object, appliedHashAnnotation, hashOf(object));
}

export function withTemplateHash<T extends BuiltObject & { readonly spec: object }>(pod: T): T {
  const { labels, annotations } = pod.metadata;
  return annotated(pod, templateHashAnnotation, hashOf({ labels, annotations, spec: pod.spec }));
}

function annotated<T extends BuiltObject>(object: T, annotation: string, value: string): T {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [annotation]: value } } };
}

/** Ten hexadecimal digits; the order of keys does not matter, as API servers do not keep it. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('hex').slice(0, 10);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
