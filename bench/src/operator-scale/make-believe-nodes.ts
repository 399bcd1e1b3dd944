/**
 * Kubernetes nodes that do not exist, in three zones. Whoever plays kubelets here gives Pods addresses of their node's podCIDR: these are
 * addresses of this machine, so that the operator can reach the process that answers for all storage nodes.
 */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { nodes } from '@vectorcluster/kube/types/core.ts';
import { peerPort } from '@vectorcluster/operator/resources/node-ports.ts';
import { inParallel } from './in-parallel.ts';
import { ownLabel, zoneKey, type Scale } from './scale.ts';

const zones = ['a', 'b', 'c'];
const podsPerNode = 200;
const readyWithinMs = 60_000;

export class NoKubeletError extends Error {
  override readonly name = 'NoKubeletError';

  constructor() {
    super(
      `no fake node became ready in ${readyWithinMs / 1000} s: nobody plays kubelets in this Kubernetes cluster. ` +
        'Run kwok beside the API server (kwok --manage-all-nodes, or for nodes annotated kwok.x-k8s.io/node=fake), and kube-scheduler and kube-controller-manager',
    );
  }
}

/** Resolves when all are ready. `network` is the first half of what Pods have for addresses; undefined: of loopback, where it is free. */
export async function makeNodes(client: KubeClient, { clusters, nodesPerCluster }: Scale, network: string | undefined): Promise<void> {
  const perZone = Math.ceil((clusters * nodesPerCluster) / zones.length / podsPerNode) + 1;
  const ownNetwork = network ?? (await freeNetwork());
  const all = Array.from({ length: perZone * zones.length }, (_, index) => ({
    name: `operator-scale-${index}`,
    zone: zones[index % zones.length] ?? '',
    podCIDR: `${ownNetwork}.${index + 1}.0/24`,
  }));
  await inParallel(all, 8, async ({ name, zone, podCIDR }) => {
    const resources = { cpu: '1000', memory: '4Ti', pods: String(podsPerNode) };
    await client.create(nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { [zoneKey]: zone, [ownLabel]: 'true', 'kubernetes.io/hostname': name },
        annotations: { 'kwok.x-k8s.io/node': 'fake' },
      },
      spec: { podCIDR, podCIDRs: [podCIDR] },
      status: { capacity: resources, allocatable: resources },
    });
  });
  await untilReady(client, all.length);
}

async function untilReady(client: KubeClient, wanted: number): Promise<void> {
  for (const start = performance.now(); performance.now() - start < readyWithinMs; await sleep(500)) {
    const { items } = await client.list(nodes, { labelSelector: ownLabel });
    const ready = items.filter(({ status }) => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'));
    if (ready.length === wanted) return;
  }
  throw new NoKubeletError();
}

/** Such as `127.91`, where nobody listens on the peer port yet. */
async function freeNetwork(): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const network = `127.${100 + Math.floor(Math.random() * 150)}`;
    const probe = createServer();
    try {
      probe.listen(peerPort, `${network}.1.1`);
      await once(probe, 'listening');
      probe.close();
      await once(probe, 'close');
      return network;
    } catch {
      probe.close();
    }
  }
  throw new Error('no loopback network is free, or this system has only one loopback address: Linux is needed');
}
