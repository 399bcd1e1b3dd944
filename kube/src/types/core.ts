/** Kinds of the core group, and Events, which are of a group of their own. */
import type { EventsV1Event } from '@kubernetes/client-node/dist/gen/models/EventsV1Event.js';
import type { V1ConfigMap } from '@kubernetes/client-node/dist/gen/models/V1ConfigMap.js';
import type { V1Namespace } from '@kubernetes/client-node/dist/gen/models/V1Namespace.js';
import type { V1Node } from '@kubernetes/client-node/dist/gen/models/V1Node.js';
import type { V1PersistentVolume } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolume.js';
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolumeClaim.js';
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js';
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js';
import type { V1ServiceAccount } from '@kubernetes/client-node/dist/gen/models/V1ServiceAccount.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface Pod extends WireObject<V1Pod> {}
export interface Service extends WireObject<V1Service> {}
export interface PersistentVolumeClaim extends WireObject<V1PersistentVolumeClaim> {}
export interface PersistentVolume extends WireObject<V1PersistentVolume> {}
export interface ServiceAccount extends WireObject<V1ServiceAccount> {}
export interface Node extends WireObject<V1Node> {}
export interface Namespace extends WireObject<V1Namespace> {}
export interface ConfigMap extends WireObject<V1ConfigMap> {}
/** Of events.k8s.io/v1; the API server shows them as core Events too, which `kubectl describe` reads. */
export interface Event extends WireObject<EventsV1Event> {}

export const pods: ResourceType<Pod> = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
export const services: ResourceType<Service> = { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true };
export const persistentVolumeClaims: ResourceType<PersistentVolumeClaim> = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
};
export const persistentVolumes: ResourceType<PersistentVolume> = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
};
export const serviceAccounts: ResourceType<ServiceAccount> = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};
export const nodes: ResourceType<Node> = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };
export const namespaces: ResourceType<Namespace> = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
export const configMaps: ResourceType<ConfigMap> = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
export const events: ResourceType<Event> = { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', namespaced: true };

type Parts<T> = NonNullable<T>;
type Item<T> = NonNullable<T> extends readonly (infer Element)[] ? Element : never;

export type PodSpec = Parts<Pod['spec']>;
export type PodStatus = Parts<Pod['status']>;
export type PodCondition = Item<PodStatus['conditions']>;
export type Toleration = Item<PodSpec['tolerations']>;
export type TopologySpreadConstraint = Item<PodSpec['topologySpreadConstraints']>;
export type Container = Item<PodSpec['containers']>;
export type EnvVar = Item<Container['env']>;
export type Probe = Parts<Container['readinessProbe']>;
export type ContainerStatus = Item<PodStatus['containerStatuses']>;
export type ContainerState = Parts<ContainerStatus['state']>;

export type Taint = Item<Parts<Node['spec']>['taints']>;
