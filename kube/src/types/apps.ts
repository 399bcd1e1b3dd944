/** Kinds of the group apps. */
import type { V1Deployment } from '@kubernetes/client-node/dist/gen/models/V1Deployment.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface Deployment extends WireObject<V1Deployment> {}

export const deployments: ResourceType<Deployment> = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
