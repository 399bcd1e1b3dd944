/** Paths of the API server's URLs. Names are encoded and never empty: an empty name would address the whole list. */
import type { KubeObject, ResourceType } from './object.ts';

export type Subresource = 'status' | 'scale';

export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

function segment(value: string): string {
  if (value === '' || value === '.' || value === '..') throw new TypeError(`${JSON.stringify(value)} is not an object name`);
  return encodeURIComponent(value);
}

export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  return type.namespaced && namespace !== undefined ? `${root}/namespaces/${segment(namespace)}/${type.plural}` : `${root}/${type.plural}`;
}

export function objectPath(type: ResourceType, name: string, namespace: string | undefined, subresource?: Subresource): string {
  if (type.namespaced && namespace === undefined) throw new TypeError(`${type.kind} ${name}: a namespace is needed`);
  const path = `${collectionPath(type, namespace)}/${segment(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

export function pathOf(type: ResourceType, object: KubeObject, subresource?: Subresource): string {
  return objectPath(type, object.metadata.name, object.metadata.namespace, subresource);
}

export function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined && value !== '') search.set(name, String(value));
  return search.size === 0 ? '' : `?${search.toString()}`;
}
