/** When every fault is over: reads everything that was ever written, linearizable, and holds it against what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { checkBatches } from './checker/check-batches.ts';
import type { Violation } from './checker/violation.ts';
import type { Connections, RestConnection } from './workload/connections.ts';
import { collection, generationsOf } from './workload/points.ts';
import type { Workload } from './workload/workload.ts';

export interface FinalReadsOptions {
  readonly workload: Workload;
  readonly connections: Connections;
  readonly now: () => number;
  readonly shardOf: (id: number) => string;
  readonly onViolations: (violations: readonly Violation[]) => void;
}

export interface FinalState {
  readonly slots: number;
  readonly registers: number;
  readonly inserts: number;
  /** Points compared on each copy. */
  readonly compared: number;
}

type Stored = ReadonlyMap<number, number>;

const idsPerRead = 1000;
const told = 10;
/** A copy may still be applying the last writes, and requests that were given up may still arrive. */
const equalWithinMs = 15_000;

export async function finalReads(options: FinalReadsOptions): Promise<FinalState> {
  const { workload, connections, now, shardOf, onViolations } = options;
  const { board, registers, probes } = workload;
  const { service } = connections;
  const slots = board.all;
  const slotIds = slots.flatMap((slot) => slot.ids);

  const invokedMs = now();
  const stored = await readAll(service.client, slotIds, 'majority');
  const answeredMs = now();
  for (const slot of slots) {
    const generations = new Map(slot.ids.flatMap((id) => present(stored, id)));
    const read = { level: 'final', how: 'retrieve', invokedMs, answeredMs, generations, through: service.through.name } as const;
    slot.reads.push(read);
    board.check(slot);
    onViolations(checkBatches(slot, read, shardOf));
  }

  for (const register of registers.all) {
    await registers.read(register, service);
    registers.check(register);
  }

  const inserted = probes.flatMap((probe) => probe.acknowledged);
  const there = await readAll(service.client, inserted, 'majority');
  const missing = inserted.filter((id) => !there.has(id));
  if (missing.length > 0) {
    const story = missing.slice(0, told).map((id) => `${id} of shard ${shardOf(id)} was acknowledged and is not there`);
    const kind = 'an acknowledged write is lost or undone';
    onViolations([{ kind, atMs: now(), ids: missing, story: [`${missing.length} inserted points:`, ...story] }]);
  }

  const all = [...slotIds, ...inserted];
  for (const copy of connections.copies) onViolations(await differences(options, copy, all));
  return { slots: slots.length, registers: registers.all.length, inserts: inserted.length, compared: all.length };
}

async function differences(
  { connections, now, shardOf }: FinalReadsOptions,
  { client, through }: RestConnection,
  ids: readonly number[],
): Promise<readonly Violation[]> {
  const giveUpMs = now() + equalWithinMs;
  let left = ids;
  for (;;) {
    const expected = await readAll(connections.service.client, left, 'majority');
    const found = await readAll(client, left, undefined);
    const different = left.filter((id) => found.get(id) !== expected.get(id));
    if (different.length === 0) return [];
    if (now() > giveUpMs) {
      const story = different
        .slice(0, told)
        .map(
          (id) =>
            `${id} of shard ${shardOf(id)}: ${tellValue(found.get(id))} on ${through.name}, ${tellValue(expected.get(id))} by linearizable read`,
        );
      return [{ kind: 'replicas differ', atMs: now(), ids: different, story }];
    }
    left = different;
    await sleep(500);
  }
}

function tellValue(generation: number | undefined): string {
  return generation === undefined ? 'nothing' : `generation ${generation}`;
}

async function readAll(client: QdrantClient, ids: readonly number[], consistency: 'majority' | undefined): Promise<Stored> {
  const found = new Map<number, number>();
  for (let from = 0; from < ids.length; from += idsPerRead) {
    const request = { ids: ids.slice(from, from + idsPerRead), with_payload: true };
    const points = await client.retrieve(collection, consistency === undefined ? request : { ...request, consistency });
    for (const [id, generation] of generationsOf(points)) found.set(id, generation);
  }
  return found;
}

function present(found: Stored, id: number): readonly (readonly [number, number])[] {
  const generation = found.get(id);
  return generation === undefined ? [] : [[id, generation]];
}
