/** Copies of one shard in one process: real replicas, logs and documents in memory, a network that can be cut, and the object they agree by. */
import assert from 'node:assert/strict';
import { MemoryDocuments, MemoryDocumentStore } from '@vectorcluster/engine/documents/memory-documents.ts';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { MemoryDisk } from '@vectorcluster/engine/log/memory-disk.ts';
import { openLog } from '@vectorcluster/engine/log/node-log.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { createExactSegment } from '@vectorcluster/engine/vectors/exact-segment.ts';
import type { CollectionConfig } from '../src/model/collection.ts';
import { EntryMemory } from '../src/replica/entry-memory.ts';
import type { ConfigurationStore, ReplicaNetwork } from '../src/replica/ports.ts';
import type { Mistake } from '../src/replica/mistake.ts';
import { step, type ReplicaStep } from '../src/replication/step.ts';
import type { Configuration } from '../src/replication/configuration.ts';
import type { LocalReplica } from '../src/shard/local-replica.ts';
import { openReplica } from '../src/shard/open-replica.ts';
import { noSnapshots } from './no-snapshots.ts';
import { PointCache } from '../src/shard/point-cache.ts';
import { noSegmentFiles } from '../src/shard/segment-files.ts';

interface Member {
  readonly node: string;
  readonly replicaId: string;
  readonly disk: MemoryDisk;
  readonly documents: MemoryDocumentStore;
  epoch: bigint;
  replica: LocalReplica | undefined;
  close: (() => Promise<void>) | undefined;
  open: Documents | undefined;
  readonly mistakes: Mistake[];
}

export class ReplicaGroup {
  readonly #config: CollectionConfig;
  readonly #members = new Map<string, Member>();
  readonly #cut = new Set<string>();
  #object: Configuration;
  /** What a read finds that is answered later than it was served. */
  readsFind: Configuration | undefined;

  constructor(nodes: readonly string[], config: CollectionConfig) {
    this.#config = config;
    for (const [index, node] of nodes.entries()) {
      const replicaId = String(index + 1).repeat(32);
      const disk = new MemoryDisk({ random: seededRandom(index) });
      this.#members.set(node, {
        node,
        replicaId,
        disk,
        documents: new MemoryDocumentStore(),
        epoch: 0n,
        replica: undefined,
        close: undefined,
        open: undefined,
        mistakes: [],
      });
    }
    this.#object = {
      version: '1',
      epoch: 0n,
      primary: undefined,
      inSync: [],
      minInSync: 1,
      members: Array.from(this.#members.values(), ({ node, replicaId }) => ({ replicaId, node, kind: 'Voter' })),
      handOverTo: undefined,
    };
  }

  /** The protocol on a node, for tests that break it. */
  step: (node: string) => ReplicaStep = () => step;

  documents(node: string): Documents {
    const { open } = this.#member(node);
    assert(open, `${node} is not running`);
    return open;
  }

  mistakes(node: string): readonly Mistake[] {
    return this.#member(node).mistakes;
  }

  get object(): Configuration {
    return this.#object;
  }

  id(node: string): string {
    return this.#member(node).replicaId;
  }

  replica(node: string): LocalReplica {
    const { replica } = this.#member(node);
    assert(replica, `${node} is not running`);
    return replica;
  }

  async start(node: string): Promise<void> {
    const member = this.#member(node);
    const log = await openLog({ disk: member.disk.mount(), segmentBytes: 4096, onFatal: () => {} });
    const documents = new MemoryDocuments(member.documents);
    member.open = documents;
    const network: ReplicaNetwork = {
      send: async (to, message) => {
        await Promise.resolve();
        if (this.isCut(node, to)) return false;
        void this.#members.get(to)?.replica?.receive(node, message);
        return true;
      },
      lastEchoedAt: (to) => (this.isCut(node, to) ? undefined : performance.now()),
    };
    const configuration: ConfigurationStore = {
      read: async () => this.readsFind ?? this.#object,
      changeInSync: async ({ expected, inSync }) => {
        if (this.#object.version !== expected) return { kind: 'conflict' };
        return { kind: 'done', configuration: this.change({ inSync }) };
      },
    };
    member.replica = await openReplica({
      shard: 'shard',
      replicaId: member.replicaId,
      config: this.#config,
      epoch: member.epoch,
      log,
      documents,
      cache: new PointCache(1024 * 1024).open(),
      createSegment: createExactSegment,
      segmentFiles: () => noSegmentFiles,
      refusal: () => undefined,
      installed: undefined,
      snapshots: noSnapshots,
      isFull: () => false,
      onSnapshotFailure: () => {},
      memory: new EntryMemory(4096),
      network,
      configuration,
      saveEpoch: async (epoch) => {
        member.epoch = epoch;
      },
      onAppended: () => {},
      onRefused: ({ kind }, because) => {
        throw new Error(`${kind} refused: ${because}`);
      },
      onFatal: (error) => {
        throw error;
      },
      onMistake: (mistake) => member.mistakes.push(mistake),
      step: (replica, event) => this.step(node)(replica, event),
      now: () => performance.now(),
    });
    member.close = async () => {
      await member.replica?.close({ save: true });
      member.replica = undefined;
      await log[Symbol.asyncDispose]();
    };
    member.replica.see(this.#object);
    for (const other of this.#members.values()) if (other !== member && !this.isCut(node, other.node)) this.#connect(node, other.node);
  }

  async stop(node: string): Promise<void> {
    await this.#member(node).close?.();
    this.#member(node).close = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#members.keys()) await this.stop(node);
  }

  isCut(a: string, b: string): boolean {
    return this.#cut.has(pair(a, b)) || this.#members.get(a)?.replica === undefined || this.#members.get(b)?.replica === undefined;
  }

  cut(a: string, b: string): void {
    this.#cut.add(pair(a, b));
  }

  heal(a: string, b: string): void {
    this.#cut.delete(pair(a, b));
    this.#connect(a, b);
  }

  /** As the API server: a new version, which every watch shows. */
  change(changed: Partial<Configuration>): Configuration {
    this.#object = { ...this.#object, ...changed, version: String(Number(this.#object.version) + 1) };
    const object = this.#object;
    queueMicrotask(() => {
      for (const { replica } of this.#members.values()) replica?.see(object);
    });
    return object;
  }

  /** As the operator: the next epoch. */
  appoint(node: string, inSync: readonly string[]): void {
    this.change({ epoch: this.#object.epoch + 1n, primary: this.id(node), inSync: inSync.map((each) => this.id(each)) });
  }

  tick(node: string): void {
    this.replica(node).runner.tick((other) => this.isCut(node, other), 0);
  }

  #connect(a: string, b: string): void {
    this.#members.get(a)?.replica?.runner.connected(b);
    this.#members.get(b)?.replica?.runner.connected(a);
  }

  #member(node: string): Member {
    const member = this.#members.get(node);
    assert(member, `no node ${node}`);
    return member;
  }
}

const pair = (a: string, b: string): string => [a, b].toSorted().join();
