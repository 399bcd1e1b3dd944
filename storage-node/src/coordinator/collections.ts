/** Collections are VectorCollection objects: what a client's call makes and removes is what kubectl apply and delete would. */
import { AlreadyExistsError, BadInputError } from '../errors.ts';
import { origin } from '../replication/log-shape.ts';
import type { CollectionRoute, Topology } from '../topology/topology.ts';
import type { CollectionCall, Coordination } from './coordination.ts';
import type { CollectionInfo, NewCollection } from './database.ts';
import { seenEverywhere } from './everywhere.ts';
import { readEveryShard } from './on-shard.ts';

/** Resolves when every shard has a primary that serves, and every node knows the collection. */
export async function createCollection(
  coordination: Coordination,
  name: string,
  settings: NewCollection,
  signal: AbortSignal,
): Promise<void> {
  const topology = coordination.topology.current();
  if (topology.collections.has(name)) throw new AlreadyExistsError(`Collection \`${name}\` already exists!`);
  if (topology.aliases.has(name)) throw new BadInputError('Alias with the same name already exists');
  const { metadata } = await coordination.collections.create(name, settings);
  const uid = metadata.uid ?? '';
  const seen = await coordination.topology.until((now) => isSettled(collectionByUid(now, name, uid)), signal);
  const collection = collectionByUid(seen, name, uid);
  if (collection === undefined) return;
  if (!hasPrimaries(collection)) {
    await coordination.collections.delete(collection.objectName, uid);
    throw new BadInputError(`Collection \`${name}\` cannot be made: ${collection.stalled ?? 'the operator gave no reason'}`);
  }
  const observation = { collectionUid: uid, generation: collection.generation, serving: true };
  await seenEverywhere(coordination, observation, collection, signal);
}

/** False when there was none. Resolves when the object is gone and every node has seen that. */
export async function deleteCollection(coordination: Coordination, name: string, signal: AbortSignal): Promise<boolean> {
  const collection = coordination.topology.current().collections.get(name);
  if (collection === undefined) return false;
  const isDeleted = await coordination.collections.delete(collection.objectName, collection.uid);
  const observation = { collectionUid: collection.uid, generation: 0, serving: false };
  await coordination.observe(undefined, observation, signal);
  await seenEverywhere(coordination, observation, undefined, signal);
  return isDeleted;
}

export async function collectionInfo(call: CollectionCall): Promise<CollectionInfo> {
  const { collection } = call;
  const stats = await readEveryShard(call, async (replica, _level, signal) => ({ value: await replica.stats(signal), position: origin }));
  const total = (count: (shard: (typeof stats)[number]) => number) => stats.reduce((sum, each) => sum + count(each), 0);
  const vectors = total((shard) => shard.vectors);
  const indexed = total((shard) => shard.indexedVectors);
  return {
    name: collection.name,
    status: indexed < vectors ? 'yellow' : 'green',
    spec: collection.spec,
    shardNumber: collection.shards.length,
    pointsCount: total((shard) => shard.points),
    indexedVectorsCount: indexed,
    segmentsCount: total((shard) => shard.segments),
  };
}

function collectionByUid(topology: Topology, name: string, uid: string): CollectionRoute | undefined {
  const collection = topology.collections.get(name);
  return collection?.uid === uid ? collection : undefined;
}

function isSettled(collection: CollectionRoute | undefined): boolean {
  return collection !== undefined && (collection.stalled !== undefined || hasPrimaries(collection));
}

function hasPrimaries({ complete, shards }: CollectionRoute): boolean {
  return complete && shards.every(({ primary }) => primary?.address !== undefined);
}
