/**
 * Runs one request on shards, again and again until it is done or the request's time is over.
 *
 * What is tried again has changed nothing (not primary, not served yet) or takes effect once by its request id (a connection that
 * broke), so a client sees a pause and not an error while a node comes back; and with more than one copy, of reads not even a pause.
 */
import { backoffDelayMs } from '@vectorcluster/kube/backoff.ts';
import { InsufficientStorageError, NotFoundError, OverloadedError } from '../errors.ts';
import type { ServedShard } from '../peer/served-shard.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import type { Answer, WriteResult } from '../shard/shard.ts';
import type { CollectionRoute, ShardRoute, Topology } from '../topology/topology.ts';
import { askCopies, type Errand } from './ask-copies.ts';
import { mayBeTriedAgain, type Outcome } from './attempt.ts';
import { levelFor } from './consistency.ts';
import type { CollectionCall, ReadAnswered } from './coordination.ts';
import type { Candidate } from './replica-choice.ts';
import { Wave } from './wave.ts';
import { requestBackoff } from './request-backoff.ts';

/** How long the primary may take before it is looked whether it still is. */
const writeLookMs = 100;

type Answered<Result> = Extract<Outcome<Result>, { kind: 'answered' }>;

/** Asks one copy of every job's shard, all at once. One that fails for good fails the request: never a partial answer. */
export async function readShards<Input, Value>(
  call: CollectionCall,
  jobs: Iterable<readonly [ShardRoute, Input]>,
  ask: (replica: ServedShard, input: Input, level: ReadLevel, signal: AbortSignal) => Promise<Answer<Value>>,
): Promise<readonly Value[]> {
  const { coordination, consistency, session } = call;
  const { hedging, metrics, now } = coordination;
  return await inOneWave(call, hedging.delayMs, async (wave) => {
    const startedAt = now();
    const read = async ([shard, input]: readonly [ShardRoute, Input]): Promise<Value> => {
      const level = levelFor(consistency, session, shard.uid);
      const answered = await onShard(call, wave, shard, {
        purpose: level.kind,
        ask: (replica, signal) => ask(replica, input, level, signal),
      });
      const { value, position } = answered.result;
      hedging.answered(now() - startedAt);
      metrics.readAnswered({ level: consistency.kind, replica: roleOf(answered.attempt.replica) });
      session?.saw(shard.uid, position);
      return value;
    };
    return await Promise.all(Array.from(jobs, read));
  });
}

export async function readEveryShard<Value>(
  call: CollectionCall,
  ask: (replica: ServedShard, level: ReadLevel, signal: AbortSignal) => Promise<Answer<Value>>,
): Promise<readonly Value[]> {
  const jobs = call.collection.shards.map((shard) => [shard, undefined] as const);
  return await readShards(call, jobs, (replica, _, level, signal) => ask(replica, level, signal));
}

/** Has the primary of every job's shard do its part, all at once. */
export async function writeShards<Input>(
  call: CollectionCall,
  jobs: Iterable<readonly [ShardRoute, Input]>,
  ask: (primary: ServedShard, input: Input) => Promise<WriteResult>,
): Promise<readonly WriteResult[]> {
  return await inOneWave(call, writeLookMs, async (wave) => {
    const write = async ([shard, input]: readonly [ShardRoute, Input]): Promise<WriteResult> => {
      let asked = 0;
      const { result } = await onShard(call, wave, shard, {
        purpose: 'write',
        ask: (primary) => {
          asked += 1;
          return ask(primary, input);
        },
        isFinal: (error) => !mayBeTriedAgain(error) && (asked === 1 || !hadNoRoom(error)),
      });
      call.session?.saw(shard.uid, result);
      return result;
    };
    return await Promise.all(Array.from(jobs, write));
  });
}

/** Says that nothing was done, which is true of the first attempt only: an earlier one, that was not answered, may have taken effect. */
function hadNoRoom(error: unknown): boolean {
  return error instanceof OverloadedError || error instanceof InsufficientStorageError;
}

async function inOneWave<Result>(call: CollectionCall, firstMs: number, work: (wave: Wave) => Promise<Result>): Promise<Result> {
  using wave = new Wave(call.signal, call.coordination.after, firstMs);
  try {
    return await work(wave);
  } catch (error) {
    wave.end(error);
    throw error;
  }
}

async function onShard<Result>(
  call: CollectionCall,
  wave: Wave,
  shard: ShardRoute,
  errand: Omit<Errand<Result>, 'routeNow'>,
): Promise<Answered<Result>> {
  const { coordination, collection } = call;
  const routeNow = () => routeIn(coordination.topology.current(), collection, shard);
  let route = shard;
  for (let tries = 0; ; tries += 1) {
    wave.signal.throwIfAborted();
    const asked = await askCopies(call, wave, route, { ...errand, routeNow });
    if (asked.kind === 'answered') return asked;
    if (asked.kind === 'exhausted') {
      call.waitsFor?.(`shard ${shard.name}: ${asked.because}`);
      await untilNews(call, wave.signal, route, tries);
    }
    route = routeNow();
  }
}

/** Sleeps, but no longer than until another configuration of the shard is known. */
async function untilNews(
  { coordination, collection }: CollectionCall,
  ended: AbortSignal,
  route: ShardRoute,
  tries: number,
): Promise<void> {
  const woken = new AbortController();
  const signal = AbortSignal.any([ended, woken.signal]);
  const news = coordination.topology.until((topology) => routeIn(topology, collection, route) !== route, signal);
  const slept = coordination.sleep(backoffDelayMs(requestBackoff, tries + 1, coordination.random), signal);
  try {
    await Promise.race([news, slept]);
  } finally {
    void Promise.allSettled([news, slept]); // the slower one rejects now, and nobody waits for it
    woken.abort();
  }
}

function routeIn(topology: Topology, collection: CollectionRoute, shard: ShardRoute): ShardRoute {
  const now = topology.collections.get(collection.name);
  if (now?.uid !== collection.uid) throw missing(collection.name);
  return now.shards.find(({ uid }) => uid === shard.uid) ?? shard;
}

function roleOf({ isPrimary, isReader }: Candidate): ReadAnswered['replica'] {
  if (isPrimary) return 'primary';
  return isReader ? 'reader' : 'in-sync';
}

export function missing(collection: string): NotFoundError {
  return new NotFoundError(`Collection \`${collection}\` doesn't exist!`);
}
