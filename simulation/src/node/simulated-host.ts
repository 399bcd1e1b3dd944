/**
 * The replicas of one process on a volume of the simulation: does what replica-host/ does on a real disk. Replicas, log, state and the
 * installation of snapshots are the real ones.
 */
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { Log, LogCorruptionError } from '@vectorcluster/engine/log/log.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { createExactSegment } from '@vectorcluster/engine/vectors/exact-segment.ts';
import type {
  CollectionReference,
  HostedReplica,
  ReplicaSurroundings,
  ShardHost,
} from '@vectorcluster/storage-node/membership/shard-host.ts';
import { EntryMemory } from '@vectorcluster/storage-node/replica/entry-memory.ts';
import type { RetentionLimits } from '@vectorcluster/storage-node/replica/retention.ts';
import { openKeptReplica } from '@vectorcluster/storage-node/replica-host/open-kept-replica.ts';
import { deleteReplica } from '@vectorcluster/storage-node/replica-host/replica-deletion.ts';
import type { LocalReplica } from '@vectorcluster/storage-node/shard/local-replica.ts';
import { PointCache } from '@vectorcluster/storage-node/shard/point-cache.ts';
import { noSegmentFiles } from '@vectorcluster/storage-node/shard/segment-files.ts';
import { installedPosition, type InstallTarget } from '@vectorcluster/storage-node/snapshot/install-snapshot.ts';
import { NoSnapshotError } from '@vectorcluster/storage-node/snapshot/snapshot-errors.ts';
import { openSnapshot, type SnapshotReader } from '@vectorcluster/storage-node/snapshot/snapshot-reader.ts';
import type { MountedVolume, StoredReplica } from '../disk/volume.ts';
import type { Mutation } from '../mutation.ts';
import type { Process } from '../time/process.ts';
import { sha256AtOnce } from './sha256-at-once.ts';
import { witnessed, type LogWitness } from './witnessed-log.ts';

export interface HostOptions {
  readonly process: Process;
  readonly volume: MountedVolume;
  readonly witness: LogWitness;
  readonly newReplicaId: (shard: string) => string;
  readonly onDrop: (shard: string, replicaId: string) => void;
  readonly onSnapshotFailure: (what: string) => void;
  readonly onScrubbed: () => void;
  readonly onFatal: (error: unknown) => void;
  readonly onRefused: (what: string) => void;
  readonly isFull: () => boolean;
  readonly mutation: Mutation;
  readonly flushEveryMs: number;
  readonly retention: RetentionLimits;
  readonly segmentBytes: number;
}

export class SimulatedHost implements ShardHost {
  readonly #options: HostOptions;
  readonly #log: Log;
  readonly #kept: Map<string, StoredReplica>;
  readonly #open = new Map<string, Promise<LocalReplica>>();
  readonly #serving = new Set<LocalReplica>();
  readonly #cache = new PointCache(1024 * 1024);
  readonly #memory = new EntryMemory(16 * 1024);

  static async open(options: HostOptions): Promise<SimulatedHost> {
    const { volume, witness, segmentBytes, onFatal } = options;
    let host: SimulatedHost | undefined;
    const formatted = [...Array.from(volume.replicas.values(), ({ replicaId }) => replicaId), ...volume.dropping];
    const log = await openLog({
      disk: volume.log,
      formatted,
      segmentBytes,
      checkpointBytes: 4 * segmentBytes,
      copyForwardBytes: 8 * segmentBytes,
      onFatal,
      onDamage: (error) => host?.logDamaged(error),
      salt: () => Buffer.alloc(8, 7),
      now: options.process.now,
    });
    host = new SimulatedHost(options, witnessed(log, witness));
    for (const replicaId of volume.dropping) {
      await deleteReplica({ log, documents: volume.documents, replicaId });
      await volume.removeDropped(replicaId);
    }
    for (const replicaId of log.replicas) {
      const isKnown = formatted.includes(replicaId) || log.damaged.has(replicaId);
      if (!isKnown) throw new Error(`the log holds replica ${replicaId}, of which nothing else is there`);
    }
    for (const [shard, { replicaId }] of volume.replicas) {
      const installed = await installedPosition(volume.folder(shard, 'replica'));
      witness.found(replicaId, log, installed?.sequence ?? 0n);
    }
    host.#flushLater();
    return host;
  }

  private constructor(options: HostOptions, log: Log) {
    this.#options = options;
    this.#log = log;
    this.#kept = new Map(options.volume.replicas);
  }

  get shards(): readonly string[] {
    return [...this.#kept.keys()];
  }

  get documents(): Documents {
    return this.#options.volume.documents;
  }

  logDamaged({ message, replicas }: LogCorruptionError): void {
    for (const replica of this.#serving) {
      if (replicas.includes(replica.replicaId)) replica.runner.feed({ kind: 'damage-found', because: message });
    }
  }

  collectionOf(shard: string): CollectionReference | undefined {
    return this.#kept.get(shard)?.collection;
  }

  async open(shard: string, surroundings: ReplicaSurroundings): Promise<HostedReplica> {
    const stored = this.#kept.get(shard) ?? (await this.#format(shard, surroundings.collection));
    let opening = this.#open.get(shard);
    if (!opening) {
      opening = this.#load(shard, stored, surroundings);
      this.#open.set(shard, opening);
      opening.catch(() => this.#open.delete(shard));
    }
    return { replica: await opening, epochOnDisk: stored.epoch };
  }

  async openSnapshot(shard: string, replicaId: string): Promise<SnapshotReader> {
    if (this.#kept.get(shard)?.replicaId !== replicaId || !this.#open.has(shard)) {
      throw new NoSnapshotError(`replica ${replicaId} of shard ${shard} is not open here`);
    }
    return await openSnapshot({ view: this.documents.snapshot(), replicaId, partBytes: 2048, sha256: sha256AtOnce });
  }

  async drop(shard: string): Promise<void> {
    const { volume, onDrop } = this.#options;
    const stored = this.#kept.get(shard);
    if (!stored) return;
    onDrop(shard, stored.replicaId);
    const replica = await this.#open.get(shard)?.catch(() => undefined);
    this.#open.delete(shard);
    if (replica) this.#serving.delete(replica);
    await replica?.close({ save: false });
    this.#kept.delete(shard);
    await volume.markDropped(shard, stored.replicaId);
    await deleteReplica({ log: this.#log, documents: volume.documents, replicaId: stored.replicaId });
    await volume.removeDropped(stored.replicaId);
  }

  async #format(shard: string, collection: CollectionReference): Promise<StoredReplica> {
    const stored = { replicaId: this.#options.newReplicaId(shard), epoch: 0n, collection };
    await this.#options.volume.saveReplica(shard, stored);
    this.#kept.set(shard, stored);
    return stored;
  }

  async #load(shard: string, { replicaId, epoch, collection }: StoredReplica, surroundings: ReplicaSurroundings): Promise<LocalReplica> {
    const { volume, process, witness, mutation, isFull, onFatal, onRefused, onSnapshotFailure } = this.#options;
    const log = this.#log;
    const { documents } = volume;
    const target: InstallTarget = {
      documents,
      log,
      replicaId,
      folder: volume.folder(shard, 'replica'),
      segments: volume.folder(shard, 'segments'),
    };
    const replica = await openKeptReplica({
      ...surroundings,
      shard,
      epoch,
      target,
      incoming: shard,
      onEmptied: () => witness.forget(replicaId),
      onInstalled: (position) => witness.installed(replicaId, position),
      memory: this.#memory,
      cache: this.#cache.open(),
      createSegment: createExactSegment,
      segmentFiles: () => noSegmentFiles,
      refusal: () => (isFull() ? 'the disk is full' : undefined),
      onAppended: () => {},
      isFull: () => false,
      onSnapshotFailure: ({ node, from }, error) =>
        onSnapshotFailure(
          `the snapshot of ${from} on ${node} was not installed: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
        ),
      onRefused: ({ kind, from }, because) => onRefused(`${kind} of ${from}: ${because}`),
      saveEpoch: async (adopted) => {
        const saved = { replicaId, epoch: adopted, collection };
        if (mutation.forgetsEpochs !== true) await volume.saveReplica(shard, saved);
        this.#kept.set(shard, saved);
      },
      now: process.now,
      after: process.after,
      step: mutation.step,
      onFatal,
      onMistake: ({ error }) => onFatal(error),
    });
    this.#serving.add(replica);
    return replica;
  }

  #flushLater(): void {
    const { process, flushEveryMs } = this.#options;
    process.after(flushEveryMs, () => void this.#flush());
  }

  async #flush(): Promise<void> {
    const reached = Array.from(this.#serving, (replica) => [replica, replica.appliedSequence] as const);
    await this.documents.flush();
    for (const [replica, applied] of reached) {
      if (this.#log.replicas.includes(replica.replicaId)) replica.release(this.#log, applied, this.#options.retention);
    }
    await this.#scrub();
    this.#flushLater();
  }

  /** Looks at all of the log, as the scrubber does bit by bit. */
  async #scrub(): Promise<void> {
    for (const { name } of this.#log.files) {
      for (let at: number | undefined = 0; at !== undefined;) at = (await this.#log.check(name, at))?.next;
    }
    this.#options.onScrubbed();
  }
}
