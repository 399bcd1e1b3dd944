/** A node is stopped while clients write, and comes back: what its links bring it, beside what it has missed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signalNode } from '@vectorcluster/e2e/faults/injector/processes.ts';
import { median } from '../quantile.ts';
import { printTable } from '../table.ts';
import type { Finding } from './finding.ts';
import { linkFiguresOf } from './link-figures.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

const name = 'missed';
const dimension = 384;
const shards = 3;
const pointsPerWrite = 20;
const everyMs = 50;
const absencesMs = [4_000, 8_000, 16_000, 4_000, 8_000, 16_000];
const vectorBytes = dimension * Float32Array.BYTES_PER_ELEMENT;
/** Bytes received for one missed byte of vectors; what was on its way when the node stopped is sent twice. */
const ratioMost = 1.5;

export async function measureCatchUp(cluster: ReplicatedCluster): Promise<readonly Finding[]> {
  await cluster.create({ name, copies: 3, shards, dimension });
  const [node = '', host = ''] = [...cluster.view.nodes()][0] ?? [];
  const others = [...cluster.view.nodes().values()].filter((each) => each !== host);
  let nextId = 1;
  const write = async (turn: number): Promise<void> => {
    const points = Array.from({ length: pointsPerWrite }, () => ({ id: nextId++, vector: randomVector() }));
    const url = `http://${others[turn % others.length]}:6333/collections/${name}/points?wait=true`;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ points }) });
    if (!answer.ok) throw new Error(`a write was answered by ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  for (let turn = 0; turn < 50; turn++) await write(turn);
  const rows: string[][] = [];
  const ratios: number[] = [];
  for (const absentMs of absencesMs) {
    await cluster.settled(() => cluster.shardsOf(name), { shards, copies: 3 });
    await sleep(1_000);
    const before = await linkFiguresOf(host);
    const firstId = nextId;
    await signalNode(cluster.local, node, 'SIGSTOP');
    const stoppedAt = performance.now();
    for (let turn = 0; performance.now() - stoppedAt < absentMs; turn++) {
      await write(turn);
      await sleep(everyMs);
    }
    const goneMs = performance.now() - stoppedAt;
    await signalNode(cluster.local, node, 'SIGCONT');
    const backAt = performance.now();
    await cluster.settled(() => cluster.shardsOf(name), { shards, copies: 3 });
    const settledMs = performance.now() - backAt;
    const received = (await linkFiguresOf(host)).bytesReceived - before.bytesReceived;
    const missed = (nextId - firstId) * vectorBytes;
    ratios.push(received / missed);
    rows.push([
      `${(goneMs / 1000).toFixed(1)} s`,
      (missed / 1024).toFixed(0),
      (received / 1024).toFixed(0),
      (received / missed).toFixed(2),
      settledMs.toFixed(0),
    ]);
  }
  printTable(['stopped for', 'missed KiB', 'received KiB', 'received/missed', 'in sync after ms'], rows);
  const seen = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
  const met = Math.max(...ratios) <= ratioMost;
  return [{ what: 'bytes received for bytes missed', goal: `≤ ${ratioMost}, all`, seen, runs: ratios.length, met }];
}

function randomVector(): number[] {
  return Array.from({ length: dimension }, () => Math.random() * 2 - 1);
}
