/** What kubelets and storage nodes do with what the operator made. */
import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { Pod, PodStatus } from '@vectorcluster/kube/types/core.ts';
import { createHash } from 'node:crypto';
import { isPodReady } from '../../src/observe/pod-state.ts';
import type { Store } from './store.ts';

const readyStatus: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const startingStatus: PodStatus = { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }] };

/** A Pod is started in the first breath, Ready in the second; one that is deleted is gone in the next. */
export function kubeletsBreathe(store: Store, brokenImages: ReadonlySet<string>): boolean {
  let changed = false;
  for (const pod of store.list<Pod>('Pod')) {
    const next = nextStatus(pod, brokenImages);
    if (next === pod.status) continue;
    changed = true;
    if (next === undefined) store.delete('Pod', pod.metadata.name);
    else store.put({ ...pod, status: next });
  }
  return changed;
}

/** The same status when nothing happens; undefined when the Pod is gone. */
function nextStatus(pod: Pod, brokenImages: ReadonlySet<string>): PodStatus | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  if (pod.status === undefined) return startingStatus;
  if (pod.status.phase !== 'Pending') return pod.status;
  const image = pod.spec?.containers[0]?.image ?? '';
  if (!brokenImages.has(image)) return readyStatus;
  if (pod.status.containerStatuses !== undefined) return pod.status;
  const waiting = { reason: 'ErrImagePull', message: `${image} not found` };
  const container = { name: 'storage-node', image, imageID: '', ready: false, restartCount: 0, state: { waiting } };
  return { ...startingStatus, containerStatuses: [container] };
}

/** Each Ready node registers the copies that are assigned to it, under its Pod's UID. */
export function storageNodesBreathe(store: Store): boolean {
  let changed = false;
  for (const shard of store.list<VectorShard>('VectorShard')) {
    for (const { node, kind } of shard.spec.assignments) {
      const pod = store.find<Pod>('Pod', node);
      if (pod === undefined || !isPodReady(pod)) continue;
      const members = shard.status?.members ?? [];
      const known = members.find((member) => member.node === node);
      if (known?.podUid === pod.metadata.uid) continue;
      const member: Member = {
        replicaId: known?.replicaId ?? replicaIdOf(`${shard.metadata.name} ${node}`),
        node,
        kind,
        podUid: pod.metadata.uid ?? '',
        zone: pod.metadata.labels?.[labels.zone] ?? '',
        eligibleFromEpoch: (shard.status?.epoch ?? 0) + 1,
      };
      store.put({ ...shard, status: { ...shard.status, members: [...members.filter((other) => other !== known), member] } });
      changed = true;
    }
  }
  return changed;
}

/** The process on a node starts again: it may be primary only above the epochs on its disk. */
export function restartProcess(store: Store, node: string): void {
  for (const shard of store.list<VectorShard>('VectorShard')) {
    const { status } = shard;
    const members = status?.members?.map((member) =>
      member.node === node ? { ...member, eligibleFromEpoch: (status.epoch ?? 0) + 1 } : member,
    );
    if (members?.some((member) => member.node === node)) store.put({ ...shard, status: { ...status, members } });
  }
}

function replicaIdOf(seed: string): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, 32);
}
