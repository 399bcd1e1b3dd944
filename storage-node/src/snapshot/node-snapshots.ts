/** Snapshots of this node: those it gives to others, and those it takes from them. */
import { randomUUID } from 'node:crypto';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { Server } from '@grpc/grpc-js';
import { ShardUnavailableError } from '../errors.ts';
import type { ReplicaSurroundings } from '../membership/shard-host.ts';
import type { ClusterIdentity } from '../peer/cluster-identity.ts';
import { fetchSnapshot } from './fetch-snapshot.ts';
import type { SnapshotMetrics } from './metrics.ts';
import { Pacer } from './pacer.ts';
import type { SnapshotSource } from './snapshot-reader.ts';
import { snapshotService } from './snapshot-service.ts';
import { SnapshotSessions } from './snapshot-sessions.ts';

/** Given at the same time: each holds a view of the documents. */
const sessionsMax = 4;
/** A receiver whose connection broke may come back for so long. */
const keepMs = 60_000;
/** A receiver that takes nothing for so long is gone. */
const stallMs = 15_000;
/** Of all that are given. What searches feel of the lower one is in README.md. */
export const snapshotRates = { bytesPerSecond: 256 * 1024 * 1024, bytesPerSecondBesideReads: 80 * 1024 * 1024 };

export interface NodeSnapshotsOptions {
  readonly identity: ClusterIdentity;
  /** Of the peer service, the same on every node. */
  readonly port: number;
  readonly source: SnapshotSource;
  readonly addressOf: (node: string) => string | undefined;
  readonly metrics: SnapshotMetrics;
  /** How often clients have read from this node so far. */
  readonly reads: () => number;
  readonly now: () => number;
  readonly onBug: (error: unknown, method: string) => void;
}

export class NodeSnapshots implements AsyncDisposable {
  readonly #options: NodeSnapshotsOptions;
  readonly #sessions: SnapshotSessions;
  /** To be registered on the peer server. */
  readonly service: (server: Server) => void;

  constructor(options: NodeSnapshotsOptions) {
    this.#options = options;
    const { identity, source, metrics, reads, now, onBug } = options;
    this.#sessions = new SnapshotSessions({ source, sessionsMax, keepMs, newSessionId: randomUUID, after });
    metrics.openIs(() => this.#sessions.open);
    const pacer = new Pacer({ ...snapshotRates, reads, now, sleep, turn });
    this.service = snapshotService({ identity, sessions: this.#sessions, metrics, pacer, stallMs, onBug });
  }

  readonly fetch: ReplicaSurroundings['fetchSnapshot'] = async ({ node, ...place }, signal) => {
    const { identity, port, addressOf, metrics } = this.#options;
    const address = addressOf(node);
    if (address === undefined) throw new ShardUnavailableError(`node ${node} has no address`);
    return await fetchSnapshot({ ...place, address, port, identity, signal, metrics });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions[Symbol.asyncDispose]();
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}

function after(ms: number, run: () => void): Disposable {
  const timer = setTimeout(run, ms).unref();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
