/**
 * In the place of kubelets and storage nodes, against a bare API server: Pods become Ready, nodes register their copies. Pods have no
 * address, so no node reports, and what the operator decides stands on Pods alone.
 */
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { NotFoundError } from '@vectorcluster/kube/errors.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { pods, type Pod } from '@vectorcluster/kube/types/core.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { createHash } from 'node:crypto';

export interface PlayedKubelet extends AsyncDisposable {
  /** Images that cannot be pulled. */
  readonly brokenImages: Set<string>;
  /** Every Pod that was seen to become Ready, in order, with its image. */
  readonly started: readonly string[];
}

export async function playKubelet(client: KubeClient): Promise<PlayedKubelet> {
  const stopping = new AbortController();
  const brokenImages = new Set<string>();
  const started: string[] = [];
  const podCache = new Informer(client, pods);
  const shardCache = new Informer(client, vectorShards);
  const inFlight = new Set<Promise<void>>();
  const run = (work: Promise<void>): void => {
    const owned = work.catch(() => {}).finally(() => void inFlight.delete(owned));
    inFlight.add(owned);
  };
  podCache.onChange(({ kind, object }) => {
    if (kind === 'deleted' || object.metadata.deletionTimestamp !== undefined || object.status?.containerStatuses !== undefined) return;
    run(startPod(client, object, brokenImages, started));
    for (const shard of shardCache.list()) run(register(client, shard, podCache));
  });
  shardCache.onChange(({ kind, object }) => {
    if (kind !== 'deleted') run(register(client, object, podCache));
  });
  podCache.start(stopping.signal);
  shardCache.start(stopping.signal);
  await Promise.all([podCache.synced(), shardCache.synced()]);
  return {
    brokenImages,
    started,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all([podCache[Symbol.asyncDispose](), shardCache[Symbol.asyncDispose]()]);
      await Promise.all(inFlight);
    },
  };
}

async function startPod(client: KubeClient, pod: Pod, brokenImages: ReadonlySet<string>, started: string[]): Promise<void> {
  const image = pod.spec?.containers[0]?.image ?? '';
  const isBroken = brokenImages.has(image);
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const container = { name: 'storage-node', image, imageID: '', ready: !isBroken, restartCount: 0 };
  const state = isBroken ? { waiting: { reason: 'ErrImagePull', message: `${image} not found` } } : { running: { startedAt: at } };
  const conditions = [{ type: 'Ready', status: isBroken ? 'False' : 'True', lastTransitionTime: at }];
  const status = { phase: isBroken ? 'Pending' : 'Running', conditions, containerStatuses: [{ ...container, state }] };
  try {
    await client.patch(
      pods,
      pod.metadata.name,
      pod.metadata.namespace,
      { metadata: { uid: pod.metadata.uid }, status },
      { subresource: 'status' },
    );
    started.push(`${pod.metadata.name} ${image}`);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

async function register(client: KubeClient, shard: VectorShard, podCache: Informer<Pod>): Promise<void> {
  await swapStatus({
    client,
    type: vectorShards,
    name: shard.metadata,
    attempts: 20,
    change: (stored) => {
      const podOf = (node: string) => podCache.get(stored.metadata.namespace, node);
      return registered(stored, podOf) ?? expanded(stored, podOf);
    },
  });
}

type PodOf = (node: string) => Pod | undefined;

/** With the entry of the first node that has not registered its Pod; undefined when all have. */
function registered(stored: VectorShard, podOf: PodOf): VectorShard | undefined {
  const members = stored.status?.members ?? [];
  for (const { node, kind } of stored.spec.assignments) {
    const pod = podOf(node);
    const known = members.find((member) => member.node === node);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || known?.podUid === pod.metadata.uid) continue;
    const member: Member = {
      replicaId: known?.replicaId ?? replicaIdOf(`${stored.metadata.uid} ${node}`),
      node,
      kind,
      podUid: pod.metadata.uid ?? '',
      zone: pod.metadata.labels?.[labels.zone] ?? '',
      eligibleFromEpoch: known === undefined ? 1 : (stored.status?.epoch ?? 0) + 1,
    };
    return { ...stored, status: { ...stored.status, members: [...members.filter((other) => other !== known), member] } };
  }
  return undefined;
}

/** The primary takes in a copy that has registered, and out one that is not assigned any more or whose Pod is gone. */
function expanded(stored: VectorShard, podOf: PodOf): VectorShard | undefined {
  const { members = [], inSync = [], primary, epoch = 0 } = stored.status ?? {};
  const leader = members.find(({ replicaId }) => replicaId === primary);
  const isLive = ({ node, podUid }: Member) => podOf(node)?.metadata.uid === podUid;
  if (leader === undefined || !isLive(leader) || leader.eligibleFromEpoch > epoch) return undefined;
  const belongs = (member: Member) =>
    isLive(member) && stored.spec.assignments.some(({ node, kind }) => node === member.node && kind === 'Voter');
  const leaving = members.find((member) => member !== leader && inSync.includes(member.replicaId) && !belongs(member));
  const coming = members.find((member) => !inSync.includes(member.replicaId) && belongs(member));
  if (leaving !== undefined) return { ...stored, status: { ...stored.status, inSync: inSync.filter((id) => id !== leaving.replicaId) } };
  if (coming !== undefined) return { ...stored, status: { ...stored.status, inSync: [...inSync, coming.replicaId] } };
  return undefined;
}

function replicaIdOf(seed: string): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, 32);
}
