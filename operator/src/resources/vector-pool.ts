import { apiVersion } from '@vectorcluster/crds/meta.ts';
import type { Pool } from '@vectorcluster/crds/vector-cluster.ts';
import { controlledBy } from './built-object.ts';
import { ownerOf, type ClusterIdentity } from './cluster-identity.ts';
import { poolLabels } from './object-labels.ts';

/** Who says how many nodes there are: `cluster` or `pool`. Told apart so that a hand-over from one to the other is noticed. */
export const replicasFromAnnotation = 'vectorcluster.io/replicas-from';

/** `replicas` is left out where the cluster leaves it out, so that whoever scales the pool keeps owning it. */
export function buildVectorPool(cluster: ClusterIdentity, name: string, pool: Pool) {
  const { storage, resources, scheduling, podTemplate } = pool;
  return {
    apiVersion,
    kind: 'VectorPool',
    metadata: {
      name,
      namespace: cluster.namespace,
      labels: poolLabels(cluster.name, pool.name),
      annotations: { [replicasFromAnnotation]: pool.replicas === undefined ? 'pool' : 'cluster' },
      ownerReferences: [controlledBy(ownerOf(cluster))],
    },
    spec: {
      clusterName: cluster.name,
      poolName: pool.name,
      role: pool.role,
      ...(pool.replicas !== undefined && { replicas: pool.replicas }),
      template: {
        ...(storage && { storage }),
        ...(resources && { resources }),
        ...(scheduling && { scheduling }),
        ...(podTemplate && { podTemplate }),
      },
    },
  };
}
