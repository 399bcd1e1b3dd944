/** Deadlines, clients that go away, service calls and metrics, by both protocols. */
import { once } from 'node:events';
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { credentials, Client, status, type ServiceError } from '@grpc/grpc-js';
import { callUnary } from '@vectorcluster/proto/grpc-client.ts';
import { Points } from '@vectorcluster/proto/gen/qdrant/points_service_pb.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { QueryRequest, RequestContext } from '../src/coordinator/database.ts';
import { InsufficientStorageError, OverloadedError, ShardUnavailableError } from '../src/errors.ts';
import type { ScoredPoint } from '../src/model/point.ts';
import { MemoryDatabase } from './memory-database.ts';
import { startTestServers, type TestServers } from './test-servers.ts';

/** Its queries do what the test says; by default they wait until they are cancelled. */
class ScriptedDatabase extends MemoryDatabase {
  readonly started = Promise.withResolvers<void>();
  readonly cancelled = Promise.withResolvers<unknown>();
  answer: ((context: RequestContext) => Promise<readonly ScoredPoint[]>) | undefined;

  override async query(_name: string, _request: QueryRequest, context: RequestContext): Promise<readonly ScoredPoint[]> {
    if (this.answer !== undefined) return this.answer(context);
    context.signal.addEventListener('abort', () => this.cancelled.resolve(context.signal.reason));
    this.started.resolve();
    return new Promise(() => {});
  }
}

let database: ScriptedDatabase;
let servers: TestServers;
let client: Client;
beforeEach(async () => {
  database = new ScriptedDatabase();
  await database.createCollection('shop', { vectors: [{ name: '', size: 1, distance: 'Dot' }] });
  servers = await startTestServers({}, database);
  client = new Client(`127.0.0.1:${servers.grpcPort}`, credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await servers[Symbol.asyncDispose]();
});

const query = async (parameters = '', signal?: AbortSignal) =>
  fetch(`${servers.url}/collections/shop/points/query${parameters}`, { method: 'POST', body: '{"query":[1]}', ...(signal && { signal }) });
const grpcQuery = async (options: { timeout?: bigint; signal?: AbortSignal } = {}) => {
  const { signal, ...fields } = options;
  return callUnary(client, Points.method.query, { collectionName: 'shop', ...fields }, { signal });
};

describe('a deadline', () => {
  test('cancels the work and answers 408', async () => {
    const response = await query('?timeout=1');
    expect(response.status).toBe(408);
    expect(await response.json()).toMatchObject({ status: { error: 'Timeout error: operation `query points` timed out after 1 seconds' } });
    expect(await database.cancelled.promise).toMatchObject({ name: 'DeadlineError' });
  });

  test('cancels the work and answers DEADLINE_EXCEEDED', async () => {
    await expect(grpcQuery({ timeout: 1n })).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(await database.cancelled.promise).toMatchObject({ name: 'DeadlineError' });
  });
});

describe('a client that goes away', () => {
  test('cancels its work by REST', async () => {
    const leaving = new AbortController();
    const response = query('', leaving.signal).catch(() => 'gone');
    await database.started.promise;
    leaving.abort();
    expect(await response).toBe('gone');
    expect(await database.cancelled.promise).toMatchObject({ name: 'ClientGoneError' });
  });

  test('cancels its work by gRPC', async () => {
    const leaving = new AbortController();
    const response = grpcQuery({ signal: leaving.signal }).catch(() => 'gone');
    await database.started.promise;
    leaving.abort();
    expect(await response).toBe('gone');
    expect(await database.cancelled.promise).toMatchObject({ name: 'ClientGoneError' });
  });
});

test('a server that stops waits for requests under way, then cancels them', async () => {
  const cut = await startTestServers({ drainTimeoutMs: 50 }, database);
  const slow = fetch(`${cut.url}/collections/shop/points/query`, { method: 'POST', body: '{"query":[1]}' }).catch(() => 'cut');
  await database.started.promise;
  const grpc = new Client(`127.0.0.1:${cut.grpcPort}`, credentials.createInsecure());
  const slowToo = callUnary(grpc, Points.method.query, { collectionName: 'shop' }).catch(() => 'cut');
  await cut[Symbol.asyncDispose]();
  expect([await slow, await slowToo]).toStrictEqual(['cut', 'cut']);
  expect(await database.cancelled.promise).toMatchObject({ name: 'ClientGoneError' });
  grpc.close();
});

test('a server that stops answers what comes by a connection that it had accepted', async () => {
  const stopping = await startTestServers({}, database);
  const socket = connect(stopping.port, '127.0.0.1');
  await once(socket, 'connect');
  // Connections are accepted in turn, so an answer by a later one shows that the first was.
  await (await fetch(`${stopping.url}/collections`)).arrayBuffer();
  const stopped = stopping[Symbol.asyncDispose]();
  while (await isListening(stopping.port));
  socket.write('GET /collections HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
  await stopped;
});

async function isListening(port: number): Promise<boolean> {
  const probe = connect(port, '127.0.0.1');
  const connected = await once(probe, 'connect').then(
    () => true,
    () => false,
  );
  probe.destroy();
  return connected;
}

test('a server that is about to stop sends its clients away with each answer', async () => {
  const answered = async () => (await fetch(`${servers.url}/collections`)).headers.get('connection');
  expect(await answered()).toBe('keep-alive');
  servers.rest.sendClientsAway();
  expect(await answered()).toBe('close');
});

test('a server that is about to stop tells gRPC clients, and answers calls that were on their way', async () => {
  const session = connectHttp2(servers.grpcUrl);
  const told = once(session, 'goaway');
  const closed = once(session, 'close');
  expect(await healthOver(session)).toBe('0');
  servers.grpc.sendClientsAway();
  // The client does not know yet.
  expect(await healthOver(session)).toBe('0');
  expect((await told).slice(0, 2)).toEqual([constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1]);
  await closed;

  const late = connectHttp2(servers.grpcUrl);
  const lateTold = once(late, 'goaway');
  expect(await healthOver(late)).toBe('0');
  await lateTold;
});

test('a client that calls again and again is told while it waits for an answer, when it has nothing to send', async () => {
  const session = connectHttp2(servers.grpcUrl);
  let isWaiting = false;
  const whenTold: boolean[] = [];
  session.once('goaway', () => whenTold.push(isWaiting));
  servers.grpc.sendClientsAway();
  while (whenTold.length === 0) {
    isWaiting = true;
    expect(await healthOver(session)).toBe('0');
    isWaiting = false;
    await delay(1);
  }
  expect(whenTold).toEqual([true]);
});

test('a gRPC server that ends answers the first call of who connected a moment ago', async () => {
  servers.grpc.sendClientsAway();
  const late = connectHttp2(servers.grpcUrl);
  await once(late, 'remoteSettings');
  const ended = servers.grpc[Symbol.asyncDispose]();
  await delay(50);
  expect(await healthOver(late)).toBe('0');
  await ended;
});

test('a gRPC server that ends answers a call that came while its thread was busy', async () => {
  servers.grpc.sendClientsAway();
  const late = connectHttp2(servers.grpcUrl);
  await once(late, 'remoteSettings');
  const ended = servers.grpc[Symbol.asyncDispose]();
  await delay(50);
  const answered = healthOver(late);
  // What the client has said by now is read behind all timers that are due then.
  await turn();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
  expect(await answered).toBe('0');
  await ended;
});

/** The status that the call ended with. */
async function healthOver(session: ClientHttp2Session): Promise<unknown> {
  const call = session.request({
    ':method': 'POST',
    ':path': '/qdrant.Qdrant/HealthCheck',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  call.end(Buffer.alloc(5)).resume();
  const [trailers] = await once(call, 'trailers');
  return trailers['grpc-status'];
}

describe('failures of the database', () => {
  test.for<[title: string, error: Error, http: number, grpc: status, text: string]>([
    [
      'overload',
      new OverloadedError('too many searches', 1.5),
      429,
      status.RESOURCE_EXHAUSTED,
      'Rate limiting exceeded: too many searches',
    ],
    [
      'no replica',
      new ShardUnavailableError('shard 3 has no primary'),
      503,
      status.UNAVAILABLE,
      'Service unavailable: shard 3 has no primary',
    ],
    [
      'a full disk',
      new InsufficientStorageError('disk is 91 % full'),
      507,
      status.RESOURCE_EXHAUSTED,
      'Insufficient storage: disk is 91 % full',
    ],
    [
      'a bug',
      new TypeError('secret'),
      500,
      status.INTERNAL,
      'Service internal error: the request failed for a reason that is in the log of this node',
    ],
  ])('%s', async ([, error, http, grpc, text]) => {
    database.answer = async () => Promise.reject(error);
    const response = await query();
    expect([response.status, await response.json()]).toMatchObject([http, { status: { error: text } }]);
    const failure = await grpcQuery().catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ code: grpc, details: text });
  });
});

test('overload says when to come back', async () => {
  database.answer = async () => Promise.reject(new OverloadedError('too many searches', 1.5));
  expect((await query()).headers.get('retry-after')).toBe('2');
  const failure = await grpcQuery().catch((reason: ServiceError) => reason.metadata.get('retry-after'));
  expect(failure).toStrictEqual(['2']);
});

test('service calls need no envelope', async () => {
  expect(JSON.parse(await get('/'))).toStrictEqual({
    title: 'qdrant - vector search engine',
    version: '1.19.0',
    commit: 'vectorcluster-0.1.0',
  });
  expect(await get('/healthz')).toBe('healthz check passed');
  expect(await get('/readyz')).toBe('all shards are ready');
});

test('gRPC tells its health and what it speaks', async () => {
  const serving = Buffer.of(8, 1);
  expect(await send('/grpc.health.v1.Health/Check', Buffer.alloc(0))).toStrictEqual(serving);
  const listServices = Buffer.of(0x3a, 0);
  for (const version of ['v1', 'v1alpha']) {
    const call = client.makeBidiStreamRequest(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, unchanged, unchanged);
    call.end(listServices);
    const answer = Buffer.concat(await call.toArray()).toString();
    for (const service of ['qdrant.Points', 'qdrant.Collections', 'qdrant.Snapshots', 'qdrant.Qdrant']) expect(answer).toContain(service);
  }
});

test('requests are measured by operation and code, never by name of a collection', async () => {
  await fetch(`${servers.url}/collections/absent`);
  await grpcQuery({ timeout: 1n }).catch(() => undefined);
  const metrics = await servers.registry.metrics();
  expect(metrics).toContain('vectorcluster_request_duration_seconds_count{protocol="rest",operation="get collection",code="404"} 1');
  expect(metrics).toContain(
    'vectorcluster_request_duration_seconds_count{protocol="grpc",operation="query points",code="DEADLINE_EXCEEDED"} 1',
  );
  expect(metrics).not.toContain('absent');
});

describe('broken gRPC messages', () => {
  test.for<[title: string, path: string, bytes: () => Buffer, code: status]>([
    ['bytes that are no message', '/qdrant.Points/Query', () => Buffer.from('ffffffffffff', 'hex'), status.INTERNAL],
    ['a message over the limit', '/qdrant.Points/Upsert', () => Buffer.alloc(33 * 1024 * 1024), status.RESOURCE_EXHAUSTED],
    ['a call that does not exist', '/qdrant.Points/Nothing', () => Buffer.alloc(0), status.UNIMPLEMENTED],
    ['an empty message', '/qdrant.Points/Query', () => Buffer.alloc(0), status.NOT_FOUND],
    ['nesting without end', '/qdrant.Points/Count', () => nestedFilter(20_001), status.INTERNAL],
  ])('%s', async ([, path, bytes, code]) => {
    expect(await send(path, bytes())).toMatchObject({ code });
    expect((await fetch(`${servers.url}/healthz`)).status).toBe(200);
    database.answer = async () => [];
    expect((await grpcQuery()).result).toStrictEqual([]);
  });
});

async function send(path: string, bytes: Buffer): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  client.makeUnaryRequest(path, unchanged, unchanged, bytes, (error, response) => resolve(error ?? response));
  return promise;
}

function unchanged(bytes: Buffer): Buffer {
  return bytes;
}

async function get(path: string): Promise<string> {
  return (await fetch(`${servers.url}${path}`)).text();
}

/** CountPoints { filter { must { filter { must { … } } } } } by hand: encoders refuse to build it. */
function nestedFilter(depth: number): Buffer {
  let inner: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level += 1) inner = lengthDelimited(level % 2 === 0 ? 2 : 4, inner);
  return Buffer.concat([lengthDelimited(1, Buffer.from('shop')), lengthDelimited(2, inner)]);
}

function lengthDelimited(field: number, content: Buffer): Buffer {
  const head = [field * 8 + 2];
  for (let length = content.length; ; length >>>= 7) {
    head.push(length > 127 ? (length % 128) + 128 : length);
    if (length <= 127) break;
  }
  return Buffer.concat([Buffer.from(head), content]);
}
