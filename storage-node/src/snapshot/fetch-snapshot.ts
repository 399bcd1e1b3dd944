/**
 * Brings a snapshot from another node to this disk. A connection that breaks is made anew and goes on behind the last part that is on the
 * disk; when the source has closed the snapshot, or keeps sending parts that are not what they should be, it begins anew or ends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import { backoffDelayMs, type Backoff } from '@vectorcluster/kube/backoff.ts';
import { ShardUnavailableError } from '../errors.ts';
import type { ClusterIdentity } from '../peer/cluster-identity.ts';
import { makeFolderDurably } from '../replica-host/durable-file.ts';
import type { Position } from '../replication/log-shape.ts';
import { roomOf, type DiskRoom } from './disk-room.ts';
import type { SnapshotMetrics } from './metrics.ts';
import { readSnapshot } from './read-snapshot.ts';
import { ReceivedParts } from './received-parts.ts';
import { SnapshotRefusedError, type SnapshotFault } from './snapshot-errors.ts';

export interface FetchSnapshotOptions {
  /** Of the source's node. */
  readonly address: string;
  readonly port: number;
  readonly identity: ClusterIdentity;
  readonly shard: string;
  /** Replica id of the source. */
  readonly from: string;
  /** Replica id that it is for. */
  readonly receiver: string;
  /** A folder for nothing else, of that replica; made when absent. What is in it from before is gone on with. */
  readonly folder: string;
  /** A snapshot that was begun before and does not reach this sequence is not gone on with. */
  readonly atLeast: bigint;
  readonly signal: AbortSignal;
  readonly metrics: SnapshotMetrics;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly room?: (path: string) => Promise<DiskRoom>;
  /** Without a word of the source for so long, a connection is given up and made anew. */
  readonly silenceMs?: number;
}

/** Complete, checked and on this disk. */
export interface FetchedSnapshot {
  readonly position: Position;
  readonly bytes: number;
  readonly parts: ReceivedParts;
}

/** Connections in a row that bring no part. */
const fruitlessMax = 12;
const backoff: Backoff = { baseDelayMs: 100, maxDelayMs: 5_000 };
/** What another connection may mend. */
const mendable: ReadonlySet<SnapshotFault> = new Set<SnapshotFault>(['checksum', 'order', 'size', 'summary']);
const faultsMax = 3;

/**
 * The position may be any: that of the source's applied state when it was opened.
 * Throws SnapshotRefusedError, ShardUnavailableError when the source cannot be reached for a while, or the reason of `signal`. After the
 * last two, a later call goes on where this one stopped.
 */
export async function fetchSnapshot(options: FetchSnapshotOptions): Promise<FetchedSnapshot> {
  const { folder, signal, metrics, atLeast, shard, from, receiver } = options;
  const sleep = options.sleep ?? (async (ms, stopping) => await delay(ms, undefined, { signal: stopping }));
  const room = options.room ?? roomOf;
  await makeFolderDurably(folder);
  const parts = await ReceivedParts.open(await openFileDisk(folder));
  const { transfer } = parts;
  const isWanted = transfer?.shard === shard && transfer.from === from && transfer.receiver === receiver && transfer.sequence >= atLeast;
  if (!isWanted) await parts.clear();
  let fruitless = 0;
  let faults = 0;
  while (!parts.isComplete) {
    signal.throwIfAborted();
    const before = parts.count;
    const outcome = await readSnapshot({ ...options, parts, room: () => room(folder) });
    signal.throwIfAborted();
    fruitless = parts.count > before ? 0 : fruitless + 1;
    switch (outcome.kind) {
      case 'complete':
        break;
      case 'session-gone':
        await parts.clear();
        break;
      case 'busy':
        fruitless = 0;
        await sleep(outcome.retryAfterMs, signal);
        break;
      case 'cut':
        metrics.resumed();
        if (fruitless > fruitlessMax) {
          throw new ShardUnavailableError(`the snapshot of shard ${shard} cannot be read`, { cause: outcome.cause });
        }
        await sleep(backoffDelayMs(backoff, fruitless + 1, Math.random), signal);
        break;
      case 'fault':
        metrics.faultFound(outcome.error.fault);
        faults += 1;
        if (outcome.error.fault === 'summary' || !mendable.has(outcome.error.fault)) await parts.clear();
        if (!mendable.has(outcome.error.fault) || faults >= faultsMax) throw outcome.error;
        break;
    }
    if (outcome.kind === 'session-gone' && fruitless > fruitlessMax) {
      throw new ShardUnavailableError(`every snapshot of shard ${shard} was closed before a part came`);
    }
  }
  const { position } = parts;
  if (!position) throw new SnapshotRefusedError('summary', 'it is complete and has no position');
  return { position, bytes: parts.bytes, parts };
}
