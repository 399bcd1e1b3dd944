import { group } from '@vectorcluster/crds/meta.ts';
import { controlledBy } from './built-object.ts';
import { ownerOf, type ClusterIdentity } from './cluster-identity.ts';
import { clusterLabels } from './object-labels.ts';
import { serviceAccountName } from './object-names.ts';

const follow = ['list', 'watch'];

/**
 * What storage nodes may do: see their peers, read and register in shards, and keep collections for clients. Each verb is one that they
 * use; no Secrets, no Events. Which fields of which shards a node may write is held by admission policies (crds/src/admission-policy.ts).
 */
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
      { apiGroups: [''], resources: ['pods'], verbs: follow },
      { apiGroups: [group], resources: ['vectorclusters'], resourceNames: [cluster.name], verbs: ['get'] },
      { apiGroups: [group], resources: ['vectorshards'], verbs: ['get', ...follow] },
      { apiGroups: [group], resources: ['vectorshards/status'], verbs: ['update'] },
      { apiGroups: [group], resources: ['vectorcollections'], verbs: ['get', ...follow, 'create', 'update', 'delete'] },
    ],
  };
}
