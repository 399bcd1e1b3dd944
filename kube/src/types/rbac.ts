/** Kinds of the group rbac.authorization.k8s.io. */
import type { V1ClusterRole } from '@kubernetes/client-node/dist/gen/models/V1ClusterRole.js';
import type { V1ClusterRoleBinding } from '@kubernetes/client-node/dist/gen/models/V1ClusterRoleBinding.js';
import type { V1Role } from '@kubernetes/client-node/dist/gen/models/V1Role.js';
import type { V1RoleBinding } from '@kubernetes/client-node/dist/gen/models/V1RoleBinding.js';
import type { ResourceType } from '../object.ts';
import type { WireObject } from '../wire.ts';

export interface Role extends WireObject<V1Role> {}
export interface RoleBinding extends WireObject<V1RoleBinding> {}
export interface ClusterRole extends WireObject<V1ClusterRole> {}
export interface ClusterRoleBinding extends WireObject<V1ClusterRoleBinding> {}

const apiVersion = 'rbac.authorization.k8s.io/v1';

export const roles: ResourceType<Role> = { apiVersion, kind: 'Role', plural: 'roles', namespaced: true };
export const roleBindings: ResourceType<RoleBinding> = { apiVersion, kind: 'RoleBinding', plural: 'rolebindings', namespaced: true };
export const clusterRoles: ResourceType<ClusterRole> = { apiVersion, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false };
export const clusterRoleBindings: ResourceType<ClusterRoleBinding> = {
  apiVersion,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
};
