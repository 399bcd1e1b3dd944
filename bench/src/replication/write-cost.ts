/**
 * What two more copies cost a write. The same calls go to a collection with one copy and to one with three, in turn, slice by slice, so
 * that whoever else uses the machine weighs on both; ratios are those of neighbouring slices. CPU ends with the last vector in a graph,
 * and is less what the nodes use when nothing is asked of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { UpsertPointsSchema } from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import { median, quantile } from '../quantile.ts';
import { grpcClient, inTurn } from '../raw-clients.ts';
import { printTable } from '../table.ts';
import type { Finding } from '../finding.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

const dimension = 384;
const shards = 3;
const idleSliceMs = 2_000;
/** Followers may index a little later than the primary that is asked. */
const lingerMs = 150;
const copiesOf = { once: 1, thrice: 3 } as const;
type Which = keyof typeof copiesOf;

interface Shape {
  readonly batch: number;
  readonly writers: number;
  readonly wait: boolean;
  /** In one slice. */
  readonly calls: number;
}

interface Slice {
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function measureWriteCost(cluster: ReplicatedCluster, rounds: number): Promise<readonly Finding[]> {
  for (const [name, copies] of Object.entries(copiesOf)) await cluster.create({ name, copies, shards, dimension });
  const writers = new Writers(cluster);
  const shapes = [1, 100].flatMap((batch) =>
    [1, 16].flatMap((count) =>
      [true, false].map((wait): Shape => ({ batch, writers: count, wait, calls: batch === 1 ? (count === 1 ? 150 : 600) : 24 })),
    ),
  );
  for (const shape of shapes.filter(({ writers: count }) => count > 1)) await writers.pair(shape, 0); // code is compiled, graphs exist
  const idle = await idlePerMs(cluster);
  const rows: string[][] = [];
  const findings: Finding[] = [];
  for (const shape of shapes) {
    const pairs: Readonly<Record<Which, Slice>>[] = [];
    for (let round = 0; round < rounds; round++) pairs.push(await writers.pair(shape, idle));
    const of = (which: Which, part: keyof Slice): number => median(pairs.map((pair) => pair[which][part]));
    const ratio = (part: keyof Slice): number => median(pairs.map(({ once, thrice }) => thrice[part] / once[part]));
    const spread = pairs.map(({ once, thrice }) => thrice.cpuMicroseconds / once.cpuMicroseconds);
    const name = `${shape.batch} a write, ${shape.writers} writers, wait=${shape.wait}`;
    rows.push([
      name,
      ...(['once', 'thrice'] as const).flatMap((which) => [
        of(which, 'cpuMicroseconds').toFixed(0),
        of(which, 'p50Ms').toFixed(1),
        of(which, 'p99Ms').toFixed(1),
      ]),
      `${ratio('cpuMicroseconds').toFixed(2)}× (${Math.min(...spread).toFixed(2)}–${Math.max(...spread).toFixed(2)})`,
      `${ratio('p50Ms').toFixed(2)}×`,
      `${ratio('p99Ms').toFixed(2)}×`,
    ]);
    findings.push(finding(`CPU of ${name}`, 3.5, ratio('cpuMicroseconds'), rounds), finding(`p50 of ${name}`, 2, ratio('p50Ms'), rounds));
  }
  printTable(['factor 1, then 3', 'CPU-µs', 'p50 ms', 'p99', 'CPU-µs', 'p50 ms', 'p99', 'CPU', 'p50', 'p99'], rows);
  process.stdout.write(`idle, taken off: ${((idle * 100) / 1000 / 3).toFixed(1)} % of a core for each node\n`);
  return findings;
}

function finding(what: string, most: number, seen: number, runs: number): Finding {
  return { what, goal: `≤ ${most}×`, seen: `${seen.toFixed(2)}×`, runs, met: seen <= most };
}

class Writers {
  readonly #cluster: ReplicatedCluster;
  readonly #send;
  #nextId = 1;
  #turn = 0;

  constructor(cluster: ReplicatedCluster) {
    this.#cluster = cluster;
    this.#send = inTurn(cluster.hosts.map((host) => grpcClient(`${host}:6334`, '/qdrant.Points/Upsert')));
  }

  /** One slice of each, and each is the first every other time. */
  async pair(shape: Shape, idle: number): Promise<Readonly<Record<Which, Slice>>> {
    const order: readonly Which[] = this.#turn++ % 2 === 0 ? ['once', 'thrice'] : ['thrice', 'once'];
    const firstId = this.#nextId;
    this.#nextId += shape.batch * shape.calls;
    const slices = new Map<Which, Slice>();
    for (const which of order) slices.set(which, await this.#slice(which, shape, { firstId, idle }));
    const [once, thrice] = [slices.get('once'), slices.get('thrice')];
    if (once === undefined || thrice === undefined) throw new Error('a slice is missing');
    return { once, thrice };
  }

  async #slice(which: Which, shape: Shape, { firstId, idle }: { firstId: number; idle: number }): Promise<Slice> {
    const { calls, batch, writers, wait } = shape;
    const bodies = Array.from({ length: calls }, (_, index) => upsertBytes(which, firstId + index * batch, shape));
    const begunAt = performance.now();
    const before = await this.#cluster.cpuMicroseconds();
    const times: number[] = [];
    let next = 0;
    const writer = async (): Promise<void> => {
      for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
        const start = performance.now();
        await this.#send(body);
        times.push(performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: writers }, writer));
    if (!wait) await this.#cluster.admin.count(which, { exact: true });
    await this.#cluster.untilIndexed(which, firstId - 1 + calls * batch);
    await sleep(lingerMs);
    const used = (await this.#cluster.cpuMicroseconds()) - before - idle * (performance.now() - begunAt);
    return { cpuMicroseconds: used / calls, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
  }
}

/** CPU-µs of all nodes for each millisecond in which nothing is asked of them. */
async function idlePerMs(cluster: ReplicatedCluster): Promise<number> {
  await sleep(1000);
  const before = await cluster.cpuMicroseconds();
  const start = performance.now();
  await sleep(idleSliceMs);
  return ((await cluster.cpuMicroseconds()) - before) / (performance.now() - start);
}

function upsertBytes(collectionName: string, firstId: number, { batch, wait }: Shape): Buffer {
  const points = Array.from({ length: batch }, (_, index) => ({
    id: { pointIdOptions: { case: 'num' as const, value: BigInt(firstId + index) } },
    payload: { n: { kind: { case: 'integerValue' as const, value: BigInt(firstId + index) } } },
    vectors: {
      vectorsOptions: { case: 'vector' as const, value: { vector: { case: 'dense' as const, value: { data: randomVector() } } } },
    },
  }));
  return Buffer.from(toBinary(UpsertPointsSchema, create(UpsertPointsSchema, { collectionName, wait, points })));
}

function randomVector(): number[] {
  return Array.from({ length: dimension }, () => Math.random() * 2 - 1);
}
