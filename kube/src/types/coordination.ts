/** Kinds of the group coordination.k8s.io. */
import type { V1Lease } from '@kubernetes/client-node/dist/gen/models/V1Lease.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface Lease extends WireObject<V1Lease> {}

export const leases: ResourceType<Lease> = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true };
