/** A coordinator and three copies of one shard, here and on two other nodes, each of which behaves as a test says; by a clock of the test. */
import { NodeUnreachableError, ShardUnavailableError } from '../src/errors.ts';
import type { CollectionCall, ReadAnswered } from '../src/coordinator/coordination.ts';
import type { Consistency } from '../src/coordinator/consistency.ts';
import { Hedging } from '../src/coordinator/hedging.ts';
import { NodeLoads } from '../src/coordinator/node-loads.ts';
import { readEveryShard, writeShards } from '../src/coordinator/on-shard.ts';
import { lastHash } from '../src/coordinator/router.ts';
import type { Session } from '../src/coordinator/session.ts';
import { collectionConfigOf } from '../src/topology/collection-config.ts';
import type { CollectionRoute, ShardReplica, ShardRoute, Topology } from '../src/topology/topology.ts';
import { coordinationOf } from './coordination.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryShard } from './memory-shard.ts';

const vectors = [{ name: '', size: 2, distance: 'Dot' as const }];
const spec = { clusterName: 'shop', collection: 'books', vectors };
export const nodes = ['own', 'n1', 'n2'] as const;
type Node = (typeof nodes)[number];

/** How a node behaves; `silent` takes calls and never answers. */
type Manner = 'well' | 'silent' | 'gone' | 'refusing';

export class CopiesCluster {
  readonly clock = new ManualClock();
  readonly asked: Node[] = [];
  readonly cancelled: Node[] = [];
  readonly answered: ReadAnswered[] = [];
  readonly hedges: boolean[] = [];
  readonly sleeps: number[] = [];
  readonly manners = new Map<Node, Manner>();
  readonly loads = new NodeLoads(() => this.clock.now);
  readonly hedging = new Hedging();
  readonly shards: Readonly<Record<Node, MemoryShard>>;
  readonly #leaving = new Set<Node>();
  #primary: Node = 'own';
  #epoch = 1n;
  topology = this.#made();

  private constructor(shards: Readonly<Record<Node, MemoryShard>>) {
    this.shards = shards;
  }

  static async of(manners: Partial<Record<Node, Manner>> = {}): Promise<CopiesCluster> {
    const [own, n1, n2] = await Promise.all([
      MemoryShard.create({ vectors }),
      MemoryShard.create({ vectors }),
      MemoryShard.create({ vectors }),
    ]);
    const cluster = new CopiesCluster({ own, n1, n2 });
    for (const node of nodes) cluster.manners.set(node, manners[node] ?? 'well');
    return cluster;
  }

  /** Its Pod is being deleted. */
  leave(node: Node): void {
    this.#leaving.add(node);
    this.topology = this.#made();
  }

  promote(node: Node): void {
    this.#primary = node;
    this.#epoch += 1n;
    this.topology = this.#made();
  }

  call(
    consistency: Consistency = { kind: 'recent' },
    signal: AbortSignal = new AbortController().signal,
    session?: Session,
  ): CollectionCall {
    const coordination = coordinationOf({
      node: 'own',
      clock: this.clock,
      loads: this.loads,
      hedging: this.hedging,
      topology: { current: () => this.topology, until: async () => await new Promise(() => {}) },
      localShard: () => this.#serving('own', signal),
      remoteShard: (_, address, own) => this.#serving(nodes.find((node) => node === address) ?? 'own', own),
      sleep: async (ms) => {
        this.sleeps.push(ms);
        if (this.sleeps.length > 20) throw new Error('slept too often');
      },
      metrics: { readAnswered: (read) => this.answered.push(read), readHedged: ({ won }) => this.hedges.push(won) },
    });
    const collection = this.topology.collections.get('books');
    if (collection === undefined) throw new Error('there is one');
    return { coordination, collection, signal, consistency, session, draw: 0 };
  }

  async count(...parameters: Parameters<CopiesCluster['call']>): Promise<number> {
    const [count = -1] = await readEveryShard(this.call(...parameters), (replica, level, signal) => replica.count({}, level, signal));
    return count;
  }

  async write(): Promise<void> {
    const call = this.call();
    const jobs = call.collection.shards.map((shard) => [shard, 'request'] as const);
    await writeShards(call, jobs, (primary, requestId) => primary.write({ kind: 'upsert', points: [] }, requestId, 'applied'));
  }

  #serving(node: Node, signal: AbortSignal): MemoryShard {
    this.asked.push(node);
    switch (this.manners.get(node) ?? 'well') {
      case 'gone':
        throw new NodeUnreachableError(`${node} is gone`);
      case 'refusing':
        throw new ShardUnavailableError(`${node} refuses`);
      case 'silent':
        return new SilentShard(signal, () => this.cancelled.push(node));
      case 'well':
        return this.shards[node];
    }
  }

  #made(): Topology {
    const replicas = nodes.map((node): ShardReplica => {
      const place = { replicaId: `of ${node}`, node, zone: '', address: node, isLeaving: this.#leaving.has(node) };
      return { ...place, kind: 'Voter', inSync: true, isPrimary: node === this.#primary, isReader: false };
    });
    const { node, address, replicaId } = replicas.find(({ isPrimary }) => isPrimary) ?? { node: '', address: '', replicaId: '' };
    const primary = { node, address, replicaId };
    const shard: ShardRoute = { uid: 's', name: 's', first: 0n, last: lastHash, epoch: this.#epoch, primary, replicas };
    const names = { name: 'books', objectName: 'books', uid: 'books', generation: 1, age: '1' };
    const books: CollectionRoute = {
      ...names,
      spec,
      config: collectionConfigOf(spec),
      shards: [shard],
      complete: true,
      stalled: undefined,
    };
    return { collections: new Map([['books', books]]), aliases: new Map(), uids: new Set(), nodes: new Map() };
  }
}

/** Takes every call and answers none. */
class SilentShard extends MemoryShard {
  readonly #signal: AbortSignal;
  readonly #onCancelled: () => void;

  constructor(signal: AbortSignal, onCancelled: () => void) {
    super();
    this.#signal = signal;
    this.#onCancelled = onCancelled;
  }

  override async count(_request: unknown, _level: unknown, signal = this.#signal): Promise<never> {
    return await this.#never(signal);
  }

  override async write(): Promise<never> {
    return await this.#never(this.#signal);
  }

  async #never(signal: AbortSignal): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => {
      this.#onCancelled();
      reject(signal.reason);
    });
    return await promise;
  }
}
