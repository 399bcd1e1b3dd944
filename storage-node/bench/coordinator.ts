/**
 * What the coordinator itself costs a request: routing, choosing copies, retry and hedge machinery, merging. The copies answer at once
 * with nothing, here or as if they were elsewhere, so that nothing else is measured.
 *
 * `node storage-node/bench/coordinator.ts`
 */
import { coordinationOf } from '../test/coordination.ts';
import { Coordinator } from '../src/coordinator/coordinator.ts';
import { Hedging } from '../src/coordinator/hedging.ts';
import { NodeLoads } from '../src/coordinator/node-loads.ts';
import { lastHash } from '../src/coordinator/router.ts';
import { timeout } from '../src/coordinator/timeout.ts';
import type { ServedShard } from '../src/peer/served-shard.ts';
import { collectionConfigOf } from '../src/topology/collection-config.ts';
import type { CollectionRoute, ShardReplica, ShardRoute, Topology } from '../src/topology/topology.ts';

const position = { epoch: 1n, sequence: 1n };
const nothing: ServedShard = {
  write: async () => position,
  search: async () => ({ value: [], position }),
  retrieve: async () => ({ value: [], position }),
  scroll: async () => ({ value: [], position }),
  count: async () => ({ value: 0, position }),
  stats: async () => ({ points: 0, vectors: 0, indexedVectors: 0, segments: 0 }),
};

function routes(shards: number, copies: number): readonly ShardRoute[] {
  const nodes = ['own', 'n1', 'n2'];
  return Array.from({ length: shards }, (_, index) => {
    const replicas = Array.from({ length: copies }, (_each, copy): ShardReplica => {
      const node = nodes[(index + copy) % nodes.length] ?? '';
      const place = { replicaId: `${index} ${copy}`, node, zone: node, address: node, isLeaving: false };
      return { ...place, kind: 'Voter', inSync: true, isPrimary: copy === 0, isReader: false };
    }).toSorted((a, b) => (a.node < b.node ? -1 : 1));
    const primary = replicas.find(({ isPrimary }) => isPrimary);
    return {
      uid: `${index}`,
      name: `${index}`,
      first: firstHash(index, shards),
      last: firstHash(index + 1, shards) - 1n,
      epoch: 1n,
      primary,
      replicas,
    };
  });
}

function firstHash(index: number, shards: number): bigint {
  return (BigInt(index) * (lastHash + 1n)) / BigInt(shards);
}

const now = () => performance.now();

async function measure(shards: number, copies: number): Promise<void> {
  const spec = { clusterName: 'shop', collection: 'books', vectors: [{ name: '', size: 2, distance: 'Dot' as const }] };
  const names = { name: 'books', objectName: 'books', uid: 'books', generation: 1, age: '1' };
  const config = collectionConfigOf(spec);
  const books: CollectionRoute = { ...names, spec, config, shards: routes(shards, copies), complete: true, stalled: undefined };
  const topology: Topology = { collections: new Map([['books', books]]), aliases: new Map(), uids: new Set(), nodes: new Map() };
  const coordinator = new Coordinator(
    coordinationOf({
      topology: { current: () => topology, until: async () => topology },
      localShard: () => nothing,
      remoteShard: () => nothing,
      loads: new NodeLoads(now),
      hedging: new Hedging(),
      now,
      after: timeout,
      random: Math.random,
    }),
  );
  const { signal } = new AbortController();
  const nearest = { kind: 'vector', vector: Float32Array.of(1, 2) } as const;
  const search = { nearest, using: '', params: { exact: false }, limit: 10, offset: 0, withPayload: false, withVectors: false };
  const point = { id: 7n, vectors: new Map([['', Float32Array.of(1, 2)]]), payload: {} };
  const upsert = { kind: 'upsert', points: [point] } as const;
  const costs = {
    search: await microseconds(async () => await coordinator.query('books', search, { signal, requestId: 'r' })),
    write: await microseconds(async () => await coordinator.write('books', upsert, { signal, requestId: 'r', wait: true })),
  };
  for (const [what, cost] of Object.entries(costs)) {
    process.stdout.write(`${what}, ${shards} shards, ${copies} copies`.padEnd(32) + `${cost.toFixed(1)} us of CPU a request\n`);
  }
}

async function microseconds(request: () => Promise<unknown>): Promise<number> {
  const requests = 20_000;
  for (let warm = 0; warm < requests; warm += 1) await request();
  const began = process.cpuUsage();
  for (let each = 0; each < requests; each += 1) await request();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / requests;
}

for (const shards of [1, 6]) for (const copies of [1, 3]) await measure(shards, copies);
