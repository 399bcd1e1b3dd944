/** A source that serves snapshots on a free port of this machine, and a proxy before it that cuts connections. For tests. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Registry } from 'prom-client';
import { createSnapshotMetrics } from './metrics.ts';
import type { FetchSnapshotOptions } from './fetch-snapshot.ts';
import { receiverId, sourceId } from './state-fixture.ts';
import type { SnapshotSource } from './snapshot-reader.ts';
import { snapshotService, type SnapshotServiceOptions } from './snapshot-service.ts';
import { SnapshotSessions } from './snapshot-sessions.ts';

export const identity = { namespace: 'default', cluster: 'shop' };

export interface RunningSource extends AsyncDisposable {
  readonly port: number;
  readonly registry: Registry;
  readonly bugs: readonly unknown[];
  /** Waits until a snapshot is there that nobody reads, and lets the time of all such run out. */
  expire(): Promise<void>;
}

export async function listen(register: (server: Server) => void): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = new Server();
  register(server);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  return { port: await promise, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

export async function serveSnapshots(
  source: SnapshotSource,
  options: { readonly sessionsMax?: number } & Partial<Pick<SnapshotServiceOptions, 'stallMs'>> = {},
): Promise<RunningSource> {
  const registry = new Registry();
  const bugs: unknown[] = [];
  const expiries = new Set<() => void>();
  let isIdle = Promise.withResolvers<void>();
  let ids = 0;
  const sessions = new SnapshotSessions({
    source,
    sessionsMax: options.sessionsMax ?? 4,
    keepMs: 60_000,
    newSessionId: () => `session ${(ids += 1)}`,
    after: (_, run) => {
      expiries.add(run);
      isIdle.resolve();
      return { [Symbol.dispose]: () => void expiries.delete(run) };
    },
  });
  const pacer = { pass: async () => {} };
  const service = { identity, sessions, metrics: createSnapshotMetrics(registry), stallMs: options.stallMs ?? 60_000, pacer };
  const server = await listen(snapshotService({ ...service, onBug: (error) => bugs.push(error) }));
  return {
    port: server.port,
    registry,
    bugs,
    expire: async () => {
      while (expiries.size === 0) {
        await isIdle.promise;
        isIdle = Promise.withResolvers();
      }
      for (const run of expiries) run();
      expiries.clear();
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await sessions[Symbol.asyncDispose]();
    },
  };
}

export interface Cuts extends AsyncDisposable {
  readonly port: number;
  readonly connections: number;
}

/** Passes bytes on to `port`; the nth connection is cut when so many have come back over it. */
export async function cutting(port: number, bytesOf: (connection: number) => number, onCut: () => void = () => {}): Promise<Cuts> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((inward) => {
    let left = bytesOf((connections += 1));
    const outward = connect(port, '127.0.0.1');
    for (const socket of [inward, outward]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        inward.destroy();
        outward.destroy();
      });
    }
    inward.pipe(outward);
    outward.on('data', (bytes) => {
      left -= bytes.length;
      if (left >= 0) {
        if (!inward.write(bytes)) outward.pause();
        return;
      }
      inward.resetAndDestroy();
      onCut();
    });
    inward.on('drain', () => outward.resume());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server that listens on TCP has such an address
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export function fetchOptions(port: number, folder: string, registry = new Registry()): FetchSnapshotOptions {
  return {
    address: '127.0.0.1',
    port,
    identity,
    shard: 'shard',
    from: sourceId,
    receiver: receiverId,
    folder,
    atLeast: 1n,
    signal: new AbortController().signal,
    metrics: createSnapshotMetrics(registry),
    sleep: async () => {},
    room: async () => ({ totalBytes: 2 ** 40, freeBytes: 2 ** 40 }),
  };
}

export async function valueOf(registry: Registry, metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const found = await registry.getSingleMetric(metric)?.get();
  const values = found?.values.filter((value) => Object.entries(labels).every(([name, label]) => value.labels[name] === label)) ?? [];
  return values.reduce((sum, { value }) => sum + value, 0);
}
