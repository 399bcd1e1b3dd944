import { group } from '@vectorcluster/crds/meta.ts';
import { controlledBy } from './built-object.ts';
import { ownerOf, type ClusterIdentity } from './cluster-identity.ts';
import { clusterLabels } from './object-labels.ts';
import { serviceAccountName } from './object-names.ts';

const read = ['get', 'list', 'watch'];

/** What storage nodes may do: see their peers, register copies in shards, and make collections for clients. No Secrets, no Pods. */
export function buildRole(cluster: ClusterIdentity) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: {
      name: serviceAccountName(cluster.name),
      namespace: cluster.namespace,
      labels: clusterLabels(cluster.name),
      ownerReferences: [controlledBy(ownerOf(cluster))],
    },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: read },
      { apiGroups: [group], resources: ['vectorclusters'], verbs: read },
      { apiGroups: [group], resources: ['vectorshards'], verbs: read },
      { apiGroups: [group], resources: ['vectorshards/status'], verbs: ['patch', 'update'] },
      { apiGroups: [group], resources: ['vectorcollections'], verbs: [...read, 'create', 'update', 'patch', 'delete'] },
    ],
  };
}
