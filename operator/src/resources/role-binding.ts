import { controlledBy } from './built-object.ts';
import { ownerOf, type ClusterIdentity } from './cluster-identity.ts';
import { clusterLabels } from './object-labels.ts';
import { serviceAccountName } from './object-names.ts';

export function buildRoleBinding(cluster: ClusterIdentity) {
  const name = serviceAccountName(cluster.name);
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: {
      name,
      namespace: cluster.namespace,
      labels: clusterLabels(cluster.name),
      ownerReferences: [controlledBy(ownerOf(cluster))],
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: cluster.namespace }],
  };
}
