/** A replica of made-up points, and searches in it at a steady rate. */
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { createSegment, openSegment } from '@vectorcluster/engine/vectors/native-segment.ts';
import type { CollectionConfig } from '../src/model/collection.ts';
import { PointCache } from '../src/shard/point-cache.ts';
import { ReplicaState } from '../src/shard/replica-state.ts';
import { SegmentFolder } from '../src/shard/segment-files.ts';

export const searchesPerSecond = 100;

let searched = 0;

/** How often so far. */
export function searches(): number {
  return searched;
}

/** Searches at fixed times whatever became of the ones before, until `work` is done; milliseconds from when each was due. */
export async function searching(state: ReplicaState, size: number, work: () => Promise<unknown>): Promise<readonly number[]> {
  const latencies: number[] = [];
  const ended = new AbortController();
  const working = work().finally(() => ended.abort());
  const began = performance.now();
  const under: Promise<void>[] = [];
  for (let count = 0; !ended.signal.aborted; count += 1) {
    const due = began + (count * 1000) / searchesPerSecond;
    const early = due - performance.now();
    if (early > 0) await delay(early);
    under.push(search(state, size).then(() => void latencies.push(performance.now() - due)));
  }
  await Promise.all([working, ...under]);
  return latencies;
}

async function search(state: ReplicaState, size: number): Promise<void> {
  searched += 1;
  await using view = await state.view();
  const hits = await view.searchOf('')({ vector: randomVector(size), k: 10, expansion: 64, exact: false }, view.live);
  await view.points(hits.map(({ row }) => row));
}

export async function stateIn(documents: Documents, replicaId: string, segments: string, size: number): Promise<ReplicaState> {
  const config: CollectionConfig = { vectors: new Map([['', { size, distance: 'Cosine', m: 16, efConstruct: 64 }]]) };
  const folder = new SegmentFolder(segments, openSegment, pino({ level: 'warn' }));
  return await ReplicaState.load({
    replicaId,
    config,
    documents,
    cache: new PointCache(64 * 1024 * 1024).open(),
    createSegment,
    segmentFiles: (number) => folder.of(number),
    onIndexFailure: (error) => {
      throw error;
    },
  });
}

export async function fill(state: ReplicaState, points: number, size: number): Promise<void> {
  const batch = 500;
  for (let first = 0; first < points; first += batch) {
    const upserted = Array.from({ length: Math.min(batch, points - first) }, (_, index) => ({
      id: BigInt(first + index),
      row: first + index,
      payload: Buffer.from(JSON.stringify({ number: first + index, text: `the text of point ${first + index}, `.repeat(4) })),
      vectors: new Map([['', randomVector(size)]]),
    }));
    const sequence = state.appliedSequence + 1n;
    await state.apply([{ sequence, requestId: `request ${sequence}`, operation: { kind: 'upsert', points: upserted } }], 1n);
  }
}

export async function untilAllIndexed(state: ReplicaState): Promise<void> {
  const left = (): number => [...state.vectors.values()].reduce((sum, vectors) => sum + vectors.count - vectors.indexedCount, 0);
  while (left() > 0) await delay(20);
}

function randomVector(size: number): Float32Array {
  const vector = Float32Array.from({ length: size }, () => Math.random() - 0.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
