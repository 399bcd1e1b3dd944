/** Kills a storage node with SIGKILL while writes go on, waits until it is back, and looks for every acknowledged write. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QdrantClient } from '@qdrant/js-client-rest';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { z } from 'zod';
import { namespace } from './cluster.ts';
import { dimension } from './data.ts';
import { collection } from './load.ts';
import { line } from './terminal.ts';

export interface KillReport {
  readonly acknowledged: number;
  readonly failed: number;
  readonly missing: readonly number[];
  /** Longest time between two acknowledged writes. */
  readonly pauseMs: number;
}

const firstId = 1_000_000;
const writesBeforeMs = 1_500;
const writesAfterMs = 1_500;
const backWithinMs = 60_000;

export async function killANode(options: { kube: KubeClient; rest: QdrantClient; stateFolder: string }): Promise<KillReport> {
  const { kube, rest, stateFolder } = options;
  const { items } = await kube.list(vectorShards, { namespace });
  const node = items[0]?.spec.assignments[0]?.node ?? '';
  const led = items.filter((shard) => shard.spec.assignments[0]?.node === node);
  const epochsBefore = new Map(led.map((shard) => [shard.metadata.name, shard.status?.epoch ?? 0]));

  const stop = new AbortController();
  const acknowledged: number[] = [];
  const acknowledgedAtMs: number[] = [];
  let failed = 0;
  const write = async (): Promise<void> => {
    for (let id = firstId; !stop.signal.aborted; id++) {
      const vector = Array.from({ length: dimension }, (_, index) => Math.sin(id + index));
      try {
        await rest.upsert(collection, { wait: true, points: [{ id, vector, payload: { word: `write ${id}` } }] });
        acknowledged.push(id);
        acknowledgedAtMs.push(performance.now());
      } catch {
        failed++; // not acknowledged: may or may not be there, and nothing was promised
      }
    }
  };
  const writing = write();
  await sleep(writesBeforeMs);

  line(`kill -9 ${node}, which leads ${led.length} of ${items.length} shards, after ${acknowledged.length} acknowledged writes`);
  process.kill(await pidOf(stateFolder, `${namespace}/${node}`), 'SIGKILL');

  try {
    await untilRaised(kube, epochsBefore);
    await sleep(writesAfterMs);
  } finally {
    stop.abort();
    await writing;
  }

  const missing: number[] = [];
  for (let from = 0; from < acknowledged.length; from += 1000) {
    const ids = acknowledged.slice(from, from + 1000);
    const there = new Set((await rest.retrieve(collection, { ids, with_payload: false })).map((point) => Number(point.id)));
    missing.push(...ids.filter((id) => !there.has(id)));
  }
  const pauses = acknowledgedAtMs.map((at, index) => at - (acknowledgedAtMs[index - 1] ?? at));
  const pauseMs = Math.max(0, ...pauses);
  return { acknowledged: acknowledged.length, failed, missing, pauseMs };
}

/** The operator gives each shard of the node a new epoch once the node is back. */
async function untilRaised(kube: KubeClient, epochsBefore: ReadonlyMap<string, number>): Promise<void> {
  const giveUpMs = performance.now() + backWithinMs;
  for (;;) {
    const { items } = await kube.list(vectorShards, { namespace });
    const waiting = items.filter((shard) => (shard.status?.epoch ?? 0) <= (epochsBefore.get(shard.metadata.name) ?? -1));
    if (waiting.length === 0) return;
    if (performance.now() > giveUpMs) {
      const names = waiting.map((shard) => shard.metadata.name).join(', ');
      throw new Error(
        `${names} still have no new epoch ${backWithinMs / 1000} s after their node was killed: either it does not come back or the operator does not act`,
      );
    }
    await sleep(50);
  }
}

const processRecord = z.looseObject({ pid: z.int(), pod: z.string() });

/** Pid of a Pod's process, from the local cluster's records. */
async function pidOf(stateFolder: string, pod: string): Promise<number> {
  const folder = `${stateFolder}/processes`;
  for (const file of await readdir(folder)) {
    const record = processRecord.parse(JSON.parse(await readFile(`${folder}/${file}`, 'utf8')));
    if (record.pod === pod) return record.pid;
  }
  throw new Error(`no process of Pod ${pod} is recorded in ${folder}`);
}
