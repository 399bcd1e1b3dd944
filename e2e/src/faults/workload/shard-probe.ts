/**
 * Watches each shard from outside: a new point every so often, through each node in turn, and a read of one that was acknowledged. It
 * shows how long a shard did not acknowledge or answer, whatever client it is asked by; nothing is tried again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { anyOf, type RestConnection } from './connections.ts';
import { collection, generationsOf, pointBody } from './points.ts';
import { call, type RequestCounter } from './stock-client.ts';

export interface ProbeAnswer {
  readonly invokedMs: number;
  readonly answeredMs: number;
}

export interface ShardProbe {
  readonly shard: string;
  readonly writes: ProbeAnswer[];
  readonly reads: ProbeAnswer[];
  /** Ids of points whose insertion was acknowledged. */
  readonly acknowledged: number[];
}

export interface ProbingOptions {
  readonly shard: string;
  readonly nodes: readonly RestConnection[];
  readonly counter: RequestCounter;
  readonly nextId: () => number;
  readonly random: () => number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly onMissing: (missing: MissingPoint) => void;
}

/** An acknowledged point was asked for and was not there. */
export interface MissingPoint {
  readonly point: AcknowledgedPoint;
  readonly level: 'default' | 'linearizable';
  readonly answer: ProbeAnswer;
  readonly through: string;
}

interface AcknowledgedPoint {
  readonly id: number;
  readonly atMs: number;
}

/** So that a node that does not answer holds up its own share only. */
const underWayPerNode = 3;

export function probe(options: ProbingOptions): { readonly probe: ShardProbe; readonly ended: Promise<void> } {
  const found: ShardProbe = { shard: options.shard, writes: [], reads: [], acknowledged: [] };
  return { probe: found, ended: run(options, found) };
}

async function run(options: ProbingOptions, found: ShardProbe): Promise<void> {
  const { nodes, everyMs, signal } = options;
  const underWay = new Map<string, number>();
  const started = new Set<Promise<void>>();
  let last: AcknowledgedPoint | undefined;
  const start = (what: string, step: () => Promise<void>): void => {
    const before = underWay.get(what) ?? 0;
    if (before >= underWayPerNode) return;
    underWay.set(what, before + 1);
    const running: Promise<void> = step().finally(() => {
      underWay.set(what, (underWay.get(what) ?? 1) - 1);
      started.delete(running);
    });
    started.add(running);
  };
  for (let turn = 0; !signal.aborted; turn++) {
    const connection = nodes[turn % nodes.length] ?? anyOf(nodes, options.random);
    const known = last;
    if (known) start(`read ${connection.through.name}`, () => readKnown(options, connection, known, found));
    start(`write ${connection.through.name}`, async () => {
      last = (await insert(options, connection, found)) ?? last;
    });
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  await Promise.all(started);
}

async function insert(
  options: ProbingOptions,
  { through, client }: RestConnection,
  found: ShardProbe,
): Promise<AcknowledgedPoint | undefined> {
  const { counter } = options;
  const id = options.nextId();
  const write = await call({ operation: 'probe write', through, counter, retries: 0 }, () =>
    client.upsert(collection, { wait: true, points: [pointBody(id, -2, 1)] }),
  );
  if (write.kind !== 'answered') return undefined;
  found.writes.push({ invokedMs: write.invokedMs, answeredMs: write.answeredMs });
  found.acknowledged.push(id);
  return { id, atMs: write.answeredMs };
}

/** What an old primary would not show: it was acknowledged before it is asked for. */
async function readKnown(
  { counter, random, onMissing }: ProbingOptions,
  { through, client }: RestConnection,
  point: AcknowledgedPoint,
  found: ShardProbe,
): Promise<void> {
  const level = random() < 0.5 ? 'default' : 'linearizable';
  const consistency = level === 'linearizable' ? ({ consistency: 'majority' } as const) : {};
  const result = await call({ operation: `probe read ${level}`, through, counter, retries: 0 }, () =>
    client.retrieve(collection, { ids: [point.id], with_payload: true, ...consistency }),
  );
  if (result.kind !== 'answered') return;
  const answer = { invokedMs: result.invokedMs, answeredMs: result.answeredMs };
  if (level === 'default') found.reads.push(answer);
  if (!generationsOf(result.value).has(point.id)) onMissing({ point, level, answer, through: through.name });
}
