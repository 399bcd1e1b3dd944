/** What must be there before the first VectorCluster, and its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { customResourceDefinitions } from '@vectorcluster/crds/definitions.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { KubeObject, ResourceType } from '@vectorcluster/kube/object.ts';
import { namespaces, nodes, persistentVolumes } from '@vectorcluster/kube/types/core.ts';
import { storageClasses } from '@vectorcluster/kube/types/storage.ts';
import { inParallel } from './in-parallel.ts';
import { makeNodes } from './make-believe-nodes.ts';
import { namespaceNames, ownLabel, provisioner, storageClassName, type Scale } from './scale.ts';

interface CustomResourceDefinition extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const definitions: ResourceType<CustomResourceDefinition> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const goneWithinMs = 300_000;

export class LeftoversError extends Error {
  override readonly name = 'LeftoversError';

  constructor(what: readonly string[]) {
    super(`a measurement before this one left ${what.slice(0, 5).join(', ')}: delete it first`);
  }
}

export interface WorldOptions {
  readonly operatorNamespace: string;
  /** Of Pods, such as `10.231`; undefined: loopback. */
  readonly network: string | undefined;
}

export async function makeWorld(client: KubeClient, scale: Scale, { operatorNamespace, network }: WorldOptions): Promise<void> {
  await client.list(namespaces);
  for (const definition of customResourceDefinitions()) await client.apply(definitions, definition, { fieldManager: 'bench', force: true });
  await untilServed(client);
  const leftovers = [
    ...(await client.list(nodes, { labelSelector: ownLabel })).items,
    ...(await client.list(namespaces, { labelSelector: ownLabel })).items,
  ];
  if (leftovers.length > 0) throw new LeftoversError(leftovers.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  await makeNodes(client, scale, network);
  for (const name of [...namespaceNames(scale), operatorNamespace]) {
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [ownLabel]: 'true' } } });
  }
  await client.delete(storageClasses, storageClassName);
  await client.create(storageClasses, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: storageClassName },
    provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  });
}

/** The CustomResourceDefinitions stay: somebody else may have come to need them. */
export async function endWorld(client: KubeClient, log: (text: string) => void): Promise<void> {
  const { items } = await client.list(namespaces, { labelSelector: ownLabel });
  for (const { metadata } of items) await client.delete(namespaces, metadata.name);
  for (const start = performance.now(); ; await sleep(2000)) {
    const left = (await client.list(namespaces, { labelSelector: ownLabel })).items;
    if (left.length === 0) break;
    if (performance.now() - start > goneWithinMs) {
      log(`still being deleted by Kubernetes: ${left.length} namespaces`);
      break;
    }
  }
  const volumes = (await client.list(persistentVolumes, { labelSelector: ownLabel })).items;
  await inParallel(volumes, 16, ({ metadata }) => client.delete(persistentVolumes, metadata.name));
  const own = (await client.list(nodes, { labelSelector: ownLabel })).items;
  for (const { metadata } of own) await client.delete(nodes, metadata.name);
  await client.delete(storageClasses, storageClassName);
}

async function untilServed(client: KubeClient): Promise<void> {
  for (;;) {
    const { items } = await client.list(definitions);
    const ours = items.filter(({ metadata }) => metadata.name.endsWith('.vectorcluster.io'));
    const isServed = (definition: CustomResourceDefinition) =>
      definition.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
    if (ours.length > 0 && ours.every(isServed)) return;
    await sleep(200);
  }
}
