/** Brings a cluster's own objects up to date at every start; what is there already stays. */
import { AlreadyExistsError } from '@vectorcluster/kube/errors.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { ResourceType } from '@vectorcluster/kube/object.ts';
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '@vectorcluster/kube/types/admission.ts';
import { namespaces, nodes, pods, serviceAccounts } from '@vectorcluster/kube/types/core.ts';
import { clusterRoleBindings, clusterRoles } from '@vectorcluster/kube/types/rbac.ts';
import { storageClasses } from '@vectorcluster/kube/types/storage.ts';
import { admissionObjects } from './definitions.ts';
import { bootstrapObjects, nodeObject, nodeStatus, operatorPod, type LocalNode } from './objects.ts';

export interface Machine {
  readonly nodes: readonly LocalNode[];
  readonly version: string;
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly address: string;
}

const types: Readonly<Record<string, ResourceType>> = {
  Namespace: namespaces,
  StorageClass: storageClasses,
  ServiceAccount: serviceAccounts,
  ClusterRole: clusterRoles,
  ClusterRoleBinding: clusterRoleBindings,
  ValidatingAdmissionPolicy: validatingAdmissionPolicies,
  ValidatingAdmissionPolicyBinding: validatingAdmissionPolicyBindings,
};

const fieldManager = 'local-cluster';

export async function installBootstrapObjects(client: KubeClient, machine: Machine): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  for (const node of machine.nodes) {
    await client.apply(nodes, nodeObject(node), { fieldManager, force: true });
    const status = nodeStatus(machine.cpu, machine.memoryBytes, machine.address, now);
    await client.patch(nodes, node.name, undefined, { status }, { subresource: 'status' });
  }
  for (const object of [...(await admissionObjects()), ...bootstrapObjects()]) {
    const type = types[object.kind];
    if (!type) throw new Error(`no resource type for ${object.kind}`);
    await client.apply(type, object, { fieldManager, force: true });
  }
  await forgetReadiness(client);
  await client.create(pods, operatorPod(machine.version)).catch((error: unknown) => {
    if (!(error instanceof AlreadyExistsError)) throw error;
  });
}

const aboutReadiness: ReadonlySet<string> = new Set(['Ready', 'ContainersReady']);

/** Nothing runs yet: what Pods were when the cluster was stopped or killed must not be taken for what they are. */
async function forgetReadiness(client: KubeClient): Promise<void> {
  const { items } = await client.list(pods);
  await Promise.all(
    items.map((pod) => {
      const conditions = (pod.status?.conditions ?? []).map((condition) =>
        aboutReadiness.has(condition.type ?? '') && condition.status === 'True'
          ? { ...condition, status: 'False', reason: 'NodeStarting', message: 'the local cluster has just started' }
          : condition,
      );
      const containerStatuses = (pod.status?.containerStatuses ?? []).map((status) => ({ ...status, ready: false, started: false }));
      const status = { conditions, containerStatuses };
      return client.patch(pods, pod.metadata.name, pod.metadata.namespace, { status }, { subresource: 'status' });
    }),
  );
}
