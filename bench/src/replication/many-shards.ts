/** What a thousand shards of three copies cost while nobody asks for anything, and how long until all are served again. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalNode } from '@vectorcluster/e2e/faults/injector/processes.ts';
import { cpuMicroseconds } from '../cpu-time.ts';
import { printTable } from '../table.ts';
import type { Finding } from '../finding.ts';
import { linkFiguresOf } from './link-figures.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

const copies = 3;
const shardsEach = 100;
const dimension = 8;
const quietMs = 15_000;
const watchedMs = 20_000;
const settledWithinMs = 300_000;

interface Idle {
  /** Share of one core that the busiest node uses. */
  readonly cpuPercent: number;
  readonly residentMiB: number;
  readonly messagesPerSecond: number;
  readonly heartbeatsPerSecond: number;
  readonly bytesPerSecond: number;
}

export async function measureManyShards(cluster: ReplicatedCluster, collections: number): Promise<readonly Finding[]> {
  const rows: string[][] = [];
  await cluster.create({ name: 'many-0', copies, shards: 3, dimension });
  const few = await idle(cluster);
  rows.push(rowOf('3 shards', few));
  const begunAt = performance.now();
  for (let index = 1; index <= collections; index++) {
    const name = `many-${index}`;
    const start = performance.now();
    await cluster.create({ name, copies, shards: shardsEach, dimension });
    process.stdout.write(`${name}: ${shardsEach} shards after ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  }
  const createdMs = performance.now() - begunAt;
  const many = await idle(cluster);
  const shards = collections * shardsEach;
  rows.push(rowOf(`${shards} shards`, many));
  printTable(['idle, a node', 'CPU %', 'RSS MiB', 'messages/s', 'heartbeats/s', 'bytes/s'], rows);
  const backMs = await restart(cluster, shards + 3);
  const beats = `${few.heartbeatsPerSecond.toFixed(1)} → ${many.heartbeatsPerSecond.toFixed(1)} /s`;
  const areFew = many.heartbeatsPerSecond < few.heartbeatsPerSecond * 1.5;
  return [
    {
      what: `${shards} shards, idle CPU of a node`,
      goal: '≤ 5 %',
      seen: `${many.cpuPercent.toFixed(1)} %`,
      runs: 1,
      met: many.cpuPercent <= 5,
    },
    { what: `heartbeats, 3 → ${shards} shards`, goal: 'as many', seen: beats, runs: 1, met: areFew },
    { what: `${shards} shards created`, goal: '', seen: `${(createdMs / 1000).toFixed(0)} s`, runs: 1, met: undefined },
    { what: 'a node killed, all copies in sync again', goal: '', seen: `${(backMs / 1000).toFixed(1)} s`, runs: 1, met: undefined },
  ];
}

async function idle(cluster: ReplicatedCluster): Promise<Idle> {
  await sleep(quietMs);
  const before = await Promise.all(cluster.hosts.map(linkFiguresOf));
  const pids = [...(await cluster.pids()).values()];
  const cpuBefore = await Promise.all(pids.map((pid) => cpuMicroseconds([pid])));
  const start = performance.now();
  await sleep(watchedMs);
  const seconds = (performance.now() - start) / 1000;
  const cpu = await Promise.all(pids.map(async (pid, index) => (await cpuMicroseconds([pid])) - (cpuBefore[index] ?? 0)));
  const after = await Promise.all(cluster.hosts.map(linkFiguresOf));
  const perSecond = (part: 'bytesSent' | 'messagesSent' | 'heartbeatsEchoed'): number =>
    after.reduce((sum, figures, index) => sum + figures[part] - (before[index]?.[part] ?? 0), 0) / seconds / after.length;
  return {
    cpuPercent: Math.max(...cpu) / seconds / 10_000,
    residentMiB: Math.max(...(await Promise.all(pids.map(residentMiB)))),
    messagesPerSecond: perSecond('messagesSent'),
    heartbeatsPerSecond: perSecond('heartbeatsEchoed'),
    bytesPerSecond: perSecond('bytesSent'),
  };
}

/** Milliseconds from a node's death until every copy is in sync again; it leaves the sets before it comes back. */
async function restart(cluster: ReplicatedCluster, shards: number): Promise<number> {
  const [node = ''] = [...(await cluster.pids()).keys()];
  const start = performance.now();
  await signalNode(cluster.local, node, 'SIGKILL');
  await sleep(2_000);
  await cluster.local.untilNodeReady(node);
  process.stdout.write(`${node} is ready again after ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  await cluster.settled(() => cluster.view.shards(), { shards, copies }, settledWithinMs);
  return performance.now() - start;
}

async function residentMiB(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
}

function rowOf(
  what: string,
  { cpuPercent, residentMiB: resident, messagesPerSecond, heartbeatsPerSecond, bytesPerSecond }: Idle,
): string[] {
  const figures = [cpuPercent.toFixed(1), resident.toFixed(0), messagesPerSecond.toFixed(1), heartbeatsPerSecond.toFixed(1)];
  return [what, ...figures, bytesPerSecond.toFixed(0)];
}
