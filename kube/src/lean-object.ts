import type { ObjectMeta } from '@vectorcluster/crds/meta.ts';
import type { KubeObject } from './object.ts';

/**
 * Without the record of who owns which field, which takes much of an object and which nobody asks a cache for. An update without it leaves
 * what is stored as it is.
 */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields, ...metadata }: ObjectMeta & { readonly managedFields?: unknown } = object.metadata;
  return managedFields === undefined ? object : { ...object, metadata };
}
