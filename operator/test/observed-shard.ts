/** Shards as plans see them, for tests that say only what differs. */
import type { ReplicaSight } from '../src/plan/node-sights.ts';
import type { ObservedMember, ObservedShard } from '../src/plan/observed-shard.ts';

export const id = (ordinal: number): string => String(ordinal + 1).repeat(32);
export const facts = (ordinal: number, parts: Partial<ReplicaSight> = {}): ReplicaSight => ({
  shard: 's',
  replicaId: id(ordinal),
  epoch: 3,
  role: ordinal === 0 ? 'leading' : 'following',
  serves: true,
  applied: 10n,
  points: 0,
  because: undefined,
  drainedTo: undefined,
  ...parts,
});
export const member = (ordinal: number, parts: Partial<ObservedMember> = {}): ObservedMember => ({
  replicaId: id(ordinal),
  node: `n${ordinal}`,
  podUid: `p${ordinal}`,
  zone: ['a', 'b', 'c'][ordinal % 3] ?? 'a',
  kind: 'Voter',
  eligibleFromEpoch: 1,
  reachable: 'yes',
  because: undefined,
  evidence: undefined,
  missedMs: undefined,
  missedInMs: undefined,
  seenByPeers: true,
  isPodReady: true,
  isSuperseded: false,
  standstillMs: undefined,
  facts: facts(ordinal),
  ...parts,
});
export const assigned = (...ordinals: readonly number[]) => ordinals.map((ordinal) => ({ node: `n${ordinal}`, kind: 'Voter' as const }));

/** Three copies in sync in epoch 3, led by n0. */
export const shard = (parts: Partial<ObservedShard> = {}): ObservedShard => ({
  name: 's',
  ageMs: 1000,
  assignments: assigned(0, 1, 2),
  epoch: 3,
  primary: id(0),
  inSync: [id(0), id(1), id(2)],
  minInSync: 2,
  wanted: { replicationFactor: 3, minInSync: 2, readReplicas: 0 },
  members: [member(0), member(1), member(2)],
  expected: [],
  handOff: undefined,
  handOffAskedMs: undefined,
  hasServed: true,
  isFailedOver: false,
  epochAgeMs: 60_000,
  ...parts,
});
