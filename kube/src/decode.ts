/** Where the API server's JSON becomes a typed object. The server has validated what it stores; only the frame is checked here. */
import { isRecord } from './json.ts';
import type { KubeObject, ResourceType } from './object.ts';

export function decodeObject<T extends KubeObject>(type: Pick<ResourceType<T>, 'apiVersion' | 'kind'>, value: unknown): T {
  // Items of a list carry neither apiVersion nor kind.
  const object: unknown = isRecord(value) ? { apiVersion: type.apiVersion, kind: type.kind, ...value } : value;
  if (!isStored(type, object)) throw new TypeError(`what the API server sent is not a ${type.kind}`);
  return object;
}

function isStored<T extends KubeObject>(_type: Pick<ResourceType<T>, 'kind'>, value: unknown): value is T {
  return isRecord(value) && isRecord(value['metadata']) && typeof value['metadata']['name'] === 'string';
}
