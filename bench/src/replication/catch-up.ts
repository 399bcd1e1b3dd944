/** A node is stopped while clients write, and comes back: what its links bring it, beside what it has missed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signalNode } from '@vectorcluster/e2e/faults/injector/processes.ts';
import { median } from '../quantile.ts';
import { printTable } from '../table.ts';
import type { Finding } from '../finding.ts';
import { linkFiguresOf } from './link-figures.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

const name = 'missed';
const dimension = 384;
const copies = 3;
const shards = 1;
const pointsPerWrite = 4;
const writers = 6;
/** Longer than a kubelet looks away: absences that follow each other faster are one to it, and it starts the node anew. */
const betweenMs = 7_000;
const absencesMs = [5_000, 15_000, 5_000, 15_000, 5_000, 15_000];
const vectorBytes = dimension * Float32Array.BYTES_PER_ELEMENT;
/** Bytes received for each further byte of vectors that is missed: around a vector are ids, a row number, lengths. */
const slopeMost = 1.5;

interface Absence {
  readonly goneMs: number;
  readonly missedBytes: number;
  readonly receivedBytes: number;
  readonly settledMs: number;
}

export async function measureCatchUp(cluster: ReplicatedCluster): Promise<readonly Finding[]> {
  await cluster.create({ name, copies, shards, dimension });
  const absent = new Absences(cluster);
  await absent.write(100);
  const seen: Absence[] = [];
  for (const absentMs of absencesMs) seen.push(await absent.one(absentMs));
  printTable(
    ['stopped for', 'missed KiB', 'received KiB', 'received/missed', 'in sync after ms'],
    seen.map(({ goneMs, missedBytes, receivedBytes, settledMs }) => [
      `${(goneMs / 1000).toFixed(1)} s`,
      (missedBytes / 1024).toFixed(0),
      (receivedBytes / 1024).toFixed(0),
      (receivedBytes / missedBytes).toFixed(2),
      settledMs.toFixed(0),
    ]),
  );
  const slopes = seen.flatMap((longer, index) => {
    const shorter = seen[index - 1];
    if (index % 2 === 0 || shorter === undefined) return [];
    return [(longer.receivedBytes - shorter.receivedBytes) / (longer.missedBytes - shorter.missedBytes)];
  });
  const slope = median(slopes);
  const goal = `≤ ${slopeMost}`;
  return [
    { what: 'bytes received for each further byte missed', goal, seen: slope.toFixed(2), runs: slopes.length, met: slope <= slopeMost },
  ];
}

class Absences {
  readonly #cluster: ReplicatedCluster;
  readonly #node: string;
  readonly #host: string;
  readonly #others: readonly string[];
  #nextId = 1;

  constructor(cluster: ReplicatedCluster) {
    const [first, ...others] = cluster.view.nodes();
    this.#cluster = cluster;
    [this.#node, this.#host] = first ?? ['', ''];
    this.#others = others.map(([, host]) => host);
  }

  async one(absentMs: number): Promise<Absence> {
    await this.#settled();
    await sleep(betweenMs);
    const pid = (await this.#cluster.pids()).get(this.#node);
    const before = await linkFiguresOf(this.#host);
    const firstId = this.#nextId;
    await signalNode(this.#cluster.local, this.#node, 'SIGSTOP');
    const stoppedAt = performance.now();
    const goneMs = (): number => performance.now() - stoppedAt;
    await Promise.all(
      Array.from({ length: writers }, async () => {
        while (goneMs() < absentMs) await this.write(1);
      }),
    );
    await signalNode(this.#cluster.local, this.#node, 'SIGCONT');
    const backAt = performance.now();
    const wholeMs = backAt - stoppedAt;
    await this.#settled();
    const settledMs = performance.now() - backAt;
    if ((await this.#cluster.pids()).get(this.#node) !== pid) throw new Error(`${this.#node} was started anew`);
    const receivedBytes = (await linkFiguresOf(this.#host)).bytesReceived - before.bytesReceived;
    return { goneMs: wholeMs, missedBytes: (this.#nextId - firstId) * vectorBytes, receivedBytes, settledMs };
  }

  async write(times: number): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      const points = Array.from({ length: pointsPerWrite }, () => ({ id: this.#nextId++, vector: randomVector() }));
      const url = `http://${this.#others[this.#nextId % this.#others.length]}:6333/collections/${name}/points?wait=true`;
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ points }) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`a write was answered by ${answer.status}: ${text}`);
    }
  }

  async #settled(): Promise<void> {
    await this.#cluster.settled(() => this.#cluster.shardsOf(name), { shards, copies });
  }
}

function randomVector(): number[] {
  return Array.from({ length: dimension }, () => Math.random() * 2 - 1);
}
