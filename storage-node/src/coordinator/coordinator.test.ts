import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coordinationOf } from '../../test/coordination.ts';
import { MemoryDatabase } from '../../test/memory-database.ts';
import { MemoryShard } from '../../test/memory-shard.ts';
import { BadInputError, NotFoundError, NotPrimaryError, ShardUnavailableError } from '../errors.ts';
import type { Filter } from '../model/filter.ts';
import type { Point } from '../model/point.ts';
import type { PointId } from '../model/point-id.ts';
import { collectionConfigOf } from '../topology/collection-config.ts';
import type { CollectionRoute, ShardRoute, Topology } from '../topology/topology.ts';
import { Coordinator } from './coordinator.ts';
import type { Database, NewCollection, QueryRequest } from './database.ts';
import { lastHash } from './router.ts';
import { loadXxh64 } from './xxh64.ts';

const hash = await loadXxh64();
const context = { signal: new AbortController().signal, requestId: 'r' };
const settings = (distance: 'Dot' | 'Euclid'): NewCollection => ({ vectors: [{ name: '', size: 2, distance }] });

interface World {
  readonly coordinator: Coordinator;
  readonly shards: readonly MemoryShard[];
  readonly sleeps: number[];
}

/** One coordinator over shards that are each their own memory; half of them pretend to be remote. */
async function world(count: number, distance: 'Dot' | 'Euclid' = 'Dot'): Promise<World> {
  const shards = await Promise.all(Array.from({ length: count }, () => MemoryShard.create(settings(distance))));
  const spec = { clusterName: 'shop', collection: 'books', vectors: settings(distance).vectors };
  const routes = shards.map((_, index) => route(index, count));
  const books: CollectionRoute = {
    name: 'books',
    objectName: 'shop-books',
    uid: 'books',
    generation: 1,
    age: '1',
    spec,
    config: collectionConfigOf(spec),
    shards: routes,
    complete: true,
    stalled: undefined,
  };
  const topology: Topology = {
    collections: new Map([['books', books]]),
    aliases: new Map([['b', books]]),
    uids: new Set(['books']),
    nodes: new Map(),
  };
  const shardOf = (uid: string) => {
    const shard = shards[Number(uid)];
    if (shard === undefined) throw new ShardUnavailableError(uid);
    return shard;
  };
  const sleeps: number[] = [];
  const coordinator = new Coordinator(
    coordinationOf({
      node: 'node-0',
      topology: { current: () => topology, until: async () => topology },
      hash,
      localShard: shardOf,
      remoteShard: (uid) => shardOf(uid),
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        sleeps.push(ms);
      },
    }),
  );
  return { coordinator, shards, sleeps };
}

function route(index: number, count: number): ShardRoute {
  const start = (i: number) => (BigInt(i) * (lastHash + 1n)) / BigInt(count);
  const primary = { replicaId: `${index}`, node: `node-${index % 2}`, address: '127.0.0.1' };
  const only = { ...primary, zone: '', isLeaving: false, kind: 'Voter' as const, inSync: true, isPrimary: true, isReader: false };
  return {
    uid: `${index}`,
    name: `books-${index}`,
    first: start(index),
    last: start(index + 1) - 1n,
    epoch: 1n,
    primary,
    replicas: [only],
  };
}

const id: fc.Arbitrary<PointId> = fc.oneof(fc.bigInt(0n, 30n), fc.constantFrom(...['a', 'b', 'c'].map((digit) => uuid(digit))));
const number = fc.integer({ min: -4, max: 4 });
const point: fc.Arbitrary<Point> = fc.record({
  id,
  vectors: fc.tuple(number, number).map((pair) => new Map([['', Float32Array.from(pair)]])),
  payload: fc.record({ group: fc.integer({ min: 0, max: 2 }) }),
});
const ofGroup = (group: number): Filter => ({
  must: [{ kind: 'match-value', key: 'group', value: BigInt(group) }],
  mustNot: [],
  should: [],
});
const filter = fc.option(fc.integer({ min: 0, max: 2 }).map(ofGroup), { nil: undefined });
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('upsert' as const), points: fc.array(point, { maxLength: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      selection: fc.oneof(
        fc.record({ kind: fc.constant('ids' as const), ids: fc.array(id) }),
        fc.record({ kind: fc.constant('filter' as const), filter: fc.nat(2).map(ofGroup) }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('set-payload' as const),
      selection: fc.record({ kind: fc.constant('ids' as const), ids: fc.array(id) }),
      payload: fc.constant({ marked: true }),
    }),
  },
);

function uuid(digit: string): string {
  return `${digit.repeat(8)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(12)}`;
}

const query = (changes: Partial<QueryRequest>): QueryRequest => ({
  using: '',
  params: { exact: true },
  limit: 10,
  offset: 0,
  withPayload: true,
  withVectors: false,
  ...changes,
});

const withoutVersion = (points: readonly { readonly version: number }[]) => points.map((each) => ({ ...each, version: 0 }));

test('many shards answer as one database would', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { maxLength: 8 }),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom('Dot' as const, 'Euclid' as const),
      fc.record({ offset: fc.nat(5), limit: fc.integer({ min: 1, max: 40 }), filter, nearest: fc.tuple(number, number) }),
      async (operations, count, distance, { offset, limit, filter, nearest }) => {
        const { coordinator } = await world(count, distance);
        const oracle: Database = new MemoryDatabase();
        await oracle.createCollection('books', settings(distance), context);
        for (const each of operations) {
          await coordinator.write('b', each, { ...context, wait: true });
          await oracle.write('books', each, { ...context, wait: true });
        }
        const request = query({ offset, limit, filter, nearest: { kind: 'vector', vector: Float32Array.from(nearest) } });
        expect(withoutVersion(await coordinator.query('books', request, context))).toEqual(
          withoutVersion(await oracle.query('books', request, context)),
        );
        const scroll = { filter, limit, from: BigInt(offset), withPayload: true, withVectors: true };
        expect(await coordinator.scroll('books', scroll, context)).toEqual(await oracle.scroll('books', scroll, context));
        const retrieve = { ids: [3n, uuid('b'), 3n, 7n], withPayload: true, withVectors: false };
        expect(await coordinator.retrieve('books', retrieve, context)).toEqual(await oracle.retrieve('books', retrieve, context));
        expect(await coordinator.count('books', { filter }, context)).toBe(await oracle.count('books', { filter }, context));
      },
    ),
    { numRuns: 150 },
  );
});

describe('a point asked about by id', () => {
  test('is not in its own answer', async () => {
    const { coordinator } = await world(3);
    const points = [1n, 2n, 3n].map((id) => ({ id, payload: {}, vectors: new Map([['', Float32Array.of(Number(id), 1)]]) }));
    await coordinator.write('books', { kind: 'upsert', points }, { ...context, wait: true });
    const answer = await coordinator.query('books', query({ nearest: { kind: 'id', id: 3n } }), context);
    expect(answer.map(({ id, score }) => [id, score])).toEqual([
      [2n, 7],
      [1n, 4],
    ]);
  });

  test('must be there', async () => {
    const { coordinator } = await world(3);
    const asking = coordinator.query('books', query({ nearest: { kind: 'id', id: 9n } }), context);
    await expect(asking).rejects.toEqual(new NotFoundError('No point with id 9 found'));
  });
});

test.for([
  [{ using: 'title' }, new BadInputError('Not existing vector name error: title')],
  [{}, new BadInputError('Vector dimension error: expected dim: 2, got 3')],
] as const)('a query with %o says what is wrong', async ([changes, error]) => {
  const { coordinator } = await world(2);
  const nearest = { kind: 'vector' as const, vector: Float32Array.of(1, 2, 3) };
  await expect(coordinator.query('books', query({ nearest, ...changes }), context)).rejects.toEqual(error);
});

test('a collection that is not there', async () => {
  const { coordinator } = await world(1);
  await expect(coordinator.count('films', {}, context)).rejects.toEqual(new NotFoundError("Collection `films` doesn't exist!"));
  expect(() => coordinator.collectionConfig('films')).toThrow("Collection `films` doesn't exist!");
});

describe('a shard that cannot serve now', () => {
  test('is tried again with the same request id, later and later', async () => {
    const { coordinator, shards, sleeps } = await world(1);
    shards[0]?.refusals.push(new NotPrimaryError('0', 2n), new ShardUnavailableError('gone'), new ShardUnavailableError('gone'));
    const points = [{ id: 1n, payload: {}, vectors: new Map() }];
    const outcome = await coordinator.write('books', { kind: 'upsert', points }, { ...context, wait: false });
    expect(outcome).toEqual({ status: 'acknowledged', operationId: 1 });
    expect(new Set(shards[0]?.requestIds).size).toBe(1);
    expect(sleeps).toEqual([7.5, 15, 30]);
  });

  test('fails the whole request when its time is over: never a part of the answer', async () => {
    const { coordinator, shards } = await world(3);
    const leaving = new AbortController();
    shards[1]?.refusals.push(...Array.from({ length: 3 }, () => new ShardUnavailableError('gone')));
    const asking = coordinator.count('books', {}, { ...context, signal: leaving.signal });
    leaving.abort(new Error('time is over'));
    await expect(asking).rejects.toThrow('time is over');
  });

  test('is not tried again for what it will refuse again', async () => {
    const { coordinator, shards, sleeps } = await world(2);
    shards[0]?.refusals.push(new BadInputError('never'));
    await expect(coordinator.count('books', {}, context)).rejects.toThrow('never');
    expect(sleeps).toEqual([]);
  });
});

test('writes of one request each take effect once', async () => {
  const { coordinator, shards } = await world(1);
  const points = [{ id: 1n, payload: {}, vectors: new Map() }];
  await coordinator.write('books', { kind: 'upsert', points }, { ...context, wait: true });
  await coordinator.write('books', { kind: 'delete', selection: { kind: 'ids', ids: [1n] } }, { ...context, wait: true });
  expect(new Set(shards[0]?.requestIds).size).toBe(2);
  expect(await coordinator.count('books', {}, context)).toBe(0);
});
