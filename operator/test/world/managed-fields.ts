/** Who owns which field, as the API server keeps it in metadata.managedFields. */
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import { z } from 'zod';

export interface OwnedField {
  readonly manager: string;
  /** Such as `spec.pools[{"name":"data"}].replicas`. */
  readonly path: string;
}

type FieldSet = { readonly [name: string]: FieldSet };

const fieldSet: z.ZodType<FieldSet> = z.lazy(() => z.record(z.string(), fieldSet));
const metadata = z.looseObject({
  managedFields: z.array(z.looseObject({ manager: z.string(), fieldsV1: fieldSet })).default([]),
});

export function ownersOf(object: KubeObject): readonly OwnedField[] {
  return metadata
    .parse(object.metadata)
    .managedFields.flatMap(({ manager, fieldsV1 }) => leavesOf(fieldsV1, '').map((path) => ({ manager, path })));
}

/** `.` says that the element itself is owned beside what is in it. */
function leavesOf(fields: FieldSet, path: string): readonly string[] {
  const inner = Object.entries(fields).filter(([name]) => name !== '.');
  if (inner.length === 0) return [path];
  return inner.flatMap(([name, each]) => leavesOf(each, name.startsWith('f:') ? joined(path, name.slice(2)) : `${path}[${name.slice(2)}]`));
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
