/**
 * What the operator may do, by where it may do it: the one source of the chart's Roles and of the local cluster's. Each verb is one that
 * it uses, or one that the Role of a cluster's storage nodes has: nobody can grant what he has not.
 */
import { group } from './meta.ts';

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const follow = ['list', 'watch'];
/** Server-side apply makes what is not there, and reads first whether it is somebody else's. */
const keep = ['get', ...follow, 'create', 'patch'];

/** In every namespace that has clusters. */
export const watchedRules: readonly PolicyRule[] = [
  { apiGroups: [group], resources: ['vectorclusters'], verbs: ['get', ...follow] },
  { apiGroups: [group], resources: ['vectorpools'], verbs: [...keep, 'delete'] },
  { apiGroups: [group], resources: ['vectorcollections'], verbs: [...keep, 'update', 'delete'] },
  { apiGroups: [group], resources: ['vectorshards'], verbs: keep },
  { apiGroups: [group], resources: ['vectorclusters/status', 'vectorpools/status', 'vectorcollections/status'], verbs: ['patch'] },
  { apiGroups: [group], resources: ['vectorshards/status'], verbs: ['update', 'patch'] },
  // Some distributions let only him name an owner whose deletion waits who may change that owner's finalizers.
  {
    apiGroups: [group],
    resources: ['vectorclusters/finalizers', 'vectorpools/finalizers', 'vectorcollections/finalizers'],
    verbs: ['update'],
  },
  { apiGroups: [''], resources: ['pods', 'persistentvolumeclaims'], verbs: [...keep, 'delete'] },
  { apiGroups: [''], resources: ['services', 'serviceaccounts'], verbs: keep },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: keep },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: keep },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
];

/** In the namespace that it runs in. */
export const leaseRules: readonly PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
];

/** Of the Kubernetes cluster, whatever namespaces are watched: zones are labels of nodes, and classes say whether volumes may grow. */
export const clusterRules: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: follow },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: follow },
];
