/** Primaries moved again and again, as the operator is asked to, while clients write and read: the longest write of each move. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { collection } from '@vectorcluster/e2e/faults/workload/points.ts';
import { namespace } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import { swapStatus } from '@vectorcluster/kube/compare-and-swap.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { distribution } from '../distribution.ts';
import { quantile } from '../quantile.ts';
import type { Finding } from '../finding.ts';
import { Probes } from './probes.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

const shards = 2;
const everyMs = 100;
const betweenMs = 250;
const movedWithinMs = 10_000;

interface Move {
  readonly shard: string;
  readonly askedMs: number;
  readonly doneMs: number;
}

export async function measureHandOver(cluster: ReplicatedCluster, moves: number): Promise<readonly Finding[]> {
  await using probes = await Probes.start(cluster, { shards, everyMs });
  await sleep(5_000);
  const done: Move[] = [];
  let begun = 0;
  let withdrawn = 0;
  const moving = async (shard: string): Promise<void> => {
    while (begun < moves) {
      begun += 1;
      const move = await moveOnce(cluster, shard);
      if (move === undefined) withdrawn += 1;
      else done.push(move);
      await sleep(betweenMs);
    }
  };
  await Promise.all(probes.shards.map(moving));
  await sleep(2_000);
  const writesOf = new Map(probes.answers.map(({ shard, writes }) => [shard, writes]));
  const pauses = done.map(({ shard, askedMs, doneMs }) => {
    const during = (writesOf.get(shard) ?? []).filter(({ invokedMs, answeredMs }) => invokedMs <= doneMs && answeredMs >= askedMs);
    return Math.max(0, ...during.map(({ invokedMs, answeredMs }) => answeredMs - invokedMs));
  });
  const quiet = probes.answers.flatMap(({ shard, writes }) =>
    writes
      .filter(
        ({ invokedMs, answeredMs }) =>
          !done.some((move) => move.shard === shard && invokedMs <= move.doneMs + everyMs && answeredMs >= move.askedMs),
      )
      .map(({ invokedMs, answeredMs }) => answeredMs - invokedMs),
  );
  const failed = probes.log.failedRequests;
  process.stdout.write(`longest write of a hand-over: ${distribution(pauses)}\n`);
  process.stdout.write(`writes between hand-overs:    ${distribution(quiet)}\n`);
  process.stdout.write(`asked until named:            ${distribution(done.map(({ askedMs, doneMs }) => doneMs - askedMs))}\n`);
  process.stdout.write(`${probes.log.requests} requests; taken back or overtaken: ${withdrawn}\n`);
  for (const { operation, reason, atMs } of failed.slice(0, 10)) process.stdout.write(`  ${atMs.toFixed(0)} ${operation}: ${reason}\n`);
  const p99 = quantile(pauses, 0.99);
  return [
    { what: 'hand-over, pause p99', goal: '≤ 250 ms', seen: `${p99.toFixed(0)} ms`, runs: done.length, met: p99 <= 250 },
    { what: 'hand-over, failed requests', goal: '0', seen: String(failed.length), runs: done.length, met: failed.length === 0 },
  ];
}

/** Undefined when the primary did not change. */
async function moveOnce(cluster: ReplicatedCluster, name: string): Promise<Move | undefined> {
  const askedMs = performance.now();
  const stored = await swapStatus({
    client: cluster.local.kube,
    type: vectorShards,
    name: { namespace, name },
    change: (fresh: VectorShard) => {
      const { status } = fresh;
      const others = (status?.inSync ?? []).filter((replica) => replica !== status?.primary);
      const target = others[Math.floor(Math.random() * others.length)];
      if (status?.epoch === undefined || target === undefined || status.handOff !== undefined) return undefined;
      return { ...fresh, status: { ...status, handOff: { target, epoch: status.epoch } } };
    },
  });
  const shardNow = (): VectorShard | undefined => cluster.shardsOf(collection).find(({ metadata }) => metadata.name === name);
  const epoch = stored?.status?.handOff?.epoch ?? Number.POSITIVE_INFINITY;
  while (performance.now() - askedMs < movedWithinMs) {
    if ((shardNow()?.status?.epoch ?? 0) > epoch) return { shard: name, askedMs, doneMs: performance.now() };
    await sleep(2);
  }
  return undefined;
}
