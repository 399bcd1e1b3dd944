/**
 * What a link carries between two processes over loopback: appends one way, each answered by a small message, so many at a time.
 * CPU is that of both processes, all threads. `node storage-node/bench/links.ts [seconds for each row]`.
 */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LinkMessage } from '../src/peer/link/link-message.ts';
import { append, freePort, TestNode } from '../test/link-nodes.ts';

const seconds = Number(process.argv[2] ?? 2);
const addresses = new Map([
  ['a', '127.0.0.2'],
  ['b', '127.0.0.3'],
]);
const rows = [
  [100, 1],
  [1_000, 1],
  [100_000, 1],
  [100, 256],
  [1_000, 256],
  [10_000, 256],
  [100_000, 64],
  [500_000, 16],
] as const;

if (process.send === undefined) await measure();
else await echo(Number(process.argv[2]));

/** The other process: answers, and tells its CPU time when asked. */
async function echo(port: number): Promise<void> {
  const node = await TestNode.start({
    node: 'b',
    address: addresses.get('b') ?? '',
    port,
    onReceived: ({ message }) => {
      assert(message.kind === 'append');
      node.received.length = 0;
      const { shard, epoch, from, to, entries } = message;
      const upTo = entries[0]?.sequence ?? 0n;
      void node.links.send('a', { message: { kind: 'appended', shard, epoch, from: to, to: from, upTo, applied: upTo }, bodies: [] });
    },
  });
  node.links.setPeers(addresses);
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.send?.('ready');
}

async function measure(): Promise<void> {
  const port = await freePort();
  const child = fork(fileURLToPath(import.meta.url), [String(port)]);
  await once(child, 'message');
  let answered = ignored;
  const a = await TestNode.start({ node: 'a', address: addresses.get('a') ?? '', port, onReceived: () => answered() });
  try {
    a.links.setPeers(addresses);
    await a.isConnectedTo('b');
    print(['bytes', 'at a time', 'messages/s', 'MB/s', 'µs/round trip', 'CPU µs/message', 'heartbeat ms']);
    for (const [bytes, atATime] of rows) {
      await run(append(0, bytes), atATime, 0.3);
      const before = await usage(a, child);
      const began = performance.now();
      const count = await run(append(0, bytes), atATime, seconds);
      const tookSeconds = (performance.now() - began) / 1000;
      const after = await usage(a, child);
      const echoes = after.echoes - before.echoes;
      const heartbeat = echoes === 0 ? '' : (((after.echoSeconds - before.echoSeconds) / echoes) * 1000).toFixed(2);
      const rate = count / tookSeconds;
      const cpu = (after.cpu - before.cpu) / count;
      print([
        bytes,
        atATime,
        rate.toFixed(0),
        ((rate * bytes) / 1e6).toFixed(1),
        ((1e6 * atATime) / rate).toFixed(0),
        cpu.toFixed(1),
        heartbeat,
      ]);
    }
  } finally {
    child.kill();
    await a[Symbol.asyncDispose]();
  }

  async function run(message: LinkMessage, atATime: number, forSeconds: number): Promise<number> {
    const until = performance.now() + forSeconds * 1000;
    let underWay = 0;
    let done = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const next = () => {
      underWay++;
      void a.links.send('b', message);
    };
    answered = () => {
      a.received.length = 0;
      underWay--;
      done++;
      if (performance.now() < until) next();
      else if (underWay === 0) resolve();
    };
    for (let index = 0; index < atATime; index++) next();
    await promise;
    return done;
  }
}

async function usage(a: TestNode, child: ChildProcess) {
  child.send('usage');
  const [theirs]: NodeJS.CpuUsage[] = await once(child, 'message');
  const own = process.cpuUsage();
  const echoes = await a.metric('vectorcluster_link_heartbeat_round_trip_seconds');
  return {
    cpu: own.user + own.system + (theirs?.user ?? 0) + (theirs?.system ?? 0),
    echoes: echoes.get('count') ?? 0,
    echoSeconds: echoes.get('sum') ?? 0,
  };
}

function ignored(): void {}

function print(cells: readonly (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(15)).join('')}\n`);
}
