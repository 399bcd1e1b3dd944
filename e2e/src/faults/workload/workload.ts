/** All clients of a run: what they do at what rate, and what is known when they have ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SlotChecks } from '../checker/check-slot.ts';
import type { Violation, ViolationKind } from '../checker/violation.ts';
import { inSeconds } from '../tell-time.ts';
import { anyOf, type Connections } from './connections.ts';
import { idSource } from './points.ts';
import { Registers } from './register-client.ts';
import { Session } from './session-transport.ts';
import { probe, type ProbeAnswer, type ShardProbe } from './shard-probe.ts';
import { SlotBoard } from './slot-board.ts';
import { SlotClient } from './slot-client.ts';
import { SlotReader } from './slot-reader.ts';
import { overGrpc, overRest } from './slot-transports.ts';
import { call, type RequestCounter } from './stock-client.ts';

export interface WorkloadOptions {
  readonly connections: Connections;
  readonly counter: RequestCounter;
  readonly random: () => number;
  readonly checks: SlotChecks;
  /** Name of each shard, and which holds an id. */
  readonly shards: readonly string[];
  readonly shardOf: (id: number) => string;
  readonly signal: AbortSignal;
  readonly onViolations: (violations: readonly Violation[]) => void;
}

export interface Workload {
  readonly board: SlotBoard;
  readonly registers: Registers;
  readonly probes: readonly ShardProbe[];
  readonly sessions: readonly Session[];
  readonly ended: Promise<unknown>;
}

/** Mean pause of each client between two requests. */
const pauseMs = { writer: 80, reader: 100, register: 100, session: 120, sweep: 1000 };
const readers = 8;
const registerClients = 3;
const sessionClients = 2;
const probeEveryMs = 150;

export function startWorkload(options: WorkloadOptions): Workload {
  const { connections, counter, random, checks, signal, onViolations } = options;
  const { service, nodes, grpc } = connections;
  const board = new SlotBoard({ now: counter.now, checks, onViolations });
  const anyConnection = () => anyOf([service, ...nodes], random);
  let clients = 0;
  const nextSource = (): (() => number) => idSource(++clients);
  const registers = new Registers({ counter, nextId: nextSource(), random, connection: anyConnection, onViolations });
  const ways = [() => overRest(service), () => overRest(service), () => overGrpc(grpc), () => overRest(anyOf(nodes, random))];
  const writers = ways.map((transport) => new SlotClient({ board, counter, nextId: nextSource(), random, transport }));
  const sessions = Array.from({ length: sessionClients }, (_, index) => new Session(`session ${index + 1}`));
  const sessionWriters = sessions.map((session) => {
    const transport = () => session.transport(anyConnection());
    return { session, writer: new SlotClient({ board, counter, nextId: nextSource(), random, session: session.name, transport }) };
  });
  const reader = new SlotReader({ board, counter, random, connection: anyConnection });

  const loop = async (meanMs: number, step: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      await step();
      await sleep(random() * 2 * meanMs, undefined, { signal }).catch(() => {});
    }
  };
  const sessionStep = async (session: Session, writer: SlotClient): Promise<void> => {
    const slot = await writer.step();
    if (!session.known) return;
    const connection = anyConnection();
    const result = await call({ operation: 'retrieve session', through: connection.through, counter }, () =>
      session.read(connection, slot),
    );
    if (result.kind !== 'answered') return;
    const { invokedMs, answeredMs, value: generations } = result;
    slot.reads.push({
      level: 'session',
      how: 'retrieve',
      invokedMs,
      answeredMs,
      generations,
      session: session.name,
      through: connection.through.name,
    });
  };
  const probes = options.shards.map((shard) => {
    const next = nextSource();
    const nextId = (): number => {
      for (;;) {
        const id = next();
        if (options.shardOf(id) === shard) return id;
      }
    };
    return probe({
      shard,
      nodes,
      counter,
      nextId,
      random,
      everyMs: probeEveryMs,
      signal,
      onMissing: ({ point, level, answer, through }) => {
        const kind = judgeMissing(level, point.atMs, answer, checks);
        if (kind === undefined) return;
        const story = [
          `${point.id} of shard ${shard} acknowledged at ${inSeconds(point.atMs)} s`,
          `${level} read at ${inSeconds(answer.invokedMs)}–${inSeconds(answer.answeredMs)} s through ${through}: not there`,
        ];
        onViolations([{ kind, atMs: answer.answeredMs, ids: [point.id], story }]);
      },
    });
  });

  const loops = [
    ...writers.map((writer) => loop(pauseMs.writer, async () => void (await writer.step()))),
    ...Array.from({ length: readers }, () => loop(pauseMs.reader, () => reader.step())),
    ...Array.from({ length: registerClients }, () => loop(pauseMs.register, () => registers.step())),
    ...sessionWriters.map(({ session, writer }) => loop(pauseMs.session, () => sessionStep(session, writer))),
    loop(pauseMs.sweep, async () => {
      board.sweep();
      registers.sweep();
      await Promise.resolve();
    }),
    ...probes.map(({ ended }) => ended),
  ];
  return { board, registers, sessions, probes: probes.map((each) => each.probe), ended: Promise.all(loops) };
}

function judgeMissing(
  level: 'default' | 'linearizable',
  acknowledgedMs: number,
  { invokedMs, answeredMs }: ProbeAnswer,
  checks: SlotChecks,
): ViolationKind | undefined {
  if (level === 'linearizable') return 'a linearizable read is stale';
  if (invokedMs - acknowledgedMs > checks.staleMs) return 'a default read is too stale';
  return checks.calm(invokedMs, answeredMs) ? 'a default read does not see a write with wait=true' : undefined;
}
