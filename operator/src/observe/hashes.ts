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
  return createHash('sha256')
    .update(sortedJson(value) ?? '')
    .digest('hex')
    .slice(0, 10);
}

/**
 * JSON with the keys of every object in order; undefined for what JSON leaves out. Every Pod of a cluster is hashed at each look at it, and
 * the hashes are kept on objects that live for years: this is what JSON.stringify makes of objects with sorted keys, to the letter.
 */
export function sortedJson(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => sortedJson(item) ?? 'null').join(',')}]`;
  const fields = new Map<string, unknown>(Object.entries(value));
  const parts: string[] = [];
  for (const key of sortedKeys([...fields.keys()])) {
    const text = sortedJson(fields.get(key));
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

/** Whole numbers first, by size: so JavaScript keeps them. */
function sortedKeys(keys: readonly string[]): readonly string[] {
  const indexes = keys.filter((key) => indexIn(key) !== undefined);
  if (indexes.length === 0) return keys.toSorted();
  const names = keys.filter((key) => indexIn(key) === undefined);
  return [...indexes.toSorted((a, b) => Number(a) - Number(b)), ...names.toSorted()];
}

function indexIn(key: string): number | undefined {
  const first = key.charCodeAt(0);
  if (!(first >= 48 && first <= 57)) return undefined;
  const index = Number(key);
  return Number.isInteger(index) && index < 2 ** 32 - 1 && String(index) === key ? index : undefined;
}
