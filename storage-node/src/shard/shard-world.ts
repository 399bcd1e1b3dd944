/** A replica on a disk and documents that crash, and the plain map it must agree with. For tests. */
import assert from 'node:assert/strict';
import { MemoryDocuments, MemoryDocumentStore } from '@vectorcluster/engine/documents/memory-documents.ts';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { MemoryDisk, type CrashOptions } from '@vectorcluster/engine/log/memory-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { createExactSegment } from '@vectorcluster/engine/vectors/exact-segment.ts';
import type { CollectionConfig } from '../model/collection.ts';
import { DocumentKeys } from './document-keys.ts';
import { noSnapshots } from '../../test/no-snapshots.ts';
import { EntryMemory } from '../replica/entry-memory.ts';
import type { LocalReplica } from './local-replica.ts';
import { openReplica } from './open-replica.ts';
import { PointCache } from './point-cache.ts';
import { noSegmentFiles } from './segment-files.ts';

export const replicaId = 'ab'.repeat(16);

/**
 * Documents whose unflushed writes a power cut takes, from some write on: RocksDB appends them to one log of its own, which is read up to
 * where it breaks.
 */
export class CrashingDocuments {
  readonly #store = new MemoryDocumentStore();
  #unflushed: MemoryDocumentStore['families'][] = [];
  #kept = this.#store.families;
  #gate: Promise<void> | undefined;

  /** Views answer only after `release` is called, with what they saw before. */
  holdViews(): { readonly release: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return {
      release: () => {
        this.#gate = undefined;
        resolve();
      },
    };
  }

  open(): Documents {
    const documents = new MemoryDocuments(this.#store);
    return {
      get: (family, keys) => documents.get(family, keys),
      iterate: (family, range) => documents.iterate(family, range),
      approximateBytes: (family, range) => documents.approximateBytes(family, range),
      snapshot: () => {
        const view = documents.snapshot();
        const get: typeof view.get = async (family, keys) => {
          const values = await view.get(family, keys);
          await this.#gate;
          return values;
        };
        return {
          get,
          iterate: (family, range) => view.iterate(family, range),
          pack: (family, range, packing) => view.pack(family, range, packing),
          approximateBytes: (family, range) => view.approximateBytes(family, range),
          [Symbol.asyncDispose]: () => view[Symbol.asyncDispose](),
        };
      },
      write: async (batch) => {
        await documents.write(batch);
        this.#unflushed.push(this.#store.families);
      },
      flush: async () => {
        await documents.flush();
        this.#kept = this.#store.families;
        this.#unflushed = [];
      },
      [Symbol.asyncDispose]: () => documents[Symbol.asyncDispose](),
    };
  }

  /** `share` of the unflushed writes survive, from 0 to 1. */
  crash(share: number): void {
    this.#store.families = [this.#kept, ...this.#unflushed][Math.floor(share * this.#unflushed.length)] ?? this.#kept;
    this.#kept = this.#store.families;
    this.#unflushed = [];
  }
}

export class ShardWorld {
  readonly #disk: MemoryDisk;
  readonly documents = new CrashingDocuments();
  readonly #random: () => number;
  readonly #config: CollectionConfig;
  #epoch = 0n;
  #log: Log | undefined;
  #open: Documents | undefined;
  #replica: LocalReplica | undefined;

  constructor(seed: number, config: CollectionConfig) {
    this.#random = seededRandom(seed);
    this.#disk = new MemoryDisk({ random: this.#random });
    this.#config = config;
  }

  get replica(): LocalReplica {
    assert(this.#replica, 'the world is not open');
    return this.#replica;
  }

  async open(): Promise<void> {
    const log = await openLog({ disk: this.#disk.mount(), segmentBytes: 512, onFatal: () => {} });
    const documents = this.documents.open();
    this.#log = log;
    this.#open = documents;
    this.#replica = await openReplica({
      shard: 'shard',
      replicaId,
      config: this.#config,
      log,
      documents,
      cache: new PointCache(16 * 1024).open(),
      createSegment: createExactSegment,
      segmentFiles: () => noSegmentFiles,
      refusal: () => undefined,
      installed: undefined,
      snapshots: noSnapshots,
      isFull: () => false,
      onSnapshotFailure: () => {},
      onAppended: () => {},
      onRefused: () => {},
      onFatal: () => {},
      onMistake: () => {},
      epoch: this.#epoch,
      memory: new EntryMemory(1024),
      network: { send: async () => false, lastEchoedAt: () => undefined },
      configuration: { read: async () => undefined, changeInSync: async () => ({ kind: 'unknown' }) },
      saveEpoch: async () => {},
      now: () => performance.now(),
    });
    await this.lead();
  }

  /** The operator names this replica, which is alone, in the next epoch. Resolves when it orders writes. */
  async lead(): Promise<void> {
    this.#epoch += 1n;
    const { replica } = this;
    replica.see({
      version: String(this.#epoch),
      epoch: this.#epoch,
      primary: replicaId,
      inSync: [replicaId],
      minInSync: 1,
      members: [{ replicaId, node: 'node', kind: 'Voter' }],
      handOverTo: undefined,
    });
    await replica.runner.changes.until(() => replica.servingEpoch === this.#epoch, AbortSignal.timeout(10_000));
  }

  /** Documents there are, of this replica. */
  async documentCounts(): Promise<{ readonly points: number; readonly vectors: number }> {
    assert(this.#open, 'the world is not open');
    const counts = { points: 0, vectors: 0 };
    for (const family of ['points', 'vectors'] as const) {
      for await (const _ of this.#open.iterate(family, new DocumentKeys(replicaId).all)) counts[family] += 1;
    }
    return counts;
  }

  /** What the host does from time to time: flush, then let the log forget. */
  async flush(): Promise<void> {
    const applied = this.replica.appliedSequence;
    await this.#open?.flush();
    if (applied > 0n) this.#log?.releaseUpTo(replicaId, applied);
  }

  async close(): Promise<void> {
    await this.replica[Symbol.asyncDispose]();
    await this.flush();
    await this.#log?.[Symbol.asyncDispose]();
    await this.#open?.[Symbol.asyncDispose]();
  }

  /** The power goes while writes may be under way; those end by themselves, refused. */
  crash(keep: CrashOptions['keep']): void {
    this.#disk.crash({ keep });
    this.documents.crash(this.#random());
  }
}
