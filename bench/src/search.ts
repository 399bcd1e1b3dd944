/**
 * What a search and an upsert cost a cluster of three local nodes, beside what cannot be avoided: the bare engine in one process, and
 * servers of the same libraries that only echo. Ratios of one run count; absolute figures depend on who else uses the machine.
 *
 *   node bench/src/search.ts [--data FOLDER] [--points 10000] [--shards 6] [--recall 0.98] [--seconds 3]
 */
import { parseArgs } from 'node:util';
import { bareEngine, type BareEngine } from './bare-engine.ts';
import { BenchCluster } from './bench-cluster.ts';
import { readDataset, type Dataset } from './dataset.ts';
import { EchoServers } from './echo-servers.ts';
import { measure, warmUp, type Measured } from './measure.ts';
import { scoresIn, searchBytes, type Asked, type Protocol } from './requests.ts';
import { printTable } from './table.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    points: { type: 'string', default: '10000' },
    shards: { type: 'string', default: '6' },
    recall: { type: 'string', default: '0.98' },
    seconds: { type: 'string', default: '3' },
  },
});
const seconds = Number(values.seconds);
const recallWanted = Number(values.recall);
const expansions = [10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 192, 256, 384, 512];
const kinds = ['all', 'filtered'] as const;
type Kind = (typeof kinds)[number];

const data = await readDataset(values.data, Number(values.points));
using engine = await bareEngine(data);
await using cluster = await BenchCluster.start(Number(values.shards));
process.stdout.write(`${data.name}: ${data.count} points, ${data.queries.length} queries, filter ${data.filter.text}\n`);
await upserts();
for (const kind of kinds) await searches(kind);

async function upserts(): Promise<void> {
  const loaded = await cluster.load(data);
  printTable(
    ['upsert, 250 a request', 'points/s', 'CPU-µs a point', 'over engine'],
    [
      [
        'cluster, until indexed',
        loaded.perSecond.toFixed(0),
        loaded.cpuMicroseconds.toFixed(0),
        ratio(loaded.cpuMicroseconds, engine.buildMicroseconds),
      ],
      ['bare engine', '', engine.buildMicroseconds.toFixed(0), ''],
    ],
  );
}

async function searches(kind: Kind): Promise<void> {
  const truth = await engine.truth(kind);
  const onEngine = await smallest((expansion) => engineRecall(engine, truth, { expansion, kind }));
  const filter = kind === 'filtered' ? data.filter : undefined;
  const onCluster = await smallest((hnswEf) => clusterRecall(truth, { hnswEf, filter, withPayload: false }));
  const bare = await measure({
    pids: [process.pid],
    clients: 1,
    seconds,
    call: (index) => engine.search(queryAt(data, index), onEngine.expansion, kind),
  });
  const rows = [row('bare engine', '', onEngine, bare)];
  for (const withPayload of kind === 'all' ? [false, true] : [false]) {
    const asked = { withPayload, filter, hnswEf: onCluster.expansion };
    for (const protocol of ['rest', 'grpc'] as const) {
      const { limit, measured } = await besideItsLimit(protocol, asked);
      const what = `${protocol}${withPayload ? ', payload' : ''}`;
      rows.push(row(`echo ${what}`, 1, undefined, limit));
      for (const [clients, each] of measured) {
        rows.push([...row(what, clients, onCluster, each), ratio(each.cpuMicroseconds, limit.cpuMicroseconds + bare.cpuMicroseconds)]);
      }
    }
  }
  printTable([`search, ${kind}`, 'clients', 'recall', 'ef', 'queries/s', 'p50 ms', 'p99 ms', 'CPU-µs', 'over engine + echo'], rows);
}

async function besideItsLimit(protocol: Protocol, asked: Asked) {
  const bodies = data.queries.map((query) => searchBytes(protocol, query, asked));
  const bodyAt = (index: number): Buffer => bodies[index % bodies.length] ?? Buffer.alloc(0);
  await using echo = await EchoServers.start((await cluster.search(protocol)(bodyAt(0))).byteLength);
  using echoClient = echo.client(protocol);
  await warmUp((index) => echoClient.send(bodyAt(index)));
  const limit = await measure({ pids: [echo.pid], clients: 1, seconds, call: (index) => echoClient.send(bodyAt(index)) });
  await warmUp((index) => cluster.search(protocol)(bodyAt(index)));
  const measured: [number, Measured][] = [];
  for (const clients of [1, 8]) {
    const send = cluster.search(protocol);
    measured.push([clients, await measure({ pids: await cluster.pids(), clients, seconds, call: (index) => send(bodyAt(index)) })]);
  }
  return { limit, measured };
}

interface Reached {
  readonly expansion: number;
  readonly recall: number;
}

/** The first expansion that reaches the recall asked for, or the last there is. */
async function smallest(recallAt: (expansion: number) => Promise<number>): Promise<Reached> {
  let reached: Reached = { expansion: 0, recall: 0 };
  for (const expansion of expansions) {
    reached = { expansion, recall: await recallAt(expansion) };
    if (reached.recall >= recallWanted) break;
  }
  return reached;
}

async function engineRecall(
  bare: BareEngine,
  truth: readonly number[],
  { expansion, kind }: { expansion: number; kind: Kind },
): Promise<number> {
  const found: (readonly number[])[] = [];
  for (const query of data.queries) found.push(Array.from(await bare.search(query, expansion, kind)));
  return recall(found, truth);
}

async function clusterRecall(truth: readonly number[], asked: Asked): Promise<number> {
  const send = cluster.search('grpc');
  const found: (readonly number[])[] = [];
  for (const query of data.queries) found.push(scoresIn('grpc', await send(searchBytes('grpc', query, asked))));
  return recall(found, truth);
}

/** By score, because real data holds the same text more than once. */
function recall(found: readonly (readonly number[])[], tenthScores: readonly number[]): number {
  const hits = found.map((scores, index) => scores.filter((score) => score >= (tenthScores[index] ?? 2) - 1e-5).length / 10);
  return hits.reduce((sum, each) => sum + each, 0) / hits.length;
}

function queryAt({ queries }: Dataset, index: number): Float32Array {
  return queries[index % queries.length] ?? new Float32Array();
}

function row(name: string, clients: number | '', reached: Reached | undefined, measured: Measured): string[] {
  const { perSecond, p50Ms, p99Ms, cpuMicroseconds } = measured;
  const quality = reached === undefined ? ['', ''] : [reached.recall.toFixed(3), String(reached.expansion)];
  return [name, String(clients), ...quality, perSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2), cpuMicroseconds.toFixed(0)];
}

function ratio(value: number, limit: number): string {
  return `${(value / limit).toFixed(2)}×`;
}
