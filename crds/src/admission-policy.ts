/**
 * What a storage node may write, held by the API server: ValidatingAdmissionPolicies, installed with the CustomResourceDefinitions.
 *
 * RBAC says which kinds a node's ServiceAccount may write; it knows neither fields nor Pods. These policies do. A node is known by the
 * name of its ServiceAccount and by the Pod that its token is bound to, which the API server tells in `userInfo.extra`. Whoever steals
 * one Pod's token can do to the others what that Pod could: nothing.
 */
import { group, version } from './meta.ts';
import { nodeAccountName, nodeAccountSuffix } from './names.ts';
import { vectorShardStatus } from './vector-shard.ts';

/** One thing a policy asks of a write. */
export interface PolicyRule {
  /** For tests and people; the API server knows no names. */
  readonly name: string;
  readonly expression: string;
  /** What is refused, because of what. */
  readonly message: string;
}

interface PolicyVariable {
  readonly name: string;
  readonly expression: string;
}

export interface NodePolicy {
  readonly name: string;
  /** Plural; the policy is for its subresources too. */
  readonly resource: string;
  readonly variables: readonly PolicyVariable[];
  /** The first that does not hold is what the client reads. */
  readonly rules: readonly PolicyRule[];
}

const account = (cluster: string): string => `'system:serviceaccount:' + request.namespace + ':' + ${cluster} + '${nodeAccountSuffix}'`;
const extra = (key: string): string => `request.userInfo.?extra[?'authentication.kubernetes.io/${key}'][?0].orValue('')`;

const ownCluster = (cluster: string): PolicyRule => ({
  name: 'own-cluster',
  expression: `request.userInfo.username == ${account(cluster)}`,
  message: `the object is of another cluster: a storage node writes for the cluster that its ServiceAccount is named after (${nodeAccountName('CLUSTER')}), in its own namespace`,
});

/** Fields of the status that nodes have a part in; every other one, whatever is added, is the operator's. */
const nodeFields: ReadonlySet<string> = new Set(['members', 'inSync']);

const operatorField = (field: string): PolicyRule => ({
  name: `operator-writes-${field}`,
  expression: `object.?status.?${field} == oldObject.?status.?${field}`,
  message: `status.${field} is written by the operator only: a node sees too little of the cluster to decide it`,
});

export const shardPolicy: NodePolicy = {
  name: 'vectorcluster-node-shards',
  resource: 'vectorshards',
  variables: [
    { name: 'node', expression: extra('pod-name') },
    { name: 'podUid', expression: extra('pod-uid') },
    { name: 'before', expression: 'oldObject.?status.?members.orValue([])' },
    { name: 'members', expression: 'object.?status.?members.orValue([])' },
    { name: 'written', expression: 'variables.members.filter(m, m.node == variables.node && !(m in variables.before))' },
    { name: 'inSyncBefore', expression: 'oldObject.?status.?inSync.orValue([])' },
    { name: 'inSync', expression: 'object.?status.?inSync.orValue([])' },
  ],
  rules: [
    {
      name: 'status-only',
      expression: "request.?subResource.orValue('') == 'status'",
      message: 'a storage node writes the status of a shard only: the object itself is made, changed and deleted by the operator',
    },
    {
      name: 'bound-token',
      expression: "variables.node != '' && variables.podUid != ''",
      message: 'the token is not bound to a Pod, so it cannot be told which node writes: use the token that the kubelet gives to the Pod',
    },
    ownCluster('object.spec.clusterName'),
    ...Object.keys(vectorShardStatus.shape)
      .filter((field) => !nodeFields.has(field))
      .map(operatorField),
    {
      name: 'entries-of-others-stay',
      expression: 'variables.before.all(m, m.node == variables.node || m in variables.members)',
      message: 'status.members: the entry of another node was changed or removed; a node writes its own entry only',
    },
    {
      name: 'no-entries-for-others',
      expression: 'variables.members.all(m, m.node == variables.node || m in variables.before)',
      message: 'status.members: an entry was written for another node; a node registers only itself, by the name of its Pod',
    },
    {
      name: 'own-entries-stay',
      expression: 'variables.before.all(m, m.node != variables.node || variables.members.exists(n, n.replicaId == m.replicaId))',
      message:
        'status.members: a node does not remove entries, not even its own; the operator does when the copy is neither wanted nor in sync',
    },
    {
      name: 'own-pod',
      expression: 'variables.written.all(m, m.podUid == variables.podUid)',
      message: 'status.members: podUid is not the Pod that writes; an entry speaks for the running Pod',
    },
    {
      name: 'assigned',
      expression:
        'variables.written.all(m, object.spec.assignments.exists(a, a.node == m.node && a.kind == m.kind) || variables.before.exists(b, b.replicaId == m.replicaId && b.kind == m.kind))',
      message:
        'status.members: the shard is not assigned to this node in that kind; the operator says in spec.assignments who holds a copy',
    },
    {
      name: 'primary-writes-in-sync',
      expression: [
        '(variables.inSync.all(r, r in variables.inSyncBefore) && variables.inSyncBefore.all(r, r in variables.inSync))',
        "variables.before.exists(m, m.replicaId == oldObject.?status.?primary.orValue('') && m.node == variables.node && m.podUid == variables.podUid && m.eligibleFromEpoch <= oldObject.status.epoch)",
      ].join(' || '),
      message:
        'status.inSync is written by the running primary of this epoch only: nobody else knows which copies have every acknowledged write',
    },
  ],
};

export const collectionPolicy: NodePolicy = {
  name: 'vectorcluster-node-collections',
  resource: 'vectorcollections',
  variables: [{ name: 'collection', expression: 'object == null ? oldObject : object' }],
  rules: [
    {
      name: 'no-status',
      expression: "request.?subResource.orValue('') == ''",
      message: 'a storage node makes, changes and deletes collections for clients; their status is written by the operator',
    },
    ownCluster('variables.collection.spec.clusterName'),
  ],
};

export interface AdmissionObject {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding';
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

/** Policies with the bindings that put them in force. */
export function admissionObjects(): readonly AdmissionObject[] {
  return [shardPolicy, collectionPolicy].flatMap((policy) => [policyObject(policy), bindingObject(policy)]);
}

export function policyObject({ name, resource, variables, rules }: NodePolicy): AdmissionObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [group],
            apiVersions: [version],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: [resource, `${resource}/*`],
          },
        ],
      },
      matchConditions: [
        {
          name: 'storage-node',
          expression: `request.userInfo.username.startsWith('system:serviceaccount:') && request.userInfo.username.endsWith('${nodeAccountSuffix}')`,
        },
      ],
      variables,
      validations: rules.map(({ expression, message }) => ({ expression, message, reason: 'Forbidden' })),
    },
  };
}

export function bindingObject({ name }: NodePolicy): AdmissionObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny', 'Audit'] },
  };
}
