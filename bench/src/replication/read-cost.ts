/**
 * What a read that must see everything costs over one that may be a moment behind: the same requests with either header, slice by slice in
 * turn, through all nodes. Beside them a call to a grpc-js server that only echoes, which tells how fast the machine is just then.
 */
import { EchoServers } from '../echo-servers.ts';
import { median, quantile } from '../quantile.ts';
import { inTurn, restClient, type Send } from '../raw-clients.ts';
import { printTable } from '../table.ts';
import type { Finding } from '../finding.ts';
import type { ReplicatedCluster } from './replicated-cluster.ts';

const name = 'reads';
const dimension = 384;
const shards = 3;
const points = 2_000;
const levels = ['eventual', 'recent', 'linearizable'] as const;
type Level = (typeof levels)[number];
type Asked = Level | 'echo';
const echoBytes = 100;
const callsPerSlice = 120;
/** Of each level, before the first that counts: a server's code is being compiled meanwhile. */
const warmUpCalls = 1_500;
const warmUpClients = 8;

interface Slice {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicroseconds: number;
}

const bodies = {
  'one point by id': (turn: number) => ({ path: '/points', body: { ids: [1 + (turn % points)], with_payload: false } }),
  'search of all shards': () => ({ path: '/points/query', body: { query: randomVector(), limit: 10 } }),
} as const;

export async function measureReadCost(cluster: ReplicatedCluster, rounds: number): Promise<readonly Finding[]> {
  await cluster.create({ name, copies: 3, shards, dimension });
  for (let first = 1; first <= points; first += 100) {
    const batch = Array.from({ length: 100 }, (_, index) => ({ id: first + index, vector: randomVector() }));
    await cluster.admin.upsert(name, { wait: true, points: batch });
  }
  await cluster.untilIndexed(name, points);
  await using echo = await EchoServers.start(echoBytes);
  using echoClient = echo.client('grpc');
  const rows: string[][] = [];
  const findings: Finding[] = [];
  for (const [what, make] of Object.entries(bodies)) {
    for (const clients of [1, 8]) {
      const slices = await inTurns(cluster, make, { clients, rounds, echo: echoClient.send });
      const of = (level: Asked, part: keyof Slice): number => median(slices.map((each) => each[level][part]));
      const over = (level: Level): number => median(slices.map((each) => each[level].p50Ms - each.eventual.p50Ms));
      rows.push([
        `${what}, ${clients} clients`,
        ...levels.flatMap((level) => [
          of(level, 'p50Ms').toFixed(2),
          of(level, 'p99Ms').toFixed(1),
          of(level, 'cpuMicroseconds').toFixed(0),
        ]),
        of('echo', 'p50Ms').toFixed(2),
        over('recent').toFixed(2),
        over('linearizable').toFixed(2),
      ]);
      const seen = over('linearizable');
      const goal = clients === 1 ? '≤ 1 ms' : '';
      const met = clients === 1 ? seen <= 1 : undefined;
      findings.push({
        what: `linearizable over eventual, ${what}, ${clients} clients`,
        goal,
        seen: `${seen.toFixed(2)} ms`,
        runs: rounds,
        met,
      });
    }
  }
  const head = levels.flatMap((level) => [`${level} p50`, 'p99', 'CPU-µs']);
  printTable(['read, ms', ...head, 'echo p50', 'recent over', 'linearizable over'], rows);
  return findings;
}

async function inTurns(
  cluster: ReplicatedCluster,
  make: (turn: number) => { readonly path: string; readonly body: object },
  { clients, rounds, echo }: { readonly clients: number; readonly rounds: number; readonly echo: Send },
): Promise<readonly Readonly<Record<Asked, Slice>>[]> {
  const { path } = make(0);
  const sends = new Map<Asked, Send>([['echo', echo], ...levels.map((level) => [level, sendAt(cluster, path, level)] as const)]);
  const asked = Array.from({ length: callsPerSlice }, (_, turn) => Buffer.from(JSON.stringify(make(turn).body)));
  const all: Readonly<Record<Asked, Slice>>[] = [];
  for (const send of sends.values()) {
    const enough = Array.from({ length: warmUpCalls }, (_, turn) => asked[turn % asked.length] ?? Buffer.alloc(0));
    await slice(cluster, send, { asked: enough, clients: warmUpClients });
  }
  for (let round = 0; round < rounds; round++) {
    const slices = new Map<Asked, Slice>();
    for (const [level, send] of round % 2 === 0 ? [...sends] : [...sends].toReversed()) {
      slices.set(level, await slice(cluster, send, { asked, clients }));
    }
    const [eventual, recent, linearizable] = levels.map((level) => slices.get(level));
    const echoed = slices.get('echo');
    if (eventual && recent && linearizable && echoed) all.push({ eventual, recent, linearizable, echo: echoed });
  }
  return all;
}

async function slice(
  cluster: ReplicatedCluster,
  send: Send,
  { asked, clients }: { readonly asked: readonly Buffer[]; readonly clients: number },
): Promise<Slice> {
  const before = await cluster.cpuMicroseconds();
  const times: number[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let body = asked[next++]; body !== undefined; body = asked[next++]) {
      const start = performance.now();
      await send(body);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const cpu = (await cluster.cpuMicroseconds()) - before;
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), cpuMicroseconds: cpu / asked.length };
}

function sendAt(cluster: ReplicatedCluster, path: string, level: Level): Send {
  const headers = { 'x-vector-consistency': level };
  return inTurn(cluster.hosts.map((host) => restClient(new URL(`http://${host}:6333/collections/${name}${path}`), 'POST', headers)));
}

function randomVector(): number[] {
  return Array.from({ length: dimension }, () => Math.random() * 2 - 1);
}
