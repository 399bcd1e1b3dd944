/** What every Kubernetes object has, and how a kind is addressed over HTTP. */
import type { ObjectMeta } from '@vectorcluster/crds/meta.ts';

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** A kind of object as the API server names it. `T` is carried in the type only. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  /** Last part of the URL, such as `pods`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly __object?: T;
}

export interface ObjectName {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** `namespace/name`, or just the name of an object outside namespaces. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}
