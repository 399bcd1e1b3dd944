/** Kinds of the group policy. */
import type { V1PodDisruptionBudget } from '@kubernetes/client-node/dist/gen/models/V1PodDisruptionBudget.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface PodDisruptionBudget extends WireObject<V1PodDisruptionBudget> {}

export const podDisruptionBudgets: ResourceType<PodDisruptionBudget> = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
};
