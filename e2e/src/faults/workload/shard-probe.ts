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
  /** An acknowledged point was asked for at the default level and was not there. */
  readonly onMissing: (id: number, acknowledgedMs: number, answer: ProbeAnswer, through: string) => void;
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
  let lastAcknowledged: AcknowledgedPoint | undefined;
  const step = async (connection: RestConnection): Promise<void> => {
    const { name } = connection.through;
    underWay.set(name, (underWay.get(name) ?? 0) + 1);
    lastAcknowledged = (await probeOnce(options, connection, lastAcknowledged, found)) ?? lastAcknowledged;
    underWay.set(name, (underWay.get(name) ?? 1) - 1);
  };
  for (let turn = 0; !signal.aborted; turn++) {
    const connection = nodes[turn % nodes.length] ?? anyOf(nodes, options.random);
    if ((underWay.get(connection.through.name) ?? 0) < underWayPerNode) {
      const running: Promise<void> = step(connection).finally(() => started.delete(running));
      started.add(running);
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  await Promise.all(started);
}

async function probeOnce(
  options: ProbingOptions,
  { through, client }: RestConnection,
  known: AcknowledgedPoint | undefined,
  found: ShardProbe,
): Promise<AcknowledgedPoint | undefined> {
  const { counter, nextId, onMissing } = options;
  const reading = known && readKnown(known);
  const id = nextId();
  const write = await call({ operation: 'probe write', through, counter, retries: 0 }, () =>
    client.upsert(collection, { wait: true, points: [pointBody(id, -2, 1)] }),
  );
  await reading;
  if (write.kind !== 'answered') return undefined;
  found.writes.push({ invokedMs: write.invokedMs, answeredMs: write.answeredMs });
  found.acknowledged.push(id);
  return { id, atMs: write.answeredMs };

  async function readKnown(point: AcknowledgedPoint): Promise<void> {
    const result = await call({ operation: 'probe read', through, counter, retries: 0 }, () =>
      client.retrieve(collection, { ids: [point.id], with_payload: true }),
    );
    if (result.kind !== 'answered') return;
    const answer = { invokedMs: result.invokedMs, answeredMs: result.answeredMs };
    found.reads.push(answer);
    if (!generationsOf(result.value).has(point.id)) onMissing(point.id, point.atMs, answer, through.name);
  }
}
