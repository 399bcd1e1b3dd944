import { controlledBy } from './built-object.ts';
import { ownerOf, type ClusterIdentity } from './cluster-identity.ts';
import { clusterLabels } from './object-labels.ts';
import { serviceAccountName } from './object-names.ts';

/** The identity of the storage nodes of one cluster. */
export function buildServiceAccount(cluster: ClusterIdentity) {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: serviceAccountName(cluster.name),
      namespace: cluster.namespace,
      labels: clusterLabels(cluster.name),
      ownerReferences: [controlledBy(ownerOf(cluster))],
    },
  };
}
