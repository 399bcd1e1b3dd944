/** In the place of kubelets and storage nodes, against a bare API server: Pods become Ready, nodes register their copies. */
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
  const status = { phase: isBroken ? 'Pending' : 'Running', podIP: '127.0.0.1', conditions, containerStatuses: [{ ...container, state }] };
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
  const [assignment] = shard.spec.assignments;
  const pod = assignment && podCache.get(shard.metadata.namespace, assignment.node);
  if (assignment === undefined || pod === undefined) return;
  await swapStatus({
    client,
    type: vectorShards,
    name: shard.metadata,
    change: (stored) => {
      const members = stored.status?.members ?? [];
      const known = members.find(({ node }) => node === assignment.node);
      if (known?.podUid === pod.metadata.uid) return undefined;
      const member: Member = {
        replicaId:
          known?.replicaId ??
          createHash('sha256')
            .update(stored.metadata.uid ?? '')
            .digest('hex')
            .slice(0, 32),
        node: assignment.node,
        kind: 'Voter',
        podUid: pod.metadata.uid ?? '',
        zone: pod.metadata.labels?.[labels.zone] ?? '',
        eligibleFromEpoch: (stored.status?.epoch ?? 0) + 1,
      };
      return { ...stored, status: { ...stored.status, members: [...members.filter((other) => other !== known), member] } };
    },
  });
}
