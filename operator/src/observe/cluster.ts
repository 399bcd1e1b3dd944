/** A VectorCluster and everything it has one of, read into one value. Pure. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { poolObjectName } from '../plan/names.ts';
import type { ObservedCluster, ObservedPoolObject } from '../plan/observed-cluster.ts';
import type { BuiltObject } from '../resources/built-object.ts';
import { buildClientService } from '../resources/client-service.ts';
import { buildHeadlessService } from '../resources/headless-service.ts';
import { buildRoleBinding } from '../resources/role-binding.ts';
import { buildRole } from '../resources/role.ts';
import { buildServiceAccount } from '../resources/service-account.ts';
import { buildVectorPool, replicasFromAnnotation } from '../resources/vector-pool.ts';
import { withAppliedHash } from './hashes.ts';
import { observeNodes, type NodeObjects } from './nodes.ts';
import { observeObject } from './objects.ts';
import { podFacts } from './pod-facts.ts';
import { versionOfImage } from './storage-node-image.ts';
import { identityOf } from './wanted-objects.ts';

export interface ClusterObjects extends NodeObjects {
  /** Services, ServiceAccounts, Roles and RoleBindings of the namespace; VectorPools are in `pools`. */
  readonly others: readonly KubeObject[];
}

/** What a cluster has one of, in the order in which it is made: Pods need their account first. */
export function wantedClusterObjects(cluster: VectorCluster): readonly BuiltObject[] {
  const identity = identityOf(cluster);
  const built: readonly BuiltObject[] = [
    buildServiceAccount(identity),
    buildRole(identity),
    buildRoleBinding(identity),
    buildHeadlessService(identity),
    buildClientService(identity),
    ...cluster.spec.pools.map((pool) => buildVectorPool(identity, poolObjectName(identity.name, pool.name), pool)),
  ];
  return built.map(withAppliedHash);
}

export function observeCluster(objects: ClusterObjects): ObservedCluster {
  const { cluster, pools, others } = objects;
  const live = new Map([...pools, ...others].map((object) => [`${object.kind} ${object.metadata.name}`, object]));
  return {
    name: cluster.metadata.name,
    spec: cluster.spec,
    objects: wantedClusterObjects(cluster).map((wanted) => observeObject(wanted, live.get(`${wanted.kind} ${wanted.metadata.name}`))),
    pools: ownPools(cluster, pools).map(observePoolObject),
    nodes: observeNodes({ ...objects, pools: ownPools(cluster, pools) }),
    collections: objects.collections.length,
    versions: versionsOf(objects.pods),
  };
}

/** VectorPools that the cluster made; others of the same `clusterName` are nobody's. */
export function ownPools(cluster: VectorCluster, pools: readonly VectorPool[]): readonly VectorPool[] {
  return pools.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === cluster.metadata.uid),
  );
}

function observePoolObject({ metadata, spec }: VectorPool): ObservedPoolObject {
  return {
    objectName: metadata.name,
    poolName: spec.poolName,
    replicas: spec.replicas,
    precondition: { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' },
    replicasAreOurs: metadata.annotations?.[replicasFromAnnotation] === 'cluster',
  };
}

function versionsOf(pods: readonly Pod[]): readonly string[] {
  return [...new Set(pods.map((pod) => versionOfImage(podFacts(pod).image)))].toSorted();
}
