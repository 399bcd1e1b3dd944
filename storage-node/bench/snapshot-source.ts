/** What the snapshot bench gives to the other node: snapshots of a replica, as a node does, and plain copies of the same bytes. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { Registry } from 'prom-client';
import { createSnapshotMetrics } from '../src/snapshot/metrics.ts';
import { snapshotRates } from '../src/snapshot/node-snapshots.ts';
import { Pacer } from '../src/snapshot/pacer.ts';
import { openSnapshot } from '../src/snapshot/snapshot-reader.ts';
import { snapshotService } from '../src/snapshot/snapshot-service.ts';
import { SnapshotSessions } from '../src/snapshot/snapshot-sessions.ts';
import { searches } from './bench-state.ts';

export const identity = { namespace: 'bench', cluster: 'bench' };
export const sourceId = 'a1'.repeat(16);
export const receiverId = 'b2'.repeat(16);

/** Beside reads, as nodes have it; MIB_BESIDE_READS= to try another one. */
const besideReads = process.env['MIB_BESIDE_READS'];
const rates = besideReads === undefined ? snapshotRates : { ...snapshotRates, bytesPerSecondBesideReads: Number(besideReads) * 2 ** 20 };

export interface Served extends AsyncDisposable {
  readonly port: number;
}

/** `asFastAsItGoes` looks at no reader. */
export async function serveSnapshots(
  documents: Documents,
  { segmentsFolder, asFastAsItGoes }: { readonly segmentsFolder: string | undefined; readonly asFastAsItGoes: boolean },
): Promise<Served> {
  const sessions = new SnapshotSessions({
    source: { open: async () => await openSnapshot({ view: documents.snapshot(), replicaId: sourceId, segmentsFolder }) },
    sessionsMax: 1,
    keepMs: 1_000,
    newSessionId: () => 'bench',
    after: () => ({ [Symbol.dispose]: () => {} }),
  });
  const reads = asFastAsItGoes ? () => 0 : searches;
  const pacer = new Pacer({ ...rates, reads, now: () => performance.now(), sleep: async (ms) => await delay(ms), turn });
  const server = new Server();
  const options = { identity, sessions, metrics: createSnapshotMetrics(new Registry()), pacer, stallMs: 30_000, onBug };
  snapshotService(options)(server);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  return {
    port: await promise,
    [Symbol.asyncDispose]: async () => {
      server.forceShutdown();
      await sessions[Symbol.asyncDispose]();
    },
  };
}

/** The files one after the other to whoever connects. */
export async function servePlainly(paths: readonly string[]): Promise<Served> {
  const server = createServer((socket) => {
    void pipeline(async function* () {
      for (const path of paths) yield* createReadStream(path, { highWaterMark: 256 * 1024 });
    }, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return { port: address.port, [Symbol.asyncDispose]: async () => void server.close() };
}

function onBug(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
}
