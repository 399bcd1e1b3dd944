import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { Member, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { CopiesWanted } from '../plan/copies-wanted.ts';
import type { NodeSights } from '../plan/node-sights.ts';
import type { ObservedMember, ObservedShard } from '../plan/observed-shard.ts';
import { epochReasons } from '../plan/shard-history.ts';
import type { ShardPast } from './copies-of-shard.ts';
import { reachOfMember, type NodeView } from './member-reach.ts';
import { seenByPeers } from './peers.ts';
import { isPodReady } from './pod-state.ts';
import { factsOf, positionOf } from './replica-facts.ts';
import { isSuperseded } from './superseded.ts';

/** What is known beside the VectorShard itself. */
export interface ShardSurroundings extends Pick<ShardPast, 'ageMs' | 'standstillMs'> {
  readonly podOf: (node: string) => Pod | undefined;
  readonly hasVolume: (node: string) => boolean;
  /** What the collection asks for; undefined when it is gone. */
  readonly wanted: CopiesWanted | undefined;
  /** What nodes report; empty where nobody does. */
  readonly sights: NodeSights;
  readonly now: Date;
}

export function observeShard(shard: VectorShard, around: ShardSurroundings): ObservedShard {
  const { metadata, spec, status } = shard;
  const voters = spec.assignments.filter(({ kind }) => kind === 'Voter');
  const members = status?.members ?? [];
  const conditionOf = (type: string) => status?.conditions?.find((condition) => condition.type === type);
  const handOver = conditionOf('HandOver');
  const epochRaised = conditionOf('EpochRaised');
  return {
    name: metadata.name,
    ageMs: ageMs(metadata.creationTimestamp, around.now),
    assignments: spec.assignments,
    epoch: status?.epoch ?? 0,
    primary: status?.primary,
    inSync: status?.inSync ?? [],
    minInSync: status?.minInSync,
    wanted: around.wanted ?? { replicationFactor: voters.length, minInSync: status?.minInSync ?? 1, readReplicas: 0 },
    members: members.map((member) => observeMember(shard, member, around)),
    expected: voters.map(({ node }) => node).filter((node) => !members.some((member) => member.node === node) && isThere(node, around)),
    handOff: status?.handOff,
    handOffAskedMs: handOver?.status === 'True' ? around.ageMs(shard, handOver) : undefined,
    hasServed: hasServed(epochRaised, conditionOf('Ready')),
    isFailedOver: epochRaised?.reason === epochReasons['fail-over'],
    epochAgeMs: epochRaised === undefined ? 0 : around.ageMs(shard, epochRaised),
  };
}

function observeMember(shard: VectorShard, member: Member, around: ShardSurroundings): ObservedMember {
  const { status } = shard;
  const { sights } = around;
  const members = status?.members ?? [];
  const pod = around.podOf(member.node);
  const sight = sights.get(member.node);
  const view: NodeView = { pod, hasVolume: around.hasVolume(member.node), sight };
  const superseded = isSuperseded(member, members, view);
  const isOwnPod = pod?.metadata.uid === member.podUid;
  const facts = factsOf(member, sights);
  const reach = reachOfMember(member, view, superseded);
  const isInSync = status?.inSync?.includes(member.replicaId) === true;
  const isBeingMade = member.kind === 'Voter' && reach.reachable === 'yes' && !isInSync;
  const isSeen = seenByPeers(member, { members, inSync: status?.inSync ?? [] }, sights);
  const isMissed = isInSync && reach.reachable === 'missed' && (reach.evidence === 'certain' || isSeen === false);
  return {
    ...member,
    ...reach,
    missedMs: isMissed ? around.standstillMs(shard, member.replicaId, 'missed') : undefined,
    seenByPeers: isSeen,
    isPodReady: isOwnPod && isPodReady(pod) && pod.metadata.deletionTimestamp === undefined,
    isSuperseded: superseded,
    standstillMs: isBeingMade ? around.standstillMs(shard, member.replicaId, positionOf(facts)) : undefined,
    facts,
  };
}

/** A node that could register its copy now. */
function isThere(node: string, { podOf, sights }: ShardSurroundings): boolean {
  const pod = podOf(node);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return false;
  const sight = sights.get(node);
  return (sight?.podUid === pod.metadata.uid && sight?.isConnected === true) || isPodReady(pod);
}

/** The shard was Ready at some time since the epoch began. */
function hasServed(epoch: Condition | undefined, ready: Condition | undefined): boolean {
  if (ready === undefined) return false;
  return ready.status === 'True' || (epoch !== undefined && ready.lastTransitionTime > epoch.lastTransitionTime);
}

/** Of an object, by the API server's clock. */
function ageMs(since: string | undefined, now: Date): number {
  const age = now.getTime() - Date.parse(since ?? '');
  return Number.isNaN(age) ? 0 : Math.max(age, 0);
}
