/**
 * All replicas of a node: one log, one database, and for each shard a replica that is formatted, opened, led and dropped.
 *
 * The log forgets an entry only after the documents that reflect it were flushed; that happens when enough was appended or enough time
 * has passed since.
 */
import assert from 'node:assert/strict';
import { openRocksDocuments } from '@vectorcluster/engine/documents/rocks-documents.ts';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { openLog, type LogOptions } from '@vectorcluster/engine/log/node-log.ts';
import { createSegment } from '@vectorcluster/engine/vectors/native-segment.ts';
import type { Logger } from '../logger.ts';
import type { HostedReplica, ShardHost } from '../membership/shard-host.ts';
import type { CollectionConfig } from '../model/collection.ts';
import { DocumentKeys } from '../shard/document-keys.ts';
import { LocalReplica } from '../shard/local-replica.ts';
import { PointCache } from '../shard/point-cache.ts';
import { openReplica } from '../shard/open-replica.ts';
import { DataDirectory, type ReplicaIdentity } from './data-directory.ts';
import { refusesAt, usedShare } from './disk-watermark.ts';

export interface ReplicaHostOptions {
  readonly dataDirectory: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly logger: Logger;
  readonly logMetrics?: LogOptions['metrics'];
  /** 32 hexadecimal digits, random. */
  readonly newReplicaId: () => string;
  /** Durability can no longer be promised: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

const flushAfterBytes = 64 * 1024 * 1024;
const flushAfterMs = 30_000;
const diskCheckMs = 1_000;
const pointCacheBytes = 256 * 1024 * 1024;

/** Throws DataDirectoryError, DocumentsOpenError or LogCorruptionError, each of which says what to do. */
export async function openReplicaHost(options: ReplicaHostOptions): Promise<ReplicaHost> {
  const directory = await DataDirectory.open(options.dataDirectory, { namespace: options.namespace, cluster: options.cluster });
  await using opened = new AsyncDisposableStack();
  const disk = await openFileDisk(directory.log);
  const metrics = options.logMetrics && { metrics: options.logMetrics };
  const log = opened.use(await openLog({ disk, onFatal: options.onFatal, onDamage: options.onFatal, ...metrics }));
  const documents = opened.use(await openRocksDocuments(directory.documents));
  const { kept, dropping } = await directory.replicas();
  const host = new ReplicaHost({ ...options, directory, log, documents, kept, parts: opened.move() });
  for (const [shard, replicaId] of dropping) await host.finishDrop(shard, replicaId);
  return host;
}

interface HostParts extends ReplicaHostOptions {
  readonly directory: DataDirectory;
  readonly log: Log;
  readonly documents: Documents;
  readonly kept: ReadonlyMap<string, ReplicaIdentity>;
  readonly parts: AsyncDisposable;
}

export class ReplicaHost implements ShardHost, AsyncDisposable {
  readonly #options: HostParts;
  readonly #identities: Map<string, ReplicaIdentity>;
  readonly #open = new Map<string, LocalReplica>();
  readonly #cache = new PointCache(pointCacheBytes);
  readonly #timers: readonly NodeJS.Timeout[];
  #appendedBytes = 0;
  #flushing: Promise<void> | undefined;
  #diskRefuses = false;

  constructor(options: HostParts) {
    this.#options = options;
    this.#identities = new Map(options.kept);
    this.#timers = [setInterval(() => this.#startFlush(1), flushAfterMs), setInterval(() => void this.#checkDisk(), diskCheckMs)];
    for (const timer of this.#timers) timer.unref();
  }

  get shards(): readonly string[] {
    return [...this.#identities.keys()];
  }

  async open(shard: string, config: CollectionConfig): Promise<HostedReplica> {
    const { directory, documents, log } = this.#options;
    let identity = this.#identities.get(shard);
    if (!identity) {
      identity = { replicaId: this.#options.newReplicaId(), epoch: 0n };
      await directory.saveReplica(shard, identity);
      this.#identities.set(shard, identity);
    }
    let replica = this.#open.get(shard);
    if (!replica) {
      replica = await openReplica({
        shard,
        replicaId: identity.replicaId,
        config,
        log,
        documents,
        cache: this.#cache.open(),
        createSegment,
        refusal: () => (this.#diskRefuses ? 'the disk of this node is 90 % full: free space, grow the volume or add nodes' : undefined),
        onAppended: (bytes) => {
          this.#appendedBytes += bytes;
          this.#startFlush(flushAfterBytes);
        },
        onFatal: this.#options.onFatal,
      });
      this.#open.set(shard, replica);
    }
    return { replicaId: identity.replicaId, epoch: identity.epoch, shard: replica };
  }

  async adoptEpoch(shard: string, epoch: bigint): Promise<void> {
    const identity = this.#identities.get(shard);
    const replica = this.#open.get(shard);
    assert(identity && replica, `shard ${shard} is not open here`);
    assert(epoch > identity.epoch, `epoch ${epoch} was adopted before`);
    const adopted = { ...identity, epoch };
    await this.#options.directory.saveReplica(shard, adopted);
    this.#identities.set(shard, adopted);
    replica.lead(epoch);
  }

  async drop(shard: string): Promise<void> {
    const identity = this.#identities.get(shard);
    if (!identity) return;
    const replica = this.#open.get(shard);
    this.#open.delete(shard);
    this.#identities.delete(shard);
    await replica?.[Symbol.asyncDispose]();
    await this.#options.directory.markDropped(shard);
    await this.finishDrop(shard, identity.replicaId);
  }

  /** Deletes the data of a replica whose folder is marked as dropped. */
  async finishDrop(shard: string, replicaId: string | undefined): Promise<void> {
    const { directory, documents, log, logger } = this.#options;
    if (replicaId !== undefined) {
      const { from, to } = new DocumentKeys(replicaId).all;
      await documents.write((['ids', 'points', 'vectors', 'meta'] as const).map((family) => ({ kind: 'delete-range', family, from, to })));
      if (log.replicas.includes(replicaId)) await log.drop(replicaId);
    }
    await directory.removeDropped(shard);
    logger.info({ shard, replicaId }, 'replica dropped');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const replica of this.#open.values()) await replica[Symbol.asyncDispose]();
    await this.#flushing;
    await this.#flush();
    this.#open.clear();
    await this.#options.parts[Symbol.asyncDispose]();
  }

  #startFlush(atLeastBytes: number): void {
    if (this.#appendedBytes < atLeastBytes) return;
    this.#flushing ??= this.#flush()
      .catch((error: unknown) => this.#options.onFatal(error))
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  async #flush(): Promise<void> {
    const { documents, log } = this.#options;
    this.#appendedBytes = 0;
    const reflected = [...this.#open.values()].map((replica) => ({ replicaId: replica.replicaId, applied: replica.appliedSequence }));
    await documents.flush();
    for (const { replicaId, applied } of reflected) if (applied > 0n) log.releaseUpTo(replicaId, applied);
  }

  async #checkDisk(): Promise<void> {
    try {
      this.#diskRefuses = refusesAt(await usedShare(this.#options.dataDirectory), this.#diskRefuses);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the size of the disk cannot be read');
    }
  }
}
