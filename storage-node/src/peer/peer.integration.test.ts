import { once } from 'node:events';
import { constants, createServer } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  BadInputError,
  HistoryLostError,
  InsufficientStorageError,
  NodeUnreachableError,
  NotPrimaryError,
  NotSupportedError,
  OverloadedError,
  ShardUnavailableError,
} from '../errors.ts';
import type { Filter } from '../model/filter.ts';
import { stringifyObject } from '../json/lossless-json.ts';
import { JsonFloat } from '../model/json-value.ts';
import type { Point, PointRecord, ScoredPoint } from '../model/point.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import { UnknownShardError } from './encoding/refusal.ts';
import { PeerConnections } from './peer-connections.ts';
import { startPeerServer, type PeerServer } from './peer-server.ts';
import type { ServedShard } from './served-shard.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import type { WriteLevel } from '../shard/shard.ts';

const level: ReadLevel = { kind: 'eventual' };
const position = { epoch: 3n, sequence: 2n ** 60n };

const identity = { namespace: 'default', cluster: 'shop' };
const uuid = '00112233-4455-6677-8899-aabbccddeeff';
const payload = { n: 1, f: new JsonFloat(1), big: 18446744073709551615n, text: 'ä', list: [null, true, { deep: -0.5 }] };
const filter: Filter = {
  must: [{ kind: 'has-id', ids: [7n, uuid] }],
  mustNot: [{ kind: 'range', key: 'price', range: { gte: 1.5 } }],
  should: [{ kind: 'match-any', key: 'tag', values: ['a', 9223372036854775807n, true] }],
};
const point: Point = {
  id: 18446744073709551615n,
  payload,
  vectors: new Map([
    ['', Float32Array.of(0.1, -2, 3)],
    ['title', Float32Array.of(1)],
  ]),
};

/** Remembers what arrived and answers what the test put there. */
class RecordingShard implements ServedShard {
  readonly arrived: unknown[] = [];
  records: readonly PointRecord[] = [];
  hits: readonly ScoredPoint[] = [];
  failure: Error | undefined;
  /** Searches answer after this. */
  held: Promise<void> | undefined;
  readonly #asked = Promise.withResolvers<void>();

  get untilAsked(): Promise<void> {
    return this.#asked.promise;
  }

  async write(operation: WriteOperation, requestId: string, level: WriteLevel) {
    this.#arrive(operation, requestId, level);
    return position;
  }
  async search(request: unknown, level: ReadLevel) {
    this.#arrive(request, level);
    this.#asked.resolve();
    await this.held;
    return { value: this.hits, position };
  }
  async retrieve(request: unknown, level: ReadLevel) {
    this.#arrive(request, level);
    return { value: this.records, position };
  }
  async scroll(request: unknown, level: ReadLevel) {
    this.#arrive(request, level);
    return { value: this.records, position };
  }
  async count(request: unknown, level: ReadLevel) {
    this.#arrive(request, level);
    return { value: 42, position };
  }
  async stats() {
    return { points: 1, vectors: 2, indexedVectors: 3, segments: 4 };
  }
  #arrive(...what: readonly unknown[]) {
    if (this.failure !== undefined) throw this.failure;
    this.arrived.push(...what);
  }
}

const recording = new RecordingShard();
const bugs: unknown[] = [];
let server: PeerServer;
let connections: PeerConnections;

beforeAll(async () => {
  server = await startPeerServer({
    host: '127.0.0.1',
    port: 0,
    identity,
    shard: (uid) => {
      if (uid !== 'here') throw new UnknownShardError(uid);
      return recording;
    },
    observe: async (observation, signal) => {
      if (observation.collectionUid === 'seen') return;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));
    },
    drainTimeoutMs: 50,
    onBug: (error) => bugs.push(error),
  });
  connections = new PeerConnections({ identity, port: server.port, onCall: () => {} });
});

afterAll(async () => {
  connections[Symbol.dispose]();
  await server.close();
});

const search = {
  vectorName: '',
  vector: Float32Array.of(1),
  params: { exact: false },
  limit: 1,
  withPayload: false,
  withVectors: false,
};

function remote(shard = 'here', signal = new AbortController().signal) {
  recording.arrived.length = 0;
  recording.failure = undefined;
  return connections.shard(shard, '127.0.0.1', signal);
}

describe('what a caller sends arrives unchanged', () => {
  test.for([
    { kind: 'upsert', points: [point, { id: uuid, payload: {}, vectors: new Map() }] },
    { kind: 'delete', selection: { kind: 'ids', ids: [0n, uuid] } },
    { kind: 'delete', selection: { kind: 'filter', filter } },
    { kind: 'set-payload', selection: { kind: 'ids', ids: [1n] }, payload },
  ] satisfies WriteOperation[])('$kind', async (operation) => {
    expect(await remote().write(operation, 'request-1', 'applied')).toEqual(position);
    expect(recording.arrived).toEqual([operation, 'request-1', 'applied']);
  });

  test('search', async () => {
    recording.hits = [
      { id: 5n, score: 0.25, version: 2 ** 50, payload, vectors: point.vectors },
      { id: uuid, score: -1, version: 0, payload: {}, vectors: new Map() },
    ];
    const request = {
      vectorName: 'title',
      vector: Float32Array.of(1, 2),
      filter,
      params: { hnswEf: 64, exact: true },
      scoreThreshold: 0.1,
      limit: 30,
      withPayload: { include: ['a.b', 'c'] },
      withVectors: ['title'],
    };
    const found = (await remote().search(request, level)).value;
    expect(found).toMatchObject(recording.hits);
    expect(found.map(({ payloadJson }) => payloadJson && Buffer.from(payloadJson).toString())).toEqual([stringifyObject(payload), '{}']);
    expect(recording.arrived).toEqual([request, level]);
  });

  test('search without payloads and vectors, and one that finds nothing', async () => {
    const request = {
      vectorName: '',
      vector: Float32Array.of(1),
      params: { exact: false },
      limit: 1,
      withPayload: false,
      withVectors: false,
    };
    recording.hits = [{ id: uuid, score: 1, version: 1 }];
    expect((await remote().search(request, level)).value).toEqual(recording.hits);
    recording.hits = [];
    expect((await remote().search(request, level)).value).toEqual([]);
  });

  test('scroll and retrieve', async () => {
    recording.records = [
      { id: 5n, payload: {} },
      { id: uuid, vectors: new Map() },
    ];
    const scroll = { filter, from: uuid, limit: 11, withPayload: { exclude: ['x'] }, withVectors: true };
    const retrieve = { ids: [1n, uuid], withPayload: true, withVectors: false };
    const shard = remote();
    expect((await shard.scroll(scroll, level)).value).toEqual(recording.records);
    expect((await shard.retrieve(retrieve, level)).value).toEqual(recording.records);
    expect(recording.arrived).toEqual([scroll, level, retrieve, level]);
  });

  test.for([
    { kind: 'eventual' },
    { kind: 'recent', silenceMs: 2_000 },
    { kind: 'bounded', staleMs: 0.5 },
    { kind: 'session', token: { epoch: 2n ** 63n, sequence: 2n ** 64n - 1n } },
    { kind: 'linearizable' },
  ] satisfies ReadLevel[])('$kind, there and back with a position', async (level) => {
    expect(await remote().count({}, level)).toEqual({ value: 42, position });
    expect(recording.arrived).toEqual([{ filter: undefined }, level]);
  });

  test('count and stats', async () => {
    const shard = remote();
    expect((await shard.count({ filter }, level)).value).toBe(42);
    expect(recording.arrived).toEqual([{ filter }, level]);
    expect(await shard.stats()).toEqual({ points: 1, vectors: 2, indexedVectors: 3, segments: 4 });
  });
});

test.for([
  new NotPrimaryError('here', 7n),
  new BadInputError('wrong'),
  new HistoryLostError('entry 7 of epoch 2 is not in this history'),
  new NotSupportedError('sparse'),
  new OverloadedError('full', 3),
  new InsufficientStorageError('disk'),
  new ShardUnavailableError('opening'),
])('$name reaches the caller as itself', async (failure) => {
  const shard = remote();
  recording.failure = failure;
  await expect(shard.count({}, level)).rejects.toBeInstanceOf(failure.constructor);
  // Vitest compares the message and the data of errors.
  await expect(shard.count({}, level)).rejects.toEqual(failure);
});

test('searches of one request in shards of one node go in one call, and each has its own outcome', async () => {
  const calls: string[] = [];
  using counted = new PeerConnections({ identity, port: server.port, onCall: ({ method }) => calls.push(method) });
  recording.hits = [{ id: 1n, score: 1, version: 1 }];
  recording.arrived.length = 0;
  recording.failure = undefined;
  const request = {
    vectorName: '',
    vector: Float32Array.of(1),
    params: { exact: false },
    limit: 1,
    withPayload: false,
    withVectors: false,
  };
  const search = async (shard: string, searched = request) =>
    (await counted.shard(shard, '127.0.0.1', new AbortController().signal).search(searched, level)).value;
  const [first, second, third] = await Promise.allSettled([search('here'), search('elsewhere'), search('here')]);
  expect(first).toEqual({ status: 'fulfilled', value: recording.hits });
  expect(second).toMatchObject({ status: 'rejected', reason: expect.any(ShardUnavailableError) });
  expect(third).toEqual(first);
  expect(calls).toEqual(['Search']);
  await search('here');
  await Promise.all([search('here'), search('here', { ...request, limit: 2 })]);
  expect(calls).toEqual(['Search', 'Search', 'Search', 'Search']);
  expect(recording.arrived).toMatchObject([1, 1, 1, 1, 2].flatMap((limit) => [{ limit }, level]));
});

const session = (sequence: bigint): ReadLevel => ({ kind: 'session', token: { epoch: 1n, sequence } });

test('each shard of a search in one call has its own level, and a position with its hits', async () => {
  const shard = remote();
  const other = connections.shard('here', '127.0.0.1', new AbortController().signal);
  const found = await Promise.all([shard.search(search, session(5n)), other.search(search, session(6n))]);
  expect(found.map((answer) => answer.position)).toEqual([position, position]);
  expect(recording.arrived.filter((_, index) => index % 2 === 1)).toEqual([session(5n), session(6n)]);
});

test('a search is cancelled when nobody waits for any of its shards any more', async () => {
  const calls: boolean[] = [];
  using counted = new PeerConnections({ identity, port: server.port, onCall: ({ ok }) => calls.push(ok) });
  const held = Promise.withResolvers<void>();
  remote();
  recording.held = held.promise;
  const leaving = [new AbortController(), new AbortController()];
  const request = { ...search };
  const searches = leaving.map(async ({ signal }) => await counted.shard('here', '127.0.0.1', signal).search(request, level, signal));
  const outcomes = Promise.allSettled(searches);
  await recording.untilAsked;
  leaving[0]?.abort(new Error('one left'));
  await expect(searches[0]).rejects.toThrow('one left');
  expect(calls).toEqual([]);
  leaving[1]?.abort(new Error('all left'));
  await expect(searches[1]).rejects.toThrow('all left');
  await outcomes;
  recording.held = undefined;
  held.resolve();
  await vi.waitFor(() => expect(calls).toEqual([false]));
});

test('a shard that is not here can be asked for again', async () => {
  await expect(remote('elsewhere').count({}, level)).rejects.toBeInstanceOf(ShardUnavailableError);
});

test('a bug is logged here and tells the caller nothing', async () => {
  const shard = remote();
  recording.failure = new RangeError('secret');
  await expect(shard.count({}, level)).rejects.toThrow('internal error');
  expect(bugs.splice(0)).toEqual([recording.failure]);
});

test('a call for another cluster is refused', async () => {
  using strangers = new PeerConnections({ identity: { ...identity, cluster: 'other' }, port: server.port, onCall: () => {} });
  const shard = strangers.shard('here', '127.0.0.1', new AbortController().signal);
  await expect(shard.count({}, level)).rejects.toThrow(/belongs to cluster default\/shop, the call is for default\/other/);
});

test('a node that is not there is unavailable', async () => {
  const shard = connections.shard('here', '127.77.77.77', new AbortController().signal);
  await expect(shard.count({}, level)).rejects.toBeInstanceOf(ShardUnavailableError);
});

test.for([
  ['ends without a word', constants.NGHTTP2_NO_ERROR],
  ['breaks', constants.NGHTTP2_INTERNAL_ERROR],
] as const)('a call that %s says nothing about the shard: the node is unavailable', async ([, code]) => {
  const dying = createServer().listen(0, '127.0.0.1');
  dying.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.on('error', () => {}).close(code);
  });
  await once(dying, 'listening');
  const address = dying.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  using others = new PeerConnections({ identity, port, onCall: () => {} });
  const shard = others.shard('here', '127.0.0.1', new AbortController().signal);
  await expect(shard.count({}, level)).rejects.toBeInstanceOf(NodeUnreachableError);
  dying.close();
});

test('cancelling reaches the other node', async () => {
  const signal = new AbortController().signal;
  await connections.observe('127.0.0.1', { collectionUid: 'seen', generation: 1, serving: true }, signal);
  const leaving = new AbortController();
  const waiting = connections.observe('127.0.0.1', { collectionUid: 'unseen', generation: 1, serving: true }, leaving.signal);
  leaving.abort(new Error('client went away'));
  await expect(waiting).rejects.toThrow('client went away');
});

test('a server that closes does not wait for ever for a caller that never hears of it', async () => {
  const asked = Promise.withResolvers<void>();
  const stuck = await startPeerServer({
    host: '127.0.0.1',
    port: 0,
    identity,
    shard: () => recording,
    observe: async () => {
      asked.resolve();
      await new Promise(() => {});
    },
    drainTimeoutMs: 50,
    onBug: (error) => bugs.push(error),
  });
  using callers = new PeerConnections({ identity, port: stuck.port, onCall: () => {} });
  const observation = { collectionUid: 'unseen', generation: 1, serving: true };
  const waiting = callers.observe('127.0.0.1', observation, new AbortController().signal);
  await asked.promise;
  await Promise.all([stuck.close(), expect(waiting).rejects.toBeInstanceOf(ShardUnavailableError)]);
});
