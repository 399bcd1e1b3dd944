/**
 * Types of Kubernetes' own objects as they travel in JSON. The models of the client library describe objects after its decoder:
 * times are `Date`, metadata is optional. We read and write plain JSON, so times are strings and objects carry metadata.
 */
import type { KubeObject } from './object.ts';

export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> | (undefined extends T[K] ? undefined : never) }
      : T;

/** A top-level object: `Model` with the metadata of our own kinds. */
export type WireObject<Model> = Omit<Wire<Model>, 'apiVersion' | 'kind' | 'metadata'> & KubeObject;
