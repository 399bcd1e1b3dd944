/** Objects as rows, for clients that only show them. */
import type { JsonObject } from '../core/json.ts';
import type { StoredObject } from '../core/object.ts';
import type { ResourceDefinition } from '../core/resource.ts';

export type Rendering = 'object' | 'table' | 'metadata';

/** The first form in an Accept header that the server can give. */
export function renderingOf(accept: string | undefined): Rendering {
  for (const part of (accept ?? '').split(',')) {
    if (!part.includes('json') && !part.includes('*/*')) continue;
    if (/;\s*as=Table\b/.test(part) && /v=v1\b/.test(part)) return 'table';
    if (/;\s*as=PartialObjectMetadata(List)?\b/.test(part)) return 'metadata';
    if (!part.includes('as=')) return 'object';
  }
  return 'object';
}

export type Include = 'None' | 'Metadata' | 'Object';

export function includeOf(query: URLSearchParams): Include {
  const value = query.get('includeObject');
  return value === 'None' || value === 'Object' ? value : 'Metadata';
}

export interface TableOptions {
  readonly now: Date;
  readonly include: Include;
  readonly metadata: JsonObject;
  /** Only the first event of a watch says what the columns are. */
  readonly hasColumns?: boolean;
}

export function tableOf(resource: ResourceDefinition, objects: readonly StoredObject[], options: TableOptions): JsonObject {
  const { columns } = resource;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions:
      options.hasColumns === false
        ? []
        : columns.map(({ name, type, format, description, priority }) => ({
            name,
            type,
            format: format ?? '',
            description: description ?? '',
            priority: priority ?? 0,
          })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.value(object, options.now)),
      ...(options.include !== 'None' && { object: options.include === 'Object' ? object : metadataOf(object) }),
    })),
  };
}

export function metadataOf(object: StoredObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
