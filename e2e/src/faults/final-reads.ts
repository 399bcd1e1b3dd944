/** When every fault is over: reads everything that was ever written, linearizable, and holds it against what was acknowledged. */
import type { QdrantClient } from '@qdrant/js-client-rest';
import { checkBatches } from './checker/check-batches.ts';
import type { Violation } from './checker/violation.ts';
import type { RestConnection } from './workload/connections.ts';
import { collection, generationsOf } from './workload/points.ts';
import type { Workload } from './workload/workload.ts';

export interface FinalReadsOptions {
  readonly workload: Workload;
  readonly connection: RestConnection;
  readonly now: () => number;
  readonly shardOf: (id: number) => string;
  readonly onViolations: (violations: readonly Violation[]) => void;
}

export interface FinalState {
  readonly slots: number;
  readonly registers: number;
  readonly inserts: number;
}

const idsPerRead = 1000;
const missingTold = 10;

export async function finalReads({ workload, connection, now, shardOf, onViolations }: FinalReadsOptions): Promise<FinalState> {
  const { board, registers, probes } = workload;
  const slots = board.all;
  const readAll = async (ids: readonly number[]): Promise<ReadonlyMap<number, number>> => {
    const parts = Array.from({ length: Math.ceil(ids.length / idsPerRead) }, (_, part) =>
      ids.slice(part * idsPerRead, (part + 1) * idsPerRead),
    );
    const found = new Map<number, number>();
    for (const part of parts) for (const [id, generation] of await retrieve(connection.client, part)) found.set(id, generation);
    return found;
  };

  const invokedMs = now();
  const ofSlots = await readAll(slots.flatMap((slot) => slot.ids));
  const answeredMs = now();
  for (const slot of slots) {
    const generations = new Map(slot.ids.flatMap((id) => present(ofSlots, id)));
    const read = { level: 'final', how: 'retrieve', invokedMs, answeredMs, generations, through: connection.through.name } as const;
    slot.reads.push(read);
    board.check(slot);
    onViolations(checkBatches(slot, read, shardOf));
  }

  for (const register of registers.all) {
    await registers.read(register, connection);
    registers.check(register);
  }

  const inserted = probes.flatMap((probe) => probe.acknowledged);
  const there = await readAll(inserted);
  const missing = inserted.filter((id) => !there.has(id));
  if (missing.length > 0) {
    const told = missing.slice(0, missingTold).map((id) => `${id} of shard ${shardOf(id)} was acknowledged and is not there`);
    onViolations([
      {
        kind: 'an acknowledged write is lost or undone',
        atMs: now(),
        ids: missing,
        story: [`${missing.length} inserted points:`, ...told],
      },
    ]);
  }
  return { slots: slots.length, registers: registers.all.length, inserts: inserted.length };
}

async function retrieve(client: QdrantClient, ids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  return generationsOf(await client.retrieve(collection, { ids: [...ids], with_payload: true, consistency: 'majority' }));
}

function present(found: ReadonlyMap<number, number>, id: number): readonly (readonly [number, number])[] {
  const generation = found.get(id);
  return generation === undefined ? [] : [[id, generation]];
}
