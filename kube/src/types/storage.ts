/** Kinds of the group storage.k8s.io. */
import type { V1StorageClass } from '@kubernetes/client-node/dist/gen/models/V1StorageClass.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface StorageClass extends WireObject<V1StorageClass> {}

export const storageClasses: ResourceType<StorageClass> = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  namespaced: false,
};
