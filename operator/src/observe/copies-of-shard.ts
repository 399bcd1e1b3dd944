/** The copies of one shard, read into one value: what its object says, and what is remembered and reported of it. */
import type { Condition } from '@vectorcluster/crds/meta.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { HandOverRefused } from '../plan/ask-hand-over.ts';
import type { CopiesWanted } from '../plan/copies-wanted.ts';
import type { NodeSights } from '../plan/node-sights.ts';
import type { CopyBeingMade, Going, ObservedCopiesOfShard } from '../plan/observed-copies.ts';
import { epochSeen } from '../plan/older-status.ts';
import { factsOf, positionOf } from './replica-facts.ts';

/** What is remembered of shards, beside what their objects say. */
export interface ShardPast {
  /** For how long a condition of a shard has been what it is. */
  readonly ageMs: (shard: VectorShard, condition: Condition) => number;
  /** For how long a copy has been at that position. */
  readonly standstillMs: (shard: VectorShard, copy: string, position: string) => number;
  /** How often hand-overs of a shard in the epoch in force came to nothing. */
  readonly handOverRefusals: (shard: VectorShard) => number;
}

export interface AroundCopies extends ShardPast {
  readonly wanted: CopiesWanted;
  readonly sights: NodeSights;
  /** Nodes whose processes are there. */
  readonly there: ReadonlySet<string>;
  /** Nodes that may go soon. */
  readonly going: ReadonlyMap<string, Going>;
}

export function observeCopiesOfShard(shard: VectorShard, around: AroundCopies): ObservedCopiesOfShard {
  const { metadata, spec, status } = shard;
  const { wanted, sights, there, going } = around;
  const members = status?.members ?? [];
  const inSync = (status?.inSync ?? []).map((replicaId) => {
    const node = members.find((member) => member.replicaId === replicaId)?.node ?? '';
    return { replicaId, node, isThere: there.has(node), isGoing: going.has(node) };
  });
  const primary = inSync.find(({ replicaId }) => replicaId === status?.primary);
  return {
    name: metadata.name,
    precondition: { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' },
    wanted,
    assignments: spec.assignments,
    epoch: status?.epoch ?? 0,
    epochSeen: Math.max(0, ...members.map((member) => epochSeen({ ...member, facts: factsOf(member, sights) }))),
    epochAgeMs: epochAgeMs(shard, around),
    minInSync: status?.minInSync ?? 1,
    primary: primary && { node: primary.node, isThere: primary.isThere, going: going.get(primary.node) },
    inSync,
    nodesThere: new Set(spec.assignments.map(({ node }) => node).filter((node) => there.has(node))),
    serving: new Set(members.filter((member) => factsOf(member, sights)?.serves === true).map(({ node }) => node)),
    beingMade: copiesBeingMade(shard, around),
    points: pointsOf(shard, around),
    isHandingOver: status?.handOff !== undefined,
    handOverRefused: handOverRefused(shard, around),
  };
}

function copiesBeingMade(shard: VectorShard, { there, sights, standstillMs }: AroundCopies): readonly CopyBeingMade[] {
  const { epoch = 0, members = [], inSync = [] } = shard.status ?? {};
  if (epoch === 0) return [];
  return shard.spec.assignments.flatMap(({ node, kind }) => {
    const member = members.findLast((each) => each.node === node);
    if (kind !== 'Voter' || !there.has(node) || (member !== undefined && inSync.includes(member.replicaId))) return [];
    // One that has not registered is known by its node.
    const position = positionOf(member && factsOf(member, sights));
    return [{ node, standstillMs: standstillMs(shard, member?.replicaId ?? node, position) }];
  });
}

function pointsOf({ status }: VectorShard, { sights }: AroundCopies): number | undefined {
  const primary = status?.members?.find(({ replicaId }) => replicaId === status.primary);
  return primary && factsOf(primary, sights)?.points;
}

/** 0 where it is not known. */
function epochAgeMs(shard: VectorShard, { ageMs }: AroundCopies): number {
  const raised = conditionOf(shard, 'EpochRaised');
  return raised === undefined ? 0 : ageMs(shard, raised);
}

/** A refusal in an earlier epoch says nothing of the primary of this one. */
function handOverRefused(shard: VectorShard, { ageMs, handOverRefusals }: AroundCopies): HandOverRefused | undefined {
  const refused = conditionOf(shard, 'HandOver');
  if (refused?.reason !== 'Refused') return undefined;
  if (refused.lastTransitionTime < (conditionOf(shard, 'EpochRaised')?.lastTransitionTime ?? '')) return undefined;
  return { agoMs: ageMs(shard, refused), times: Math.max(1, handOverRefusals(shard)), because: refused.message };
}

function conditionOf({ status }: VectorShard, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}
