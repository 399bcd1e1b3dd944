/** Role-based access: what the roles bound to a user allow. */
import { at, listOf, objectOf, textOf, type Json } from '../json.ts';
import { objectKey, type StoredObject } from '../object.ts';
import type { Store } from '../store/store.ts';

export interface Caller {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface Attributes {
  readonly verb: string;
  readonly group: string;
  /** Such as pods, or pods/status. */
  readonly resource: string;
  readonly namespace: string | undefined;
  /** Empty: no single object. */
  readonly name: string;
}

const rbac = 'rbac.authorization.k8s.io';

export function isAllowed(store: Store, caller: Caller, attributes: Attributes): boolean {
  if (caller.groups.includes('system:masters')) return true;
  const clusterWide = [...store.values(`${rbac}/clusterrolebindings`)];
  const local =
    attributes.namespace === undefined
      ? []
      : [...store.values(`${rbac}/rolebindings`)].filter((binding) => binding.metadata.namespace === attributes.namespace);
  return [...clusterWide, ...local].some(
    (binding) => binds(binding, caller) && rulesOf(store, binding).some((rule) => allows(rule, attributes)),
  );
}

function binds(binding: StoredObject, caller: Caller): boolean {
  return listOf(binding['subjects']).some((subject) => {
    const name = textOf(at(subject, 'name')) ?? '';
    switch (textOf(at(subject, 'kind')) ?? '') {
      case 'User':
        return name === caller.name;
      case 'Group':
        return caller.groups.includes(name);
      case 'ServiceAccount':
        return caller.name === `system:serviceaccount:${textOf(at(subject, 'namespace')) ?? binding.metadata.namespace ?? ''}:${name}`;
      default:
        return false;
    }
  });
}

function rulesOf(store: Store, binding: StoredObject): readonly Json[] {
  const reference = objectOf(binding['roleRef']);
  const name = textOf(reference['name']) ?? '';
  const role =
    reference['kind'] === 'ClusterRole'
      ? store.get(`${rbac}/clusterroles`, objectKey(undefined, name))
      : store.get(`${rbac}/roles`, objectKey(binding.metadata.namespace, name));
  return listOf(role?.['rules']);
}

function allows(rule: Json, attributes: Attributes): boolean {
  const has = (field: string, value: string): boolean => {
    const values = listOf(at(rule, field));
    return values.includes('*') || values.includes(value);
  };
  const names = listOf(at(rule, 'resourceNames'));
  const [, subresource] = attributes.resource.split('/');
  const coversResource =
    has('resources', attributes.resource) || (subresource !== undefined && listOf(at(rule, 'resources')).includes(`*/${subresource}`));
  return (
    has('verbs', attributes.verb) &&
    has('apiGroups', attributes.group) &&
    coversResource &&
    (names.length === 0 || names.includes(attributes.name))
  );
}

/** As Kubernetes says it: `User "x" cannot get resource "pods" in API group "" in the namespace "y"`. */
export function refusal(caller: Caller, { verb, group, resource, namespace }: Attributes): string {
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `User ${JSON.stringify(caller.name)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`;
}
