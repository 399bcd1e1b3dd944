/** Clients as an application has them: each its own connection, and no retries. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Phases } from './phases.ts';
import type { StockClient } from './stock-client.ts';

export interface LoadedCollection {
  readonly pauseMs: number;
  readonly phases: Phases;
  /** Ids, in order of their answers. */
  readonly acknowledged: number[];
  readonly signal: AbortSignal;
}

/** New points only: `first`, `first + step`, and so on. */
export async function write(client: StockClient, loaded: LoadedCollection, first: number, step: number): Promise<void> {
  const { phases, acknowledged, signal } = loaded;
  for (let id = first; !signal.aborted; id += step) {
    const isAnswered = await phases.request('writes', `write ${id} over ${client.wire}`, () => client.write(id));
    if (isAnswered) acknowledged.push(id);
    await delay(loaded.pauseMs);
  }
}

/** Any point that was acknowledged must be there, by its id and by its vector. */
export async function read(client: StockClient, loaded: LoadedCollection, seed: number): Promise<void> {
  const { phases, acknowledged, signal } = loaded;
  for (let turn = seed; !signal.aborted; turn += 1) {
    const id = acknowledged[(turn * spread) % Math.max(acknowledged.length, 1)];
    const send = turn % 2 === 0 ? 'retrieve' : 'search';
    if (id !== undefined) await phases.request('reads', `${send} ${id} over ${client.wire}`, () => client[send](id));
    await delay(loaded.pauseMs);
  }
}

/** A prime: turns jump about. */
const spread = 7_919;
