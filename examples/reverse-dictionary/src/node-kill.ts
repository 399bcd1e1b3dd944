/** Kills a node that leads shards while clients write and read, waits until every copy is back, and looks for every acknowledged write. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { QdrantClient } from '@qdrant/js-client-rest';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { z } from 'zod';
import { namespace } from './cluster.ts';
import { collection, copies } from './load.ts';
import { longestPauseMs, SteadyClients } from './steady-clients.ts';
import { good, line } from './terminal.ts';

export interface KillReport {
  readonly acknowledged: number;
  readonly reads: number;
  /** Requests that failed and were tried again; and those that failed for good. */
  readonly failedOnce: number;
  readonly failed: number;
  readonly missing: readonly number[];
  /** Longest time between two acknowledged writes, and between two answered searches. */
  readonly writePauseMs: number;
  readonly readPauseMs: number;
}

const beforeMs = 1500;
const afterMs = 1500;
const backWithinMs = 60_000;

export async function killANode(options: { kube: KubeClient; rest: QdrantClient; stateFolder: string }): Promise<KillReport> {
  const { kube, rest, stateFolder } = options;
  const before = (await kube.list(vectorShards, { namespace })).items;
  const node = primaryOf(before[0]);
  const led = before.filter((shard) => primaryOf(shard) === node);

  const stop = new AbortController();
  const clients = new SteadyClients(rest);
  const running = clients.run(stop.signal);
  try {
    await sleep(beforeMs);
    line(`kill -9 ${node}, primary of ${led.length} of ${before.length} shards, after ${clients.acknowledged.length} acknowledged writes`);
    const killedMs = performance.now();
    process.kill(await pidOf(stateFolder, `${namespace}/${node}`), 'SIGKILL');
    const epochsBefore = new Map(led.map((shard) => [shard.metadata.name, shard.status?.epoch ?? 0]));
    await until(kube, 'have no new epoch', (shard) => (shard.status?.epoch ?? 0) > (epochsBefore.get(shard.metadata.name) ?? -1));
    const seconds = (): string => ((performance.now() - killedMs) / 1000).toFixed(1);
    good(`every shard has a primary again ${seconds()} s after the kill`);
    await until(kube, 'do not have all their copies in sync', (shard) => shard.status?.inSync?.length === copies);
    good(`${node} runs again and all ${copies} copies of every shard are in sync ${seconds()} s after the kill`);
    await sleep(afterMs);
  } finally {
    stop.abort();
    await running;
  }

  const { acknowledged, readAtMs, writtenAtMs, failed, failedOnce } = clients;
  return {
    acknowledged: acknowledged.length,
    reads: readAtMs.length,
    failedOnce,
    failed,
    missing: await missingOf(rest, acknowledged),
    writePauseMs: longestPauseMs(writtenAtMs),
    readPauseMs: longestPauseMs(readAtMs),
  };
}

async function missingOf(rest: QdrantClient, acknowledged: readonly number[]): Promise<readonly number[]> {
  const missing: number[] = [];
  for (let from = 0; from < acknowledged.length; from += 1000) {
    const ids = acknowledged.slice(from, from + 1000);
    const there = new Set((await rest.retrieve(collection, { ids, with_payload: false })).map((point) => Number(point.id)));
    missing.push(...ids.filter((id) => !there.has(id)));
  }
  return missing;
}

async function until(kube: KubeClient, otherwise: string, reached: (shard: VectorShard) => boolean): Promise<void> {
  const giveUpMs = performance.now() + backWithinMs;
  for (;;) {
    const waiting = (await kube.list(vectorShards, { namespace })).items.filter((shard) => !reached(shard));
    if (waiting.length === 0) return;
    if (performance.now() > giveUpMs) {
      const told = waiting.map(({ metadata, status }) => {
        const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
        return `${metadata.name} (${ready?.message ?? 'the operator has said nothing'})`;
      });
      throw new Error(`${told.join(', ')} ${otherwise} ${backWithinMs / 1000} s after their node was killed`);
    }
    await sleep(20);
  }
}

function primaryOf(shard: VectorShard | undefined): string {
  return shard?.status?.members?.find((member) => member.replicaId === shard.status?.primary)?.node ?? '';
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
