import type { Owner } from './built-object.ts';

/** What every object of a cluster needs to know of it. */
export interface ClusterIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

export function ownerOf(cluster: ClusterIdentity): Owner {
  return { kind: 'VectorCluster', name: cluster.name, uid: cluster.uid };
}
