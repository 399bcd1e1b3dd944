/**
 * All replicas of a node: one log, one database, and for each shard a replica that is formatted, opened, led and dropped.
 *
 * The log forgets an entry only after the documents that reflect it were flushed; that happens when enough was appended or enough time
 * has passed since.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DocumentsDamagedError } from '@vectorcluster/engine/documents/documents-errors.ts';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import type { Log, LogCorruptionError } from '@vectorcluster/engine/log/log.ts';
import { openLog, type LogOptions } from '@vectorcluster/engine/log/node-log.ts';
import { createSegment, openSegment } from '@vectorcluster/engine/vectors/native-segment.ts';
import type { Logger } from '../logger.ts';
import type { CollectionReference, HostedReplica, ReplicaSurroundings, ShardHost } from '../membership/shard-host.ts';
import type { Mistake } from '../replica/mistake.ts';
import type { LocalReplica } from '../shard/local-replica.ts';
import { installTarget } from '../snapshot/install-snapshot.ts';
import { NoSnapshotError } from '../snapshot/snapshot-errors.ts';
import { openSnapshot, type SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { defaultPace } from '../scrubber/scrub-plan.ts';
import { Scrubber, type ScrubMetrics } from '../scrubber/scrubber.ts';
import { SegmentFolder } from '../shard/segment-files.ts';
import type { Caches } from './caches.ts';
import { DataDirectory, type Owner, type ReplicaIdentity } from './data-directory.ts';
import { DiskWatermark } from './disk-watermark.ts';
import { openDocuments } from './documents-repair.ts';
import { openKeptReplica } from './open-kept-replica.ts';
import { deleteReplica, deleteStrangers } from './replica-deletion.ts';
import { retentionOf } from './retained-log.ts';

export interface ReplicaHostOptions {
  readonly dataDirectory: string;
  readonly owner: Owner;
  readonly caches: Caches;
  readonly logger: Logger;
  readonly logMetrics?: LogOptions['metrics'];
  readonly onMessageRefused?: () => void;
  /** Told while it opens, for people: what is being done. */
  readonly onProgress?: (what: string) => void;
  /** A replica is barred because of a mistake in the program. */
  readonly onMistake?: (mistake: Mistake) => void;
  /** What is kept is checked in the background when this is given. */
  readonly scrubMetrics?: ScrubMetrics;
  /** 32 hexadecimal digits, random. */
  newReplicaId(): string;
  /** Durability can no longer be promised: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

const flushAfterBytes = 64 * 1024 * 1024;
const flushAfterMs = 30_000;

/** Throws DataDirectoryError, DocumentsOpenError or LogCorruptionError, each of which says what to do. */
export async function openReplicaHost(options: ReplicaHostOptions): Promise<ReplicaHost> {
  const directory = await DataDirectory.open(options.dataDirectory, options.owner);
  await using opened = new AsyncDisposableStack();
  const disk = await openFileDisk(directory.log);
  const metrics = options.logMetrics && { metrics: options.logMetrics };
  const { kept, dropping } = await directory.replicas();
  const replicas = Array.from(kept.values(), ({ replicaId }) => replicaId);
  const onDamage = (error: LogCorruptionError): void => host?.logDamaged(error);
  let host: ReplicaHost | undefined;
  options.onProgress?.('the log is being read');
  const log = opened.use(await openLog({ disk, formatted: [...replicas, ...dropping], onFatal: options.onFatal, onDamage, ...metrics }));
  const folder = directory.documentsFolder;
  const documents = opened.use(await openDocuments({ folder, replicas, logger: options.logger, onProgress: options.onProgress }));
  await folder.removeUnlessNeeded(replicas);
  try {
    for (const replicaId of dropping) {
      await deleteReplica({ log, documents, replicaId });
      await directory.removeDropped(replicaId);
    }
    await deleteStrangers({ directory, log, documents, kept: replicas });
  } catch (error) {
    if (error instanceof DocumentsDamagedError) await folder.markDamaged(error.message);
    throw error;
  }
  host = new ReplicaHost({ ...options, directory, log, documents, kept, parts: opened.move() });
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
  readonly #open = new Map<string, Promise<LocalReplica>>();
  readonly #serving = new Set<LocalReplica>();
  readonly #watermark: DiskWatermark;
  readonly #flushTimer: NodeJS.Timeout;
  readonly #closing = new AbortController();
  #scrubbing: Promise<void> | undefined;
  #appendedBytes = 0;
  #flushing: Promise<void> | undefined;

  constructor(options: HostParts) {
    this.#options = options;
    this.#identities = new Map(options.kept);
    this.#watermark = new DiskWatermark(options.dataDirectory, options.logger);
    this.#flushTimer = setInterval(() => this.#startFlush(1), flushAfterMs).unref();
    if (options.scrubMetrics) this.#scrubbing = this.#scrub(options.scrubMetrics);
  }

  /** Replicas of which the log has lost entries while it is open. */
  logDamaged({ message, replicas }: LogCorruptionError): void {
    for (const replicaId of replicas) this.#damaged(replicaId, message);
  }

  get shards(): readonly string[] {
    return [...this.#identities.keys()];
  }

  collectionOf(shard: string): CollectionReference | undefined {
    return this.#identities.get(shard)?.collection;
  }

  async open(shard: string, surroundings: ReplicaSurroundings): Promise<HostedReplica> {
    const identity = this.#identities.get(shard) ?? (await this.#format(shard, surroundings.collection));
    let opening = this.#open.get(shard);
    if (!opening) {
      opening = this.#load(shard, identity, surroundings);
      this.#open.set(shard, opening);
      opening.catch(() => this.#open.delete(shard));
    }
    return { replica: await opening, epochOnDisk: identity.epoch };
  }

  /** The applied state of a replica as it is now. Throws NoSnapshotError where it is not open here, or empty. */
  async openSnapshot(shard: string, replicaId: string): Promise<SnapshotReader> {
    const { documents, directory } = this.#options;
    const isOpen = this.#identities.get(shard)?.replicaId === replicaId && this.#open.has(shard);
    if (!isOpen) throw new NoSnapshotError(`replica ${replicaId} of shard ${shard} is not open here`);
    return await openSnapshot({ view: documents.snapshot(), replicaId, segmentsFolder: directory.segments(shard) });
  }

  async drop(shard: string): Promise<void> {
    const { directory, logger } = this.#options;
    const identity = this.#identities.get(shard);
    if (!identity) return;
    await this.#close(shard, { save: false });
    this.#identities.delete(shard);
    await directory.markDropped(shard, identity.replicaId);
    try {
      await deleteReplica({ ...this.#options, replicaId: identity.replicaId });
    } catch (error) {
      await this.#fail(error);
      throw error;
    }
    await directory.removeDropped(identity.replicaId);
    await directory.documentsFolder.removeUnlessNeeded(Array.from(this.#identities.values(), ({ replicaId }) => replicaId));
    logger.info({ shard, replicaId: identity.replicaId }, 'replica dropped');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#flushTimer);
    this.#closing.abort();
    await this.#scrubbing;
    this.#watermark[Symbol.dispose]();
    await this.#flushing;
    const reached = this.#reached();
    await Promise.all([...this.#open.keys()].map((shard) => this.#close(shard, { save: true })));
    try {
      await this.#flush(reached);
    } catch (error) {
      await this.#noteDamage(error);
      throw error;
    } finally {
      await this.#options.parts[Symbol.asyncDispose]();
    }
  }

  /** Log or documents can no longer keep their promise. Of damage the next process must know before it writes. */
  async #fail(reason: unknown): Promise<void> {
    await this.#noteDamage(reason).catch(() => {});
    this.#options.onFatal(reason);
  }

  async #noteDamage(reason: unknown): Promise<void> {
    if (reason instanceof DocumentsDamagedError) await this.#options.directory.documentsFolder.markDamaged(reason.message);
  }

  #damaged(replicaId: string, because: string): void {
    for (const replica of this.#serving) if (replica.replicaId === replicaId) replica.runner.feed({ kind: 'damage-found', because });
  }

  async #scrub(metrics: ScrubMetrics): Promise<void> {
    const { log, documents, directory, logger } = this.#options;
    const scrubber = new Scrubber({
      log,
      documents,
      replicas: () => [...this.#serving].filter(({ damage, runner }) => damage === undefined && !runner.isBeingReplaced),
      savedSegments: (shard) => directory.segments(shard),
      onDamage: (replicaId, because) => this.#damaged(replicaId, because),
      pace: defaultPace,
      metrics,
      logger,
      now: () => performance.now(),
      sleep: async (ms, signal) => await delay(ms, undefined, { signal, ref: false }),
      random: Math.random,
    });
    await scrubber.run(this.#closing.signal);
  }

  async #format(shard: string, collection: CollectionReference): Promise<ReplicaIdentity> {
    const identity = { replicaId: this.#options.newReplicaId(), epoch: 0n, collection };
    await this.#options.directory.saveReplica(shard, identity);
    this.#identities.set(shard, identity);
    return identity;
  }

  async #load(shard: string, { replicaId, epoch }: ReplicaIdentity, surroundings: ReplicaSurroundings): Promise<LocalReplica> {
    const { directory, documents, log, logger, caches } = this.#options;
    const target = await installTarget({ documents, log, replicaId, folder: directory.replica(shard) });
    const folder = new SegmentFolder(directory.segments(shard), openSegment, logger);
    const replica = await openKeptReplica({
      ...surroundings,
      shard,
      epoch,
      target,
      incoming: directory.incoming(shard),
      onEmptied: () => logger.warn({ shard, replicaId }, 'a snapshot was installed in part: the replica begins empty'),
      memory: caches.entries,
      cache: caches.points.open(),
      createSegment,
      segmentFiles: (vectorNumber) => folder.of(vectorNumber),
      refusal: () => this.#watermark.refusal,
      isFull: () => this.#watermark.isFull,
      onAppended: (bytes) => {
        this.#appendedBytes += bytes;
        this.#startFlush(flushAfterBytes);
      },
      onSnapshotFailure: ({ node, from }, error) => logger.warn({ shard, node, from, err: error }, 'snapshot not installed'),
      onRefused: ({ kind, from }, because) => {
        this.#options.onMessageRefused?.();
        logger.warn({ shard, kind, from, because }, 'message of another replica refused');
      },
      onMistake: (mistake) => {
        this.#options.onMistake?.(mistake);
        logger.error(
          { shard, replicaId, during: mistake.during, err: mistake.error },
          'replica barred because of a mistake in the program',
        );
      },
      saveEpoch: (adopted) => this.#saveEpoch(shard, adopted),
      now: () => performance.now(),
      onFatal: (error) => void this.#fail(error),
    });
    this.#serving.add(replica);
    return replica;
  }

  async #saveEpoch(shard: string, epoch: bigint): Promise<void> {
    const identity = this.#identities.get(shard);
    assert(identity, `shard ${shard} has no replica here`);
    const saved = { ...identity, epoch };
    await this.#options.directory.saveReplica(shard, saved);
    this.#identities.set(shard, saved);
  }

  async #close(shard: string, how: { readonly save: boolean }): Promise<void> {
    const replica = await this.#open.get(shard)?.catch(() => undefined);
    this.#open.delete(shard);
    if (!replica) return;
    this.#serving.delete(replica);
    await replica.close(how);
  }

  #startFlush(atLeastBytes: number): void {
    if (this.#appendedBytes < atLeastBytes) return;
    this.#flushing ??= this.#flush(this.#reached())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  #reached(): readonly (readonly [replica: LocalReplica, applied: bigint])[] {
    return Array.from(this.#serving, (replica) => [replica, replica.appliedSequence] as const);
  }

  /** `reached` was read before the flush begins, so that the flush covers it. */
  async #flush(reached: readonly (readonly [replica: LocalReplica, applied: bigint])[]): Promise<void> {
    const { documents, log } = this.#options;
    this.#appendedBytes = 0;
    await documents.flush();
    for (const [replica, applied] of reached)
      if (log.replicas.includes(replica.replicaId)) replica.release(log, applied, retentionOf(this.#serving));
  }
}
