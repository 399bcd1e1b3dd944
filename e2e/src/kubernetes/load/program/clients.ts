/** Clients as an application has them: each its own connection, no retries, and an answer that is not the right one is a failure. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { nameOf, pointsFrom, vectorOf } from '../../points.ts';
import type { Phases } from './phases.ts';

export interface LoadedCollection {
  readonly collection: string;
  readonly pauseMs: number;
  readonly phases: Phases;
  /** Ids, in order of their answers. */
  readonly acknowledged: number[];
  readonly signal: AbortSignal;
}

/** New points only: `first`, `first + step`, and so on. */
export async function write(client: QdrantClient, loaded: LoadedCollection, first: number, step: number): Promise<void> {
  const { collection, phases, acknowledged, signal } = loaded;
  for (let id = first; !signal.aborted; id += step) {
    const isAnswered = await phases.request('writes', `write ${id}`, async () => {
      await client.upsert(collection, { wait: true, points: pointsFrom(id, 1) });
    });
    if (isAnswered) acknowledged.push(id);
    await delay(loaded.pauseMs);
  }
}

/** Any point that was acknowledged must be there, by its id and by its vector. */
export async function read(client: QdrantClient, loaded: LoadedCollection, seed: number): Promise<void> {
  const { collection, phases, acknowledged, signal } = loaded;
  for (let turn = seed; !signal.aborted; turn += 1) {
    const id = acknowledged[(turn * spread) % Math.max(acknowledged.length, 1)];
    if (id !== undefined) await phases.request('reads', `read ${id}`, () => (turn % 2 === 0 ? retrieve : search)(client, collection, id));
    await delay(loaded.pauseMs);
  }
}

/** A prime: turns jump about. */
const spread = 7_919;

async function retrieve(client: QdrantClient, collection: string, id: number): Promise<void> {
  const [point] = await client.retrieve(collection, { ids: [id], with_payload: true });
  assert.deepEqual({ id: point?.id, name: point?.payload?.['name'] }, { id, name: nameOf(id) });
}

async function search(client: QdrantClient, collection: string, id: number): Promise<void> {
  const [nearest] = (await client.query(collection, { query: vectorOf(id), params: { exact: true }, limit: 1 })).points;
  assert.equal(nearest?.id, id);
}
