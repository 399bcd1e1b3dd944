/**
 * Runs one request on one shard, again and again until it is done or the request's time is over.
 *
 * What is tried again has changed nothing (not primary, not served yet) or takes effect once by its request id (a connection that
 * broke), so a client sees a pause and not an error while a node comes back.
 */
import { NotFoundError, NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { ServedShard } from '../peer/served-shard.ts';
import type { CollectionRoute, ShardRoute, Topology } from '../topology/topology.ts';
import { delayMs, requestBackoff } from './backoff.ts';
import type { CollectionCall, Coordination } from './coordination.ts';
import { chooseReplica } from './replica-choice.ts';

/** Runs `work` for every job, all at once. One that fails for good fails the request: never a partial answer. */
export async function onShards<Input, Result>(
  call: CollectionCall,
  jobs: Iterable<readonly [ShardRoute, Input]>,
  work: (shard: ServedShard, input: Input) => Promise<Result>,
): Promise<readonly Result[]> {
  return await Promise.all(Array.from(jobs, ([shard, input]) => onShard(call, shard, (served) => work(served, input))));
}

export async function onEveryShard<Result>(
  call: CollectionCall,
  work: (shard: ServedShard) => Promise<Result>,
): Promise<readonly Result[]> {
  return await Promise.all(call.collection.shards.map((shard) => onShard(call, shard, work)));
}

async function onShard<Result>(call: CollectionCall, shard: ShardRoute, work: (shard: ServedShard) => Promise<Result>): Promise<Result> {
  const { coordination, collection, signal } = call;
  let route = shard;
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await work(open(coordination, route, signal));
    } catch (error) {
      if (!mayBeTriedAgain(error)) throw error;
      await coordination.sleep(delayMs(tries, coordination.random(), requestBackoff), signal);
      route = routeNow(coordination.topology.current(), collection, route);
    }
  }
}

function open(coordination: Coordination, route: ShardRoute, signal: AbortSignal): ServedShard {
  const choice = chooseReplica(route, coordination.node);
  switch (choice.kind) {
    case 'local':
      return coordination.localShard(choice.shard);
    case 'remote':
      return coordination.remoteShard(choice.shard, choice.address, signal);
    case 'none':
      throw new ShardUnavailableError(choice.because);
  }
}

function mayBeTriedAgain(error: unknown): boolean {
  return error instanceof NotPrimaryError || error instanceof ShardUnavailableError;
}

function routeNow(topology: Topology, collection: CollectionRoute, route: ShardRoute): ShardRoute {
  const now = topology.collections.get(collection.name);
  if (now?.uid !== collection.uid) throw missing(collection.name);
  return now.shards.find(({ uid }) => uid === route.uid) ?? route;
}

export function missing(collection: string): NotFoundError {
  return new NotFoundError(`Collection \`${collection}\` doesn't exist!`);
}
