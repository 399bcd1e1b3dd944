/** A real API server with Kubernetes nodes in three zones, and Helm and kubectl that talk to it. Nothing runs there: there is no kubelet. */
import { connectionFromKubeconfig } from '@vectorcluster/kube/connection.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { namespaces, nodes } from '@vectorcluster/kube/types/core.ts';
import { startRealControlPlane } from '@vectorcluster/local-cluster/testing/real-control-plane.ts';
import { accountToken, withToken } from '@vectorcluster/local-cluster/testing/operator-account.ts';
import { KubernetesConnection } from '@vectorcluster/local-cluster/testing/kubernetes-connection.ts';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { helm } from '../src/helm.ts';

export interface Installation extends AsyncDisposable {
  /** With every right. */
  readonly client: KubeClient;
  readonly folder: string;
  helm(...args: readonly string[]): Promise<string>;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Enforces the strictest standard for Pods. */
  addNamespace(name: string): Promise<void>;
  /** The file of a kubeconfig with the rights of that ServiceAccount. */
  kubeconfigOf(namespace: string, account: string): Promise<string>;
}

export async function startInstallation(assets: string): Promise<Installation> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.adopt(await mkdtemp(join(tmpdir(), 'installation-')), (path) => rm(path, { recursive: true, force: true }));
  const { kubeconfig } = opening.use(await startRealControlPlane(assets, []));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, kubeconfig, { mode: 0o600 });
  const client = opening.use(new KubeClient(connectionFromKubeconfig(kubeconfig, folder)));
  for (const zone of ['a', 'b', 'c']) await addNode(client, zone);
  const environment = {
    KUBECONFIG: file,
    HELM_CACHE_HOME: join(folder, 'helm'),
    HELM_CONFIG_HOME: join(folder, 'helm'),
    HELM_DATA_HOME: join(folder, 'helm'),
  };
  const running = opening.move();
  return {
    client,
    folder,
    helm: (...args) => helm(args, environment),
    kubectl: async (...args) => {
      const env = { ...process.env, ...environment };
      return (await promisify(execFile)(join(assets, 'kubectl'), ['--cache-dir', join(folder, 'kubectl'), ...args], { env })).stdout;
    },
    addNamespace: async (name) => {
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    },
    kubeconfigOf: async (namespace, account) => {
      const connection = KubernetesConnection.fromKubeconfig(kubeconfig);
      const token = await accountToken(connection, namespace, account);
      connection.close();
      const path = join(folder, `kubeconfig-${namespace}-${account}`);
      await writeFile(path, withToken(kubeconfig, token), { mode: 0o600 });
      return path;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function addNode(client: KubeClient, zone: string): Promise<void> {
  const name = `kube-${zone}`;
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } } });
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString() }];
  await client.patch(nodes, name, undefined, { status: { conditions } }, { subresource: 'status' });
  // Controllers taint nodes that they have not heard of yet; nobody here takes that back.
  await client.patch(nodes, name, undefined, { spec: { taints: null } });
}
