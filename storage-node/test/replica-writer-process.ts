/**
 * A process that hosts replicas, tells what it finds in them and then writes to them until it is killed or told to stop.
 * Every write is told before it begins and after it is acknowledged. Arguments: data directory, seed.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { alone, leadAlone } from './lead-alone.ts';
import { openReplicaHost } from '../src/replica-host/replica-host.ts';
import type { CollectionConfig } from '../src/model/collection.ts';
import type { WriteOperation } from '../src/model/write-operation.ts';
import type { ServedShard } from '../src/peer/served-shard.ts';
import type { ReadLevel } from '../src/replication/serving-reads.ts';
import { unlimitedCaches } from './caches.ts';

const level: ReadLevel = { kind: 'eventual' };

/** Generation of all points of a slot, or absent. */
export type Outcome = number | 'absent';
export type WriterMessage =
  | { readonly kind: 'found'; readonly shard: string; readonly generations: readonly (readonly [id: number, generation: number])[] }
  | { readonly kind: 'sending'; readonly shard: string; readonly slot: number; readonly outcome: Outcome }
  | { readonly kind: 'acknowledged'; readonly shard: string; readonly slot: number; readonly outcome: Outcome };

export const shards = ['shard-a', 'shard-b'];
export const slotsPerShard = 12;
export const pointsPerSlot = 5;
const writersPerShard = 4;
const config: CollectionConfig = { vectors: new Map([['', { size: 8, distance: 'Cosine', m: 8, efConstruct: 32 }]]) };

export function idsOf(slot: number): readonly number[] {
  return Array.from({ length: pointsPerSlot }, (_, index) => slot * 100 + index);
}

async function run(dataDirectory: string, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const stopping = new AbortController();
  process.on('message', () => stopping.abort());
  const host = await openReplicaHost({
    caches: unlimitedCaches(),
    dataDirectory,
    owner: { namespace: 'test', cluster: 'kill', clusterUid: 'uid-of-kill' },
    logger: pino({ level: 'fatal' }),
    newReplicaId: () => randomBytes(16).toString('hex'),
    onFatal: (error) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(3);
    },
  });
  const writing: Promise<void>[] = [];
  for (const name of shards) {
    const { replica: shard, epochOnDisk } = await host.open(name, alone(config));
    await leadAlone(shard, epochOnDisk + 1n);
    await tell({ kind: 'found', shard: name, generations: await generations(shard) });
    for (let writer = 0; writer < writersPerShard; writer++) writing.push(write(name, shard, writer, random, stopping.signal));
  }
  await Promise.all(writing);
  await host[Symbol.asyncDispose]();
  process.disconnect();
}

async function generations(shard: ServedShard): Promise<readonly (readonly [number, number])[]> {
  const points = (await shard.scroll({ limit: 10_000, withPayload: true, withVectors: false }, level)).value;
  return points.map(({ id, payload }) => [Number(id), Number(payload?.['generation'])]);
}

/** Each writer has slots of its own and waits for its answers, so that the last acknowledged write of a slot is known. */
async function write(name: string, shard: ServedShard, writer: number, random: () => number, signal: AbortSignal): Promise<void> {
  const run = process.pid * 1_000_000;
  for (let count = 0; !signal.aborted; count++) {
    const slot = writer + writersPerShard * Math.floor(random() * (slotsPerShard / writersPerShard));
    const outcome = random() < 0.3 ? 'absent' : run + count;
    await tell({ kind: 'sending', shard: name, slot, outcome });
    await shard.write(operation(slot, outcome, random), `${process.pid}-${writer}-${count}`, 'applied');
    await tell({ kind: 'acknowledged', shard: name, slot, outcome });
  }
}

function operation(slot: number, outcome: Outcome, random: () => number): WriteOperation {
  const ids = idsOf(slot).map(BigInt);
  if (outcome !== 'absent') {
    const vector = () => Float32Array.from({ length: 8 }, () => random() - 0.5);
    return {
      kind: 'upsert',
      points: ids.map((id) => ({ id, vectors: new Map([['', vector()]]), payload: { slot, generation: outcome } })),
    };
  }
  if (random() < 0.5) return { kind: 'delete', selection: { kind: 'ids', ids } };
  const condition = { kind: 'match-value', key: 'slot', value: BigInt(slot) } as const;
  return { kind: 'delete', selection: { kind: 'filter', filter: { must: [condition], mustNot: [], should: [] } } };
}

/** Resolves when the message is on its way, beyond the reach of SIGKILL. */
function tell(message: WriterMessage): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()));
  return promise;
}

const [, , dataDirectory, seed] = process.argv;
if (process.send && dataDirectory !== undefined) await run(dataDirectory, Number(seed));
