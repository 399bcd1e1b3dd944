/** Our own kinds. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { ResourceType } from '../object.ts';

// Written out: importing the constant would load every schema into processes that only need to name a URL.
const apiVersion: VectorCluster['apiVersion'] = 'vectorcluster.io/v1';

export const vectorClusters: ResourceType<VectorCluster> = {
  apiVersion,
  kind: 'VectorCluster',
  plural: 'vectorclusters',
  namespaced: true,
};
export const vectorPools: ResourceType<VectorPool> = { apiVersion, kind: 'VectorPool', plural: 'vectorpools', namespaced: true };
export const vectorCollections: ResourceType<VectorCollection> = {
  apiVersion,
  kind: 'VectorCollection',
  plural: 'vectorcollections',
  namespaced: true,
};
export const vectorShards: ResourceType<VectorShard> = { apiVersion, kind: 'VectorShard', plural: 'vectorshards', namespaced: true };
