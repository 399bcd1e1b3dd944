/** When decisions about shards may have changed: by what a node says, or by time alone. Pure. */
import { reachOf, silentMissedMs, type Contact, type Reach, type ReplicaSight } from '../plan/node-sights.ts';
import { sightOf, type KnownNode } from './known-node.ts';

/** What decisions depend on, apart from replicas: whether the node and its peers are there. */
export interface Verdict {
  readonly reaches: ReadonlyMap<string, Reach['kind']>;
  /** By then it must be looked at again, though nothing came; undefined: not by itself. */
  readonly againInMs: number | undefined;
}

const itself = '';

export function verdictOn(known: KnownNode, now: number): Verdict {
  const sight = sightOf(known, now);
  if (sight === undefined) {
    const isDialled = known.stream.kind === 'dialling';
    return { reaches: new Map(), againInMs: isDialled ? silentMissedMs - (now - known.heardAt) : undefined };
  }
  const reaches = new Map<string, Reach['kind']>();
  let againInMs: number | undefined;
  const due = (ms: number): void => {
    if (ms > 0) againInMs = Math.min(ms, againInMs ?? ms);
  };
  const look = (node: string, contact: Contact): void => {
    const reach = reachOf(contact);
    reaches.set(node, reach.kind);
    if (reach.kind === 'doubtful') due(reach.missedInMs);
  };
  look(itself, sight);
  for (const [node, contact] of sight.peers) look(node, contact);
  // With it goes its word about others.
  if (sight.isConnected) due(silentMissedMs - sight.silentMs);
  return { reaches, againInMs };
}

export function sameReaches({ reaches: a }: Verdict, { reaches: b }: Verdict): boolean {
  if (a.size !== b.size) return false;
  for (const [node, kind] of a) if (b.get(node) !== kind) return false;
  return true;
}

/** UIDs of the VectorShards of which this node now says something that decisions depend on; positions are not. */
export function shardsChanged(before: KnownNode['replicas'], now: KnownNode['replicas']): readonly string[] {
  if (before === now) return [];
  const shards = new Set<string>();
  for (const [replicaId, replica] of now) if (!saysTheSame(before.get(replicaId), replica)) shards.add(replica.shard);
  for (const [replicaId, { shard }] of before) if (!now.has(replicaId)) shards.add(shard);
  return [...shards];
}

function saysTheSame(a: ReplicaSight | undefined, b: ReplicaSight): boolean {
  return (
    a === b ||
    (a !== undefined &&
      a.shard === b.shard &&
      a.epoch === b.epoch &&
      a.role === b.role &&
      a.serves === b.serves &&
      a.because === b.because &&
      a.drainedTo === b.drainedTo)
  );
}
