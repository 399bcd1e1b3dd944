/** A client that reads slots of others, in every way that shows points, at the default level and linearizable. */
import type { QdrantClient } from '@qdrant/js-client-rest';
import { anyOf, type RestConnection } from './connections.ts';
import { collection, dimension, generationsOf } from './points.ts';
import type { SlotBoard } from './slot-board.ts';
import type { SlotRecord } from './slot-record.ts';
import { call, type RequestCounter } from './stock-client.ts';

export interface SlotReaderOptions {
  readonly board: SlotBoard;
  readonly counter: RequestCounter;
  readonly random: () => number;
  readonly connection: () => RestConnection;
}

type Way = 'retrieve' | 'scroll' | 'search' | 'count';
const ways: readonly Way[] = ['retrieve', 'retrieve', 'scroll', 'search', 'count'];
const linearizableShare = 0.4;

export class SlotReader {
  readonly #options: SlotReaderOptions;

  constructor(options: SlotReaderOptions) {
    this.#options = options;
  }

  async step(): Promise<void> {
    const { board, counter, random, connection } = this.#options;
    const slot = board.any(random);
    if (!slot) return;
    const { through, client } = connection();
    const how = anyOf(ways, random);
    const level = random() < linearizableShare ? 'linearizable' : 'default';
    const result = await call({ operation: `${how} ${level}`, through, counter }, () => read(client, slot, how, level));
    if (result.kind !== 'answered' || result.value === undefined) return;
    const { invokedMs, answeredMs, value: generations } = result;
    slot.reads.push({ level, how, invokedMs, answeredMs, generations, through: through.name });
  }
}

/** Undefined where only a number is answered. */
export async function read(
  client: QdrantClient,
  slot: SlotRecord,
  how: Way,
  level: 'default' | 'linearizable',
): Promise<ReadonlyMap<number, number> | undefined> {
  const consistency = level === 'linearizable' ? ({ consistency: 'majority' } as const) : {};
  const filter = { must: [{ key: 'slot', match: { value: slot.number } }] };
  const limit = slot.ids.length + 1;
  switch (how) {
    case 'retrieve':
      return generationsOf(await client.retrieve(collection, { ids: [...slot.ids], with_payload: true, ...consistency }));
    case 'scroll':
      return generationsOf((await client.scroll(collection, { filter, limit, with_payload: true, ...consistency })).points);
    case 'search': {
      const query = Array.from({ length: dimension }, (_, axis) => Math.cos(axis));
      return generationsOf((await client.query(collection, { query, filter, limit, with_payload: true, ...consistency })).points);
    }
    case 'count': {
      const { count } = await client.count(collection, { filter, exact: true });
      if (count > slot.ids.length) throw new Error(`slot ${slot.number} of ${slot.ids.length} points counts ${count}`);
      return undefined;
    }
  }
}
