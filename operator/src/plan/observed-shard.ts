import type { Assignment, Member, VectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import type { CopiesWanted } from './copies-wanted.ts';
import type { ReplicaSight } from './node-sights.ts';

/** One shard as one value: what its object says, and what Pods and reports say of its copies. */
export interface ObservedShard {
  readonly name: string;
  readonly ageMs: number;
  readonly assignments: readonly Assignment[];
  /** 0 while there never was a primary. */
  readonly epoch: number;
  readonly primary: string | undefined;
  readonly inSync: readonly string[];
  /** In force; undefined before the first epoch. */
  readonly minInSync: number | undefined;
  readonly wanted: CopiesWanted;
  readonly members: readonly ObservedMember[];
  /** Voters that are assigned, have not registered, and whose node is there to do so. */
  readonly expected: readonly string[];
  readonly handOff: VectorShardStatus['handOff'];
  /** Since the hand-over was asked for; undefined until the condition that tells it is written. */
  readonly handOffAskedMs: number | undefined;
  /** Its primary has served in the epoch in force. */
  readonly hasServed: boolean;
  /** The epoch in force began with a failover. */
  readonly isFailedOver: boolean;
  /** Since the epoch in force began; 0 where that is not known. */
  readonly epochAgeMs: number;
}

/**
 * What says that a copy is missed. certain: the API server or its own node, and no other replica has to agree. closed: a connection that
 * did not come back. silent: nothing came over it, which a busy machine may cause too.
 */
export type Evidence = 'certain' | 'closed' | 'silent';

export interface ObservedMember extends Member {
  /** By the operator. `unknown` where nobody reports, or a connection closed a moment ago. */
  readonly reachable: 'yes' | 'missed' | 'unknown';
  /** Why it is missed, or what else is amiss with its node. */
  readonly because: string | undefined;
  /** Undefined while it is not missed. */
  readonly evidence: Evidence | undefined;
  /** For how long it has been missed, while it is in sync; undefined where that is not agreed on. */
  readonly missedMs: number | undefined;
  /** It will be missed in this time if nothing is heard. */
  readonly missedInMs: number | undefined;
  /** False when at least one other in-sync replica's node misses its node; undefined when none of them can be asked. */
  readonly seenByPeers: boolean | undefined;
  /** Its Pod is the one that registered it, is Ready and stays. */
  readonly isPodReady: boolean;
  /** Its node has another, newer copy in its place. */
  readonly isSuperseded: boolean;
  /** For how long it has come no further, ms; undefined for one that is in sync, only follows on purpose, or is not there. */
  readonly standstillMs: number | undefined;
  /** What its node says of it; undefined where nobody reports. */
  readonly facts: ReplicaSight | undefined;
}

export function memberOf({ members }: ObservedShard, replicaId: string | undefined): ObservedMember | undefined {
  return members.find((member) => member.replicaId === replicaId);
}

export function primaryOf(shard: ObservedShard): ObservedMember | undefined {
  return memberOf(shard, shard.primary);
}

/** Members in sync that could lead. */
export function liveInSync({ members, inSync }: ObservedShard): readonly ObservedMember[] {
  return members.filter((member) => inSync.includes(member.replicaId) && member.kind === 'Voter' && whyNotLive(member) === undefined);
}

/**
 * Why a copy cannot lead now; undefined when it can. Its node must say that it has it: a process that has started again may have found an
 * empty volume. Of one that never reported to this operator its Pod must be Ready, which it is when its copies are open.
 */
export function whyNotLive({ reachable, because, missedInMs, isPodReady, isSuperseded, facts }: ObservedMember): string | undefined {
  if (isSuperseded || reachable === 'missed') return because ?? 'it does not answer';
  if (facts?.role === 'barred') return damageOf(facts);
  if (missedInMs !== undefined) return 'its connection closed a moment ago';
  if (reachable === 'yes') return facts === undefined ? 'its process has started again and has not opened the copy yet' : undefined;
  return isPodReady ? undefined : 'it does not report, and its Pod is not Ready';
}

/** What a copy that is barred says of it. */
export function damageOf({ because }: ReplicaSight): string {
  return because ?? 'its data are damaged';
}
