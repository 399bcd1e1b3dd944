/** When decisions about shards may have changed: by what a node says, or by time alone. Pure. */
import { reachOf, silentMissedMs, type Contact, type Reach, type ReplicaSight } from '../plan/node-sights.ts';
import { peersTrustedMs, sightOf, type KnownNode } from './known-node.ts';

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
  const contacts: readonly (readonly [string, Contact])[] = [[itself, sight], ...sight.peers];
  const reaches = contacts.map(([node, contact]) => [node, reachOf(contact)] as const);
  const due = reaches.flatMap(([, reach]) => (reach.kind === 'doubtful' ? [reach.missedInMs] : []));
  if (sight.isConnected) due.push(silentMissedMs - sight.silentMs);
  if (sight.peers.size > 0) due.push(peersTrustedMs - sight.silentMs);
  const ahead = due.filter((ms) => ms > 0);
  return {
    reaches: new Map(reaches.map(([node, { kind }]) => [node, kind])),
    againInMs: ahead.length === 0 ? undefined : Math.min(...ahead),
  };
}

export function sameReaches({ reaches: a }: Verdict, { reaches: b }: Verdict): boolean {
  return a.size === b.size && Array.from(a).every(([node, kind]) => b.get(node) === kind);
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
