/** A cluster apart from its nodes, which ObservedNodes has. */
import type { VectorClusterSpec } from '@vectorcluster/crds/vector-cluster.ts';
import type { ObservedNodes, ObservedObject } from './observed-nodes.ts';
import type { Precondition } from './step.ts';

export interface ObservedCluster {
  readonly name: string;
  readonly spec: VectorClusterSpec;
  /** Services, accounts and VectorPools, each compared with what it should be. */
  readonly objects: readonly ObservedObject[];
  /** VectorPools of this cluster that exist. */
  readonly pools: readonly ObservedPoolObject[];
  readonly nodes: ObservedNodes;
  readonly collections: number;
  /** Versions of the images that nodes run. */
  readonly versions: readonly string[];
}

export interface ObservedPoolObject {
  readonly objectName: string;
  readonly poolName: string;
  readonly replicas: number;
  readonly precondition: Precondition;
  /** The cluster's own writer set `spec.replicas`, so it would fall back to its default when the cluster stops giving it. */
  readonly replicasAreOurs: boolean;
}
