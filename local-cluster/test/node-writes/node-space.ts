/** A namespace with a cluster `shop`, Pods of its storage nodes with their tokens, and a policy that holds there only. */
import { bindingObject, policyObject, type AdmissionObject, type NodePolicy } from '@vectorcluster/crds/admission-policy.ts';
import { nodeAccountName } from '@vectorcluster/crds/names.ts';
import { buildRole } from '@vectorcluster/operator/resources/role.ts';
import { buildRoleBinding } from '@vectorcluster/operator/resources/role-binding.ts';
import { buildServiceAccount } from '@vectorcluster/operator/resources/service-account.ts';
import { vi } from 'vitest';
import { objectOf, show, type JsonObject } from '../../src/api-server/core/json.ts';
import type { KubernetesConnection, Reply, RequestInput } from '../../src/testing/kubernetes-connection.ts';
import { field } from '../contract/widgets.ts';

const vectors = '/apis/vectorcluster.io/v1/namespaces';
const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces';
const admission = '/apis/admissionregistration.k8s.io/v1';

export interface NodeIdentity {
  readonly name: string;
  readonly podUid: string;
  /** Bound to the Pod. */
  readonly token: string;
}

export interface Rights {
  /** Every right in the namespace instead of the Role that the operator makes: what is refused then, the policy refuses. */
  readonly isBroad: boolean;
}

export class NodeSpace {
  readonly connection: KubernetesConnection;
  readonly namespace: string;
  readonly nodes: ReadonlyMap<string, NodeIdentity>;
  /** Of the ServiceAccount of `shop`, bound to no Pod. */
  readonly unboundToken: string;
  #shards = 0;

  private constructor(connection: KubernetesConnection, namespace: string, nodes: ReadonlyMap<string, NodeIdentity>, unboundToken: string) {
    this.connection = connection;
    this.namespace = namespace;
    this.nodes = nodes;
    this.unboundToken = unboundToken;
  }

  static async create(connection: KubernetesConnection, policies: readonly NodePolicy[], rights: Rights): Promise<NodeSpace> {
    const post = async (path: string, body: object): Promise<Reply> => succeeded(await connection.request('POST', path, { body }));
    const made = await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'nodes-' } });
    const namespace = nameOf(made);
    for (const policy of policies) for (const object of scoped(policy, namespace)) await post(`${admission}/${pluralOf(object)}`, object);
    for (const cluster of ['shop', 'other']) await makeCluster(post, namespace, cluster, rights);
    const nodes = new Map<string, NodeIdentity>();
    for (const name of ['shop-data-0', 'shop-data-1', 'other-data-0']) nodes.set(name, await makeNode(post, namespace, name));
    const unbound = await post(tokensOf(namespace, nodeAccountName('shop')), tokenRequest({}));
    const space = new NodeSpace(connection, namespace, nodes, show(field(unbound, 'status', 'token')));
    for (const { resource } of policies) await space.#inForce(resource, rights);
    return space;
  }

  node(name: string): NodeIdentity {
    const found = this.nodes.get(name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  path(plural: string, name = '', subresource = ''): string {
    return [vectors, this.namespace, plural, name, subresource].filter((part) => part !== '').join('/');
  }

  send(method: string, path: string, input: RequestInput = {}): Promise<Reply> {
    return this.connection.request(method, path, input);
  }

  /** A shard as the administrator makes it; answers with the object as it is stored. */
  async shard(spec: JsonObject, status: JsonObject): Promise<JsonObject> {
    this.#shards += 1;
    const name = `shop-books-${this.#shards}`;
    const body = { apiVersion: 'vectorcluster.io/v1', kind: 'VectorShard', metadata: { name }, spec };
    const made = succeeded(await this.send('POST', this.path('vectorshards'), { body }));
    if (Object.keys(status).length === 0) return made.body;
    return succeeded(await this.send('PUT', this.path('vectorshards', name, 'status'), { body: { ...made.body, status } })).body;
  }

  /** The compare-and-swap that storage nodes do: what they do not write is as they read it. */
  putStatus(token: string, shard: JsonObject, status: JsonObject): Promise<Reply> {
    const name = show(objectOf(shard['metadata'])['name']);
    return this.send('PUT', this.path('vectorshards', name, 'status'), {
      token,
      body: { ...shard, status: { ...objectOf(shard['status']), ...status } },
    });
  }

  /** With the operator's Role alone a shard cannot be tried; what was made after its policy can. */
  async #inForce(resource: string, { isBroad }: Rights): Promise<void> {
    const { token } = this.node('shop-data-0');
    const words = isBroad || resource === 'vectorcollections' ? 'probed' : 'cannot create resource';
    await vi.waitFor(
      async () => {
        const message = show(
          field(await this.send('POST', `${this.path(resource)}?dryRun=All`, { token, body: probes[resource] }), 'message'),
        );
        if (!message.includes(words)) throw new Error(`not in force yet: ${message}`);
      },
      { timeout: 30_000, interval: 100 },
    );
  }
}

type Post = (path: string, body: object) => Promise<Reply>;

/** RBAC, and Pods of it as far as the API server is concerned. */
async function makeCluster(post: Post, namespace: string, name: string, { isBroad }: Rights): Promise<void> {
  const pools = [{ name: 'data', replicas: 3, storage: { size: '1Gi' } }];
  const body = { apiVersion: 'vectorcluster.io/v1', kind: 'VectorCluster', metadata: { name }, spec: { pools } };
  const made = await post(`${vectors}/${namespace}/vectorclusters`, body);
  const cluster = { name, namespace, uid: show(field(made, 'metadata', 'uid')) };
  await post(`/api/v1/namespaces/${namespace}/serviceaccounts`, buildServiceAccount(cluster));
  await post(`${rbac}/${namespace}/roles`, buildRole(cluster));
  const binding = buildRoleBinding(cluster);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  await post(`${rbac}/${namespace}/rolebindings`, isBroad ? { ...binding, roleRef } : binding);
}

async function makeNode(post: Post, namespace: string, name: string): Promise<NodeIdentity> {
  const serviceAccountName = nodeAccountName(name.startsWith('shop') ? 'shop' : 'other');
  const pod = await post(`/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { serviceAccountName, containers: [{ name: 'storage-node', image: 'none' }] },
  });
  const podUid = show(field(pod, 'metadata', 'uid'));
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid: podUid };
  const issued = await post(tokensOf(namespace, serviceAccountName), tokenRequest({ boundObjectRef }));
  return { name, podUid, token: show(field(issued, 'status', 'token')) };
}

const tokensOf = (namespace: string, account: string): string => `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
const tokenRequest = (spec: object): object => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });

/** The policy under a name of its own, for one namespace, and refusing what is called `probe`, so that one can tell when it is in force. */
function scoped(policy: NodePolicy, namespace: string): readonly AdmissionObject[] {
  const probed = { name: 'probed', expression: "object == null || object.metadata.name != 'probe'", message: 'probed' };
  const named = { ...policy, name: `${policy.name}-${namespace}`, rules: [probed, ...policy.rules] };
  const binding = bindingObject(named);
  const matchResources = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
  return [policyObject(named), { ...binding, spec: { ...binding.spec, matchResources } }];
}

const pluralOf = ({ kind }: AdmissionObject): string =>
  kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings';

export const shardSpec = {
  clusterName: 'shop',
  collection: 'books',
  vectorCollection: 'shop-books',
  hashRange: { first: '0000000000000000', last: 'ffffffffffffffff' },
  assignments: [
    { node: 'shop-data-0', kind: 'Voter' },
    { node: 'shop-data-1', kind: 'Voter' },
    { node: 'shop-data-2', kind: 'Learner' },
  ],
};
export const collectionSpec = { clusterName: 'shop', collection: 'books', shards: 1, vectors: [{ size: 4, distance: 'Dot' }] };

const probe = (kind: string, spec: object): object => ({ apiVersion: 'vectorcluster.io/v1', kind, metadata: { name: 'probe' }, spec });
const probes: Readonly<Record<string, object>> = {
  vectorshards: probe('VectorShard', shardSpec),
  vectorcollections: probe('VectorCollection', collectionSpec),
};

const nameOf = (reply: Reply): string => show(field(reply, 'metadata', 'name'));

function succeeded(reply: Reply): Reply {
  if (reply.code >= 300) throw new Error(`refused with ${reply.code}: ${show(field(reply, 'message'))}`);
  return reply;
}
