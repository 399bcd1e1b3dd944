import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { ReadConsistencyType, WriteOrderingType } from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import { Points } from '@vectorcluster/proto/gen/qdrant/points_service_pb.ts';
import { deserializer, methodPath, serializer } from '@vectorcluster/proto/grpc-adapter.ts';
import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ReadingDatabase } from '../../test/reading-database.ts';
import { startTestServers, type TestServers } from '../../test/test-servers.ts';
import { decodeSession } from '../coordinator/session-token.ts';
import { HistoryLostError } from '../errors.ts';

const database = new ReadingDatabase();
const collectionName = 'books';
let servers: TestServers;
let client: Client;

beforeAll(async () => {
  servers = await startTestServers({}, database);
  client = new Client(`127.0.0.1:${servers.grpcPort}`, credentials.createInsecure());
  await database.createCollection(collectionName, { vectors: [{ name: '', size: 2, distance: 'Dot' }] });
});
afterAll(async () => {
  client.close();
  await servers[Symbol.asyncDispose]();
});
beforeEach(() => {
  database.contexts.length = 0;
  database.waits.length = 0;
});

const linearizable = { kind: 'linearizable' };
const asked = () => database.contexts.map(({ consistency }) => consistency);

async function send(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return await fetch(`${servers.url}${path}`, { method, body: JSON.stringify(body), headers });
}

const factor = (copies: bigint) => ({ value: { case: 'factor' as const, value: copies } });
const type = (value: ReadConsistencyType) => ({ value: { case: 'type' as const, value } });

describe('REST', () => {
  const points = `/collections/${collectionName}/points`;
  const reads = [
    ['POST', `${points}/query`, { query: [1, 2] }],
    ['POST', `${points}/search`, { vector: [1, 2], limit: 1 }],
    ['POST', `${points}/query/batch`, { searches: [{ query: [1, 2] }] }],
    ['POST', points, { ids: [1] }],
    ['POST', `${points}/scroll`, {}],
    ['POST', `${points}/count`, {}],
  ] as const;

  test.for(reads)('%s %s reads as the parameter and the header say', async ([method, path, body]) => {
    for (const query of ['', '?consistency=1', '?consistency=2', '?consistency=majority', '?consistency=quorum', '?consistency=all'])
      await send(method, `${path}${query}`, body);
    await send(method, `${path}?consistency=all`, body, { 'x-vector-consistency': 'bounded;ms=500' });
    expect(asked()).toEqual([
      undefined,
      undefined,
      linearizable,
      linearizable,
      linearizable,
      linearizable,
      { kind: 'bounded', staleMs: 500 },
    ]);
  });

  test('GET of one point too', async () => {
    await fetch(`${servers.url}${points}/1?consistency=all`);
    expect(asked()).toEqual([linearizable]);
  });

  test.for([
    [`${points}/count?consistency=0`, {}, 'consistency: value 0 invalid'],
    [`${points}/count?consistency=many`, {}, 'consistency: value many invalid'],
    [`${points}/count`, { 'x-vector-consistency': 'strong' }, 'header x-vector-consistency: [expected eventual'],
    [`${points}/count`, { 'x-vector-session': 'AAAAAAAAAA' }, 'Wrong input: the session token cannot be read: it is of version 0'],
  ] as const)('%s with %o is refused', async ([path, headers, text]) => {
    const response = await send('POST', path, {}, headers);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(text);
    expect(asked()).toEqual([]);
  });

  test('a session token is returned where one was sent or a session asked for, and goes on', async () => {
    const upsert = { points: [{ id: 1, vector: [1, 2] }] };
    expect((await send('PUT', points, upsert)).headers.get('x-vector-session')).toBeNull();
    const first = await send('PUT', `${points}?wait=true`, upsert, { 'x-vector-consistency': 'session' });
    const token = first.headers.get('x-vector-session') ?? '';
    expect(first.headers.get('access-control-expose-headers')).toBe('x-vector-session');
    const seen = decodeSession(token).positionIn('the-shard')?.sequence ?? 0n;
    const second = await send('POST', `${points}/count`, {}, { 'x-vector-session': token });
    expect(database.contexts.at(-1)?.consistency).toBeUndefined();
    expect(decodeSession(second.headers.get('x-vector-session') ?? '').positionIn('the-shard')?.sequence).toBe(seen + 1n);
  });

  test.for(['weak', 'medium', 'strong'])('ordering=%s is what every write has', async (ordering) => {
    const response = await send('PUT', `${points}?ordering=${ordering}`, { points: [{ id: 1, vector: [1, 2] }] });
    expect(await response.json()).toMatchObject({ result: { status: 'acknowledged' } });
    expect(database.waits).toEqual([false]);
  });
});

describe('gRPC', () => {
  interface Sent {
    readonly consistency?: string;
    readonly session?: string;
  }

  async function call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    { consistency, session }: Sent = {},
  ): Promise<{ readonly response: MessageShape<O>; readonly token: string | undefined }> {
    const metadata = new Metadata();
    if (consistency !== undefined) metadata.set('x-vector-consistency', consistency);
    if (session !== undefined) metadata.set('x-vector-session', session);
    const answered = Promise.withResolvers<MessageShape<O>>();
    const ended = Promise.withResolvers<Metadata>();
    const [input, output] = [serializer(method.input), deserializer(method.output)];
    const unary = client.makeUnaryRequest(methodPath(method), input, output, request, metadata, {}, (error, response) => {
      if (error === null && response !== undefined) answered.resolve(response);
      else answered.reject(error ?? new Error('no answer'));
    });
    unary.once('status', ({ metadata: trailer }) => ended.resolve(trailer));
    const response = await answered.promise;
    return { response, token: (await ended.promise).get('x-vector-session')[0]?.toString() };
  }

  const { count, get, scroll, query, search, searchBatch, queryBatch, upsert } = Points.method;

  test('every read takes read_consistency', async () => {
    const readConsistency = type(ReadConsistencyType.All);
    await call(count, { collectionName, readConsistency });
    await call(get, { collectionName, ids: [], readConsistency });
    await call(scroll, { collectionName, readConsistency });
    await call(query, { collectionName, readConsistency });
    await call(search, { collectionName, vector: [1, 2], limit: 1n, readConsistency });
    await call(searchBatch, { collectionName, searchPoints: [{ collectionName, vector: [1, 2], limit: 1n }], readConsistency });
    await call(queryBatch, { collectionName, queryPoints: [{ collectionName, readConsistency }] });
    expect(asked()).toEqual(Array.from({ length: 7 }, () => linearizable));
  });

  test.for([
    [undefined, undefined],
    [factor(1n), undefined],
    [factor(2n), linearizable],
    [type(ReadConsistencyType.Majority), linearizable],
    [type(ReadConsistencyType.Quorum), linearizable],
  ] as const)('%o', async ([readConsistency, expected]) => {
    await call(count, { collectionName, ...(readConsistency && { readConsistency }) });
    await call(count, { collectionName, ...(readConsistency && { readConsistency }) }, { consistency: 'eventual' });
    expect(asked()).toEqual([expected, { kind: 'eventual' }]);
  });

  test('nonsense is refused', async () => {
    await expect(call(count, { collectionName, readConsistency: factor(0n) })).rejects.toThrow('value 0 invalid');
    await expect(call(count, { collectionName }, { consistency: 'strong' })).rejects.toThrow('expected eventual');
    await expect(call(count, { collectionName }, { session: 'garbage' })).rejects.toThrow('the session token cannot be read');
  });

  test('a session token comes behind the answer', async () => {
    const points = [{ id: { pointIdOptions: { case: 'num' as const, value: 1n } }, payload: {} }];
    expect((await call(count, { collectionName })).token).toBeUndefined();
    const { token } = await call(
      upsert,
      { collectionName, points, ordering: { type: WriteOrderingType.Strong } },
      { consistency: 'session' },
    );
    const seen = decodeSession(token ?? '').positionIn('the-shard')?.sequence ?? 0n;
    const next = await call(count, { collectionName }, token === undefined ? {} : { session: token });
    expect(decodeSession(next.token ?? '').positionIn('the-shard')?.sequence).toBe(seen + 1n);
  });
});

test('a token of a lost history is a conflict, not something to try again', async () => {
  const lost = new ReadingDatabase();
  await lost.createCollection(collectionName, { vectors: [{ name: '', size: 2, distance: 'Dot' }] });
  lost.count = async () => Promise.reject(new HistoryLostError('entry 7 of epoch 2 is not in this history: its loss was allowed'));
  await using own = await startTestServers({}, lost);
  const response = await fetch(`${own.url}/collections/${collectionName}/points/count`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(409);
  expect(await response.text()).toContain('Conflict: entry 7 of epoch 2 is not in this history');
});
