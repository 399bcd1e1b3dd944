import type { Observation } from '../peer/peer-connections.ts';
import type { Topology } from './topology.ts';

/** True when this view is at least as new as the observation, and for `serving`, every shard of the collection has a primary. */
export function shows(topology: Topology, { collectionUid, generation, serving }: Observation): boolean {
  if (generation === 0) return !topology.uids.has(collectionUid);
  const collection = [...topology.collections.values()].find(({ uid }) => uid === collectionUid);
  if (collection === undefined || collection.generation < generation) return false;
  return !serving || (collection.complete && collection.shards.every(({ primary }) => primary !== undefined));
}

/** Shards of the collection whose primary is on `node`, with the epoch in which it should serve. */
export function primariesOn(topology: Topology, collectionUid: string, node: string): ReadonlyMap<string, bigint> {
  const collection = [...topology.collections.values()].find(({ uid }) => uid === collectionUid);
  const own = collection?.shards.filter(({ primary }) => primary?.node === node) ?? [];
  return new Map(own.map(({ uid, epoch }) => [uid, epoch]));
}
