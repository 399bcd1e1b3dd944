/**
 * What this node must do about one shard, decided from the VectorShard as it is and from the replica as it is here. Pure.
 *
 * A node registers its replica, the operator names a primary and an epoch, the node adopts the epoch and serves. A process that
 * starts again registers with an eligibleFromEpoch above every epoch it may have served, so the operator has to raise the epoch
 * before it serves, and no process resumes an epoch it does not remember.
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
  /** Epoch in which it serves as primary; undefined while it does not. */
  readonly servingEpoch: bigint | undefined;
}

/** Where the data of a shard stand on this node. */
export type LocalState = { readonly kind: 'none' } | { readonly kind: 'on-disk' } | ({ readonly kind: 'open' } & OpenReplica);

export type MembershipStep =
  | { readonly kind: 'open'; readonly because: string }
  /** Write this list to the shard's status by compare-and-swap. */
  | { readonly kind: 'register'; readonly members: readonly Member[]; readonly because: string }
  /** Remember the epoch durably, then serve as its primary. */
  | { readonly kind: 'serve'; readonly epoch: bigint; readonly because: string }
  | { readonly kind: 'stop-serving'; readonly because: string }
  /** Delete the data, once a fresh read has said the same. */
  | { readonly kind: 'drop'; readonly because: string }
  | { readonly kind: 'rest'; readonly because: string };

/** `shard` is undefined when there is no such object. */
export function decide(shard: VectorShard | undefined, local: LocalState, own: OwnIdentity): MembershipStep {
  if (shard === undefined) {
    return local.kind === 'none' ? rest('there is neither object nor data') : { kind: 'drop', because: 'the VectorShard is gone' };
  }
  const assignment = shard.spec.assignments.find(({ node }) => node === own.node);
  const isListed = shard.status?.members?.some(({ node }) => node === own.node) === true;
  if (assignment === undefined && !isListed) {
    return local.kind === 'none' ? rest('not assigned here') : { kind: 'drop', because: 'the VectorShard names this node no more' };
  }
  if (local.kind !== 'open') return { kind: 'open', because: 'the shard is assigned here' };
  const registration = register(shard, local, own);
  return registration ?? followConfiguration(shard, local);
}

function register(shard: VectorShard, replica: OpenReplica, own: OwnIdentity): MembershipStep | undefined {
  const members = shard.status?.members ?? [];
  const listed = members.find(({ replicaId }) => replicaId === replica.replicaId);
  const kind = shard.spec.assignments.find(({ node }) => node === own.node)?.kind ?? listed?.kind ?? 'Voter';
  const eligibleFromEpoch = Math.max(Number(replica.eligibleFromEpoch), listed?.eligibleFromEpoch ?? 1);
  const entry: Member = { ...own, replicaId: replica.replicaId, kind, eligibleFromEpoch };
  if (listed !== undefined && isSame(listed, entry)) return undefined;
  const others = members.filter(({ replicaId }) => replicaId !== replica.replicaId);
  const because = listed === undefined ? 'the replica is not a member yet' : 'this process is not the one that registered';
  return { kind: 'register', members: [...others, entry], because };
}

function followConfiguration({ status }: VectorShard, { replicaId, eligibleFromEpoch, servingEpoch }: OpenReplica): MembershipStep {
  const epoch = BigInt(status?.epoch ?? 0);
  if (status?.primary !== replicaId) {
    return servingEpoch !== undefined && servingEpoch < epoch
      ? { kind: 'stop-serving', because: `epoch ${epoch} has another primary` }
      : rest('another replica is primary, or none yet');
  }
  if (epoch < eligibleFromEpoch) return rest(`epoch ${epoch} may have been served by an earlier process; waiting for ${eligibleFromEpoch}`);
  if (servingEpoch !== undefined && servingEpoch >= epoch) return rest(`serving epoch ${servingEpoch}`);
  return { kind: 'serve', epoch, because: `primary of epoch ${epoch}` };
}

function isSame(a: Member, b: Member): boolean {
  return (
    a.node === b.node && a.podUid === b.podUid && a.zone === b.zone && a.kind === b.kind && a.eligibleFromEpoch === b.eligibleFromEpoch
  );
}

function rest(because: string): MembershipStep {
  return { kind: 'rest', because };
}
