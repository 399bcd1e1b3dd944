/**
 * What this node must do about one shard, decided from the VectorShard as it is and from the replica as it is here. Pure.
 *
 * A node registers its replica; who follows and who leads in which epoch then is between the object and the replica. A primary whose
 * process has started again registers with an eligibleFromEpoch above every epoch it may have led, so that the operator raises the epoch
 * before it leads again, and no process resumes an epoch it does not remember.
 */
import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';

/** This process, as it registers itself. */
export interface OwnIdentity {
  readonly node: string;
  readonly podUid: string;
  readonly zone: string;
}

/** The replica of one shard in this process. */
export interface OpenReplica {
  readonly replicaId: string;
  /** One above the highest epoch that was on its disk when this process opened it. */
  readonly eligibleFromEpoch: bigint;
  /** Highest that it knows. */
  readonly epoch: bigint;
}

/** Where the data of a shard stand on this node. */
export type LocalState =
  | { readonly kind: 'none' }
  | { readonly kind: 'on-disk' }
  | ({ readonly kind: 'open' } & OpenReplica)
  | { readonly kind: 'damaged'; readonly replicaId: string };

export type MembershipStep =
  | { readonly kind: 'open'; readonly because: string }
  /** Write this list to the shard's status by compare-and-swap. */
  | { readonly kind: 'register'; readonly members: readonly Member[]; readonly because: string }
  /** Delete the damaged data, once a fresh read has said the same, and begin empty under a new replica id. */
  | { readonly kind: 'rebuild'; readonly because: string }
  /** Delete the data, once a fresh read has said the same. */
  | { readonly kind: 'drop'; readonly because: string }
  | { readonly kind: 'rest'; readonly because: string };

/** `shard` is undefined when there is no such object. */
export function decide(shard: VectorShard | undefined, local: LocalState, own: OwnIdentity): MembershipStep {
  if (shard === undefined) {
    return local.kind === 'none' ? rest('there is neither object nor data') : { kind: 'drop', because: 'the VectorShard is gone' };
  }
  const isAssigned = shard.spec.assignments.some(({ node }) => node === own.node);
  if (!isAssigned && !isListed(shard, local, own)) {
    return unwanted(shard, local);
  }
  if (local.kind === 'damaged') return rebuild(shard, local.replicaId);
  if (local.kind !== 'open') return { kind: 'open', because: 'the shard is assigned here' };
  return isAssigned || listedAs(shard, local.replicaId) !== undefined ? register(shard, local, own) : rest('not assigned here');
}

/**
 * An object that says less than this copy has seen was set back, as when etcd is restored: it may never have heard of this copy, which
 * may be the one that has what was written since.
 */
function unwanted({ status }: VectorShard, local: LocalState): MembershipStep {
  if (local.kind === 'none') return rest('not assigned here');
  if (local.kind === 'on-disk') return { kind: 'open', because: 'which epoch its copy has seen is to be known before it is deleted' };
  const isOlder = local.kind === 'open' && local.epoch > BigInt(status?.epoch ?? 0);
  if (isOlder) return rest(`the VectorShard says epoch ${status?.epoch ?? 0}, and this copy has seen ${local.epoch}: it was set back`);
  return { kind: 'drop', because: 'the VectorShard names this copy no more' };
}

/** Data that may be the only ones left are kept for a person to look at. */
function rebuild({ status }: VectorShard, replicaId: string): MembershipStep {
  if (status?.inSync?.includes(replicaId) === true) return rest('the damaged copy is still in the in-sync set');
  return { kind: 'rebuild', because: 'the copy is damaged and nobody waits for it' };
}

/** Before it is opened nobody knows the replica's id: a member on this node may be it. */
function isListed(shard: VectorShard, local: LocalState, own: OwnIdentity): boolean {
  if (local.kind === 'open' || local.kind === 'damaged') return listedAs(shard, local.replicaId) !== undefined;
  return local.kind === 'on-disk' && shard.status?.members?.some(({ node }) => node === own.node) === true;
}

function listedAs({ status }: VectorShard, replicaId: string): Member | undefined {
  return status?.members?.find((member) => member.replicaId === replicaId);
}

function register(shard: VectorShard, replica: OpenReplica, own: OwnIdentity): MembershipStep {
  const members = shard.status?.members ?? [];
  const listed = listedAs(shard, replica.replicaId);
  const kind = shard.spec.assignments.find(({ node }) => node === own.node)?.kind ?? listed?.kind ?? 'Voter';
  const asksForEpoch = shard.status?.primary === replica.replicaId && BigInt(shard.status.epoch ?? 0) < replica.eligibleFromEpoch;
  const wanted = listed === undefined || asksForEpoch ? Number(replica.eligibleFromEpoch) : 1;
  const entry: Member = {
    ...own,
    replicaId: replica.replicaId,
    kind,
    eligibleFromEpoch: Math.max(wanted, listed?.eligibleFromEpoch ?? 1),
  };
  if (listed !== undefined && isSame(listed, entry)) return rest('registered');
  const others = members.filter(({ replicaId }) => replicaId !== replica.replicaId);
  const because = listed === undefined ? 'the replica is not a member yet' : 'the member entry does not say how this process is';
  return { kind: 'register', members: [...others, entry], because };
}

function isSame(a: Member, b: Member): boolean {
  return (
    a.node === b.node && a.podUid === b.podUid && a.zone === b.zone && a.kind === b.kind && a.eligibleFromEpoch === b.eligibleFromEpoch
  );
}

function rest(because: string): MembershipStep {
  return { kind: 'rest', because };
}
