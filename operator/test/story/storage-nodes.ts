/** What storage nodes do with shards: they register copies, and primaries keep their in-sync sets. */
import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { labels } from '@vectorcluster/crds/labels.ts';
import type { PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import { createHash } from 'node:crypto';
import { isPodReady } from '../../src/observe/pod-state.ts';
import { volumeNameOf } from '../../src/plan/names.ts';
import { assertLawful } from './shard-laws.ts';
import type { Store } from './store.ts';

/** True when something changed. */
export function storageNodesBreathe(store: Store, silent: ReadonlySet<string>): boolean {
  const registered = store.list<VectorShard>('VectorShard').map((shard) => registerCopies(store, shard));
  const led = store.list<VectorShard>('VectorShard').map((shard) => keepInSyncSet(store, shard, silent));
  return [...registered, ...led].includes(true);
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

/** Its Pod is Ready and registered it. */
export function isLive(store: Store, { node, podUid, replicaId }: Member, shard: VectorShard): boolean {
  const pod = store.find<Pod>('Pod', node);
  return pod !== undefined && isPodReady(pod) && pod.metadata.uid === podUid && replicaIdOn(store, shard, node) === replicaId;
}

/** Each Ready node registers the copies that are assigned to it, under its Pod's UID; a new volume makes another copy. */
function registerCopies(store: Store, { metadata, spec }: VectorShard): boolean {
  let changed = false;
  for (const { node, kind } of spec.assignments) {
    const shard = store.find<VectorShard>('VectorShard', metadata.name);
    const pod = store.find<Pod>('Pod', node);
    if (shard === undefined || pod === undefined || !isPodReady(pod) || pod.metadata.deletionTimestamp !== undefined) continue;
    const members = shard.status?.members ?? [];
    const replicaId = replicaIdOn(store, shard, node);
    const known = members.find((member) => member.replicaId === replicaId);
    if (known?.podUid === pod.metadata.uid) continue;
    const eligibleFromEpoch = known === undefined ? 1 : (shard.status?.epoch ?? 0) + 1;
    const zone = pod.metadata.labels?.[labels.zone] ?? '';
    const member: Member = { replicaId, node, kind, podUid: pod.metadata.uid ?? '', zone, eligibleFromEpoch };
    store.put({ ...shard, status: { ...shard.status, members: [...members.filter((other) => other !== known), member] } });
    changed = true;
  }
  return changed;
}

/** One change a breath, by the primary of the epoch: out with who is gone or not wanted, in with who has caught up. */
function keepInSyncSet(store: Store, shard: VectorShard, silent: ReadonlySet<string>): boolean {
  const { members = [], inSync = [], primary, epoch = 0 } = shard.status ?? {};
  const leader = members.find(({ replicaId }) => replicaId === primary);
  if (leader === undefined || leader.eligibleFromEpoch > epoch || !isLive(store, leader, shard) || silent.has(leader.node)) return false;
  const belongs = (member: Member) =>
    member.kind === 'Voter' &&
    isLive(store, member, shard) &&
    !silent.has(member.node) &&
    shard.spec.assignments.some(({ node, kind }) => node === member.node && kind === 'Voter');
  const leaving = members.find((member) => inSync.includes(member.replicaId) && member !== leader && !belongs(member));
  const coming = members.find((member) => !inSync.includes(member.replicaId) && belongs(member));
  if (leaving === undefined && coming === undefined) return false;
  const next = leaving === undefined ? [...inSync, coming?.replicaId ?? ''] : inSync.filter((id) => id !== leaving.replicaId);
  const status = { ...shard.status, inSync: next };
  assertLawful(shard.status, status);
  store.put({ ...shard, status });
  return true;
}

/** Of the copy that the node holds on its disk. */
export function replicaIdOn(store: Store, shard: VectorShard, node: string): string {
  const volume = store.find<PersistentVolumeClaim>('PersistentVolumeClaim', volumeNameOf(node));
  return createHash('sha256')
    .update(`${shard.metadata.name} ${node} ${volume?.metadata.uid ?? ''} ${store.formats.get(node) ?? 0}`)
    .digest('hex')
    .slice(0, 32);
}
