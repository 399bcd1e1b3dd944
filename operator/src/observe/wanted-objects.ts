/** From a cluster and a pool to the inputs of the builders: the one place that says which field of the spec goes where. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { Disruptions } from '../plan/disruptions.ts';
import { volumeNameOf } from '../plan/names.ts';
import type { ClusterIdentity } from '../resources/cluster-identity.ts';
import { withAppliedHash, withTemplateHash } from './hashes.ts';
import { serviceAccountName } from '../resources/object-names.ts';
import { imageOf } from './storage-node-image.ts';
import { buildPod } from '../resources/pod.ts';
import { buildPodDisruptionBudget } from '../resources/pod-disruption-budget.ts';

export interface NodePlace {
  readonly name: string;
  readonly zone: string;
  readonly topologyKey: string;
}

export function identityOf({ metadata }: VectorCluster): ClusterIdentity {
  return { name: metadata.name, namespace: metadata.namespace ?? '', uid: metadata.uid ?? '' };
}

export function podOf(cluster: VectorCluster, pool: VectorPool, place: NodePlace, storageNodeImage: string) {
  return withTemplateHash(
    buildPod({
      ...partOf(pool),
      ...place,
      clusterUid: cluster.metadata.uid ?? '',
      role: pool.spec.role,
      image: imageOf(cluster, storageNodeImage),
      volumeName: volumeNameOf(place.name),
      serviceAccountName: serviceAccountName(cluster.metadata.name),
      template: pool.spec.template,
    }),
  );
}

export function budgetOf(pool: VectorPool, disruptions: Disruptions) {
  return withAppliedHash(buildPodDisruptionBudget({ ...partOf(pool), ...disruptions, name: pool.metadata.name }));
}

function partOf({ metadata, spec }: VectorPool) {
  return {
    namespace: metadata.namespace ?? '',
    cluster: spec.clusterName,
    pool: spec.poolName,
    owner: { kind: 'VectorPool', name: metadata.name, uid: metadata.uid ?? '' },
  } as const;
}
