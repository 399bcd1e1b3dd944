/** Kinds of the group apiextensions.k8s.io. */
import type { V1CustomResourceDefinition } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceDefinition.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface CustomResourceDefinition extends WireObject<V1CustomResourceDefinition> {}

export const customResourceDefinitions: ResourceType<CustomResourceDefinition> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
