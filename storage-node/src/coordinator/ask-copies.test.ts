import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../test/manual-clock.ts';
import { MemoryShard } from '../../test/memory-shard.ts';
import { BadInputError, NodeUnreachableError, NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import { collectionConfigOf } from '../topology/collection-config.ts';
import type { CollectionRoute, ShardReplica, ShardRoute, Topology } from '../topology/topology.ts';
import type { CollectionCall, ReadAnswered } from './coordination.ts';
import type { Consistency } from './consistency.ts';
import { Hedging } from './hedging.ts';
import { NodeLoads } from './node-loads.ts';
import { readEveryShard, writeShards } from './on-shard.ts';
import { lastHash } from './router.ts';
import { Session } from './session.ts';
import { coordinationOf } from '../../test/coordination.ts';

const vectors = [{ name: '', size: 2, distance: 'Dot' as const }];
const spec = { clusterName: 'shop', collection: 'books', vectors };
const nodes = ['own', 'n1', 'n2'] as const;
type Node = (typeof nodes)[number];

/** How a node behaves; `silent` takes calls and never answers. */
type Manner = 'well' | 'silent' | 'gone' | 'refusing';

class Cluster {
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
  #primary: Node = 'own';
  #epoch = 1n;
  topology = this.#made();

  private constructor(shards: Readonly<Record<Node, MemoryShard>>) {
    this.shards = shards;
  }

  static async of(manners: Partial<Record<Node, Manner>> = {}): Promise<Cluster> {
    const [own, n1, n2] = await Promise.all([
      MemoryShard.create({ vectors }),
      MemoryShard.create({ vectors }),
      MemoryShard.create({ vectors }),
    ]);
    const cluster = new Cluster({ own, n1, n2 });
    for (const node of nodes) cluster.manners.set(node, manners[node] ?? 'well');
    return cluster;
  }

  promote(node: Node): void {
    this.#primary = node;
    this.#epoch += 1n;
    this.topology = this.#made();
  }

  call(consistency: Consistency = { kind: 'recent' }, signal = new AbortController().signal, session?: Session): CollectionCall {
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

  async count(...parameters: Parameters<Cluster['call']>): Promise<number> {
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
      const place = { replicaId: `of ${node}`, node, zone: '', address: node, isLeaving: false };
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

describe('a read', () => {
  test('of a copy here asks nobody else', async () => {
    const cluster = await Cluster.of();
    expect(await cluster.count()).toBe(0);
    expect([cluster.asked, cluster.cancelled, cluster.hedges, cluster.clock.waiting]).toEqual([['own'], [], [], 0]);
    expect(cluster.answered).toEqual([{ level: 'recent', replica: 'primary' }]);
  });

  test.for([
    ['gone', 'gone'],
    ['refusing', 'gone'],
    ['refusing', 'refusing'],
  ] as const)('whose copies are %s and %s goes to the third at once', async ([own, n1]) => {
    const cluster = await Cluster.of({ own, n1 });
    expect(await cluster.count()).toBe(0);
    expect([cluster.asked, cluster.sleeps]).toEqual([['own', 'n1', 'n2'], []]);
    expect(cluster.answered).toEqual([{ level: 'recent', replica: 'in-sync' }]);
  });

  test('does not meet a node that was found gone again at once', async () => {
    const cluster = await Cluster.of({ own: 'gone', n1: 'gone' });
    await cluster.count();
    cluster.asked.length = 0;
    await cluster.count();
    expect(cluster.asked).toEqual(['n2']);
  });

  test('sleeps only when all were asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('gone', 'refusing'), { minLength: 3, maxLength: 3 }),
        fc.nat(3),
        async (manners, rounds) => {
          const [own = 'gone', n1 = 'gone', n2 = 'gone'] = manners;
          const cluster = await Cluster.of({ own, n1, n2 });
          const call = cluster.call();
          const { sleep } = call.coordination;
          const coordination = {
            ...call.coordination,
            sleep: async (ms: number, signal: AbortSignal) => {
              expect(cluster.asked.splice(0).toSorted()).toEqual([...nodes].toSorted());
              await sleep(ms, signal);
              if (cluster.sleeps.length > rounds) cluster.manners.set('n2', 'well');
            },
          };
          await readEveryShard({ ...call, coordination }, (replica, level, signal) => replica.count({}, level, signal));
          expect(cluster.sleeps).toHaveLength(rounds + 1);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is not sent to another copy for what each would refuse', async () => {
    const cluster = await Cluster.of();
    cluster.shards.own.refusals.push(new BadInputError('never'));
    await expect(cluster.count()).rejects.toThrow('never');
    expect(cluster.asked).toEqual(['own']);
  });

  test.for([['linearizable'], ['recent']] as const)('that is %s goes to the copies that may answer it', async ([kind]) => {
    const cluster = await Cluster.of({ own: 'gone' });
    cluster.promote('n2');
    await cluster.count({ kind });
    expect(cluster.asked).toEqual(kind === 'linearizable' ? ['n2'] : ['own', 'n1']);
  });
});

describe('a read of a copy that takes long', () => {
  test('is asked of one more after a while; the first to answer wins and the other is cancelled', async () => {
    const cluster = await Cluster.of({ own: 'silent' });
    const counted = cluster.count();
    await cluster.clock.advance(cluster.hedging.delayMs - 1);
    expect(cluster.asked).toEqual(['own']);
    await cluster.clock.advance(1);
    expect(await counted).toBe(0);
    expect([cluster.asked, cluster.cancelled, cluster.hedges]).toEqual([['own', 'n1'], ['own'], [true]]);
    expect(cluster.clock.waiting).toBe(0);
  });

  test('does without a hedge when those were many lately, but not when the node says nothing at all', async () => {
    const cluster = await Cluster.of({ own: 'silent' });
    for (let hedges = 0; hedges < 10; hedges += 1) cluster.hedging.take();
    const counted = cluster.count();
    await cluster.clock.advance(950);
    expect(cluster.asked).toEqual(['own']);
    await cluster.clock.advance(150);
    expect(await counted).toBe(0);
    expect([cluster.asked, cluster.hedges]).toEqual([['own', 'n1'], []]);
  });

  test('waits for a node that answers others: it is busy, and more work would not help', async () => {
    const cluster = await Cluster.of({ own: 'silent' });
    for (let hedges = 0; hedges < 10; hedges += 1) cluster.hedging.take();
    const leaving = new AbortController();
    const counted = cluster.count(undefined, leaving.signal);
    for (let second = 0; second < 30; second += 1) {
      await cluster.clock.advance(900);
      cluster.loads.began('own');
      cluster.loads.answered('own', 1);
    }
    expect(cluster.asked).toEqual(['own']);
    leaving.abort(new Error('time is over'));
    await expect(counted).rejects.toThrow('time is over');
  });

  test('reaches the third copy when the second says nothing either', async () => {
    const cluster = await Cluster.of({ own: 'silent', n1: 'silent' });
    const counted = cluster.count();
    await cluster.clock.advance(1_100);
    expect(await counted).toBe(0);
    expect(cluster.asked).toEqual(['own', 'n1', 'n2']);
  });

  test('gives each silent node its time, hedges or no hedges', async () => {
    const cluster = await Cluster.of({ own: 'silent', n1: 'silent' });
    for (let hedges = 0; hedges < 10; hedges += 1) cluster.hedging.take();
    const counted = cluster.count();
    const askedAfter = async (ms: number) => {
      await cluster.clock.advance(ms);
      return [...cluster.asked];
    };
    expect(await askedAfter(1_150)).toEqual(['own', 'n1']);
    expect(await askedAfter(800)).toEqual(['own', 'n1']);
    expect(await askedAfter(200)).toEqual(['own', 'n1', 'n2']);
    expect(await counted).toBe(0);
  });

  test('is asked elsewhere as soon as the hedge has failed and another copy is left', async () => {
    const cluster = await Cluster.of({ own: 'silent', n1: 'gone' });
    const counted = cluster.count();
    await cluster.clock.advance(1_100);
    expect(await counted).toBe(0);
    expect(cluster.asked).toEqual(['own', 'n1', 'n2']);
  });

  test('ends with its request', async () => {
    const cluster = await Cluster.of({ own: 'silent', n1: 'silent', n2: 'silent' });
    const leaving = new AbortController();
    const counted = cluster.count(undefined, leaving.signal);
    await cluster.clock.advance(5_000);
    leaving.abort(new Error('time is over'));
    await expect(counted).rejects.toThrow('time is over');
    expect([cluster.cancelled.toSorted(), cluster.clock.waiting]).toEqual([[...nodes].toSorted(), 0]);
  });
});

describe('what only the primary can do', () => {
  const doings: readonly (readonly [string, (cluster: Cluster) => Promise<unknown>])[] = [
    ['a write', async (cluster) => await cluster.write()],
    ['a linearizable read', async (cluster) => await cluster.count({ kind: 'linearizable' })],
  ];

  test.for(doings)('%s goes to the next one as soon as that is known, though the old one says nothing', async ([, doing]) => {
    const cluster = await Cluster.of({ n1: 'silent' });
    cluster.promote('n1');
    const done = doing(cluster);
    await cluster.clock.advance(3_000);
    expect(cluster.asked).toEqual(['n1']);
    cluster.promote('n2');
    await cluster.clock.advance(100);
    await done;
    expect([cluster.asked, cluster.cancelled, cluster.sleeps]).toEqual([['n1', 'n2'], ['n1'], []]);
  });

  test.for(doings)('%s is tried again where it was refused, under the same request id', async ([, doing]) => {
    const cluster = await Cluster.of();
    cluster.shards.own.refusals.push(new NotPrimaryError('s', 1n), new NotPrimaryError('s', 2n));
    await doing(cluster);
    expect(cluster.sleeps).toHaveLength(2);
    expect(new Set(cluster.shards.own.requestIds).size).toBeLessThanOrEqual(1);
  });
});

describe('a session', () => {
  test('learns what its writes and reads saw, and asks each shard for that', async () => {
    const cluster = await Cluster.of();
    const session = new Session();
    await cluster.count({ kind: 'session' }, undefined, session);
    expect([cluster.shards.own.readLevels.at(-1)?.kind, session.positions.size]).toEqual(['recent', 0]);
    await cluster.write();
    await cluster.count({ kind: 'recent' }, undefined, session);
    expect(session.positionIn('s')).toEqual({ epoch: 1n, sequence: 1n });
    await cluster.count({ kind: 'session' }, undefined, session);
    expect(cluster.shards.own.readLevels.at(-1)).toEqual({ kind: 'session', token: { epoch: 1n, sequence: 1n } } satisfies ReadLevel);
  });
});
