import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { configMap, ScriptedApiServer } from '../test/scripted-api-server.ts';
import { KubeClient, type KubeClientOptions } from './client.ts';
import { connectionFromKubeconfig } from './connection.ts';
import * as errors from './errors.ts';
import { swapStatus } from './compare-and-swap.ts';
import { configMaps, namespaces } from './types/core.ts';
import { vectorClusters } from './types/vectorcluster.ts';

let server: ScriptedApiServer;
let client: KubeClient;

beforeEach(async () => {
  server = await ScriptedApiServer.start();
  client = clientWith();
});

afterEach(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

function clientWith(options?: KubeClientOptions): KubeClient {
  return server.client(options);
}

const stored = configMap('a', '5');

test.for([
  ['get', () => client.get(configMaps, 'a', 'shop'), 'GET /api/v1/namespaces/shop/configmaps/a'],
  ['get, outside namespaces', () => client.get(namespaces, 'a'), 'GET /api/v1/namespaces/a'],
  ['create', () => client.create(configMaps, stored), 'POST /api/v1/namespaces/shop/configmaps'],
  ['createDryRun', () => client.createDryRun(configMaps, stored), 'POST /api/v1/namespaces/shop/configmaps?dryRun=All'],
  ['replace', () => client.replace(configMaps, stored), 'PUT /api/v1/namespaces/shop/configmaps/a'],
  ['replaceStatus', () => client.replaceStatus(configMaps, stored), 'PUT /api/v1/namespaces/shop/configmaps/a/status'],
  [
    'apply',
    () => client.apply(configMaps, { metadata: { name: 'a', namespace: 'shop' } }, { fieldManager: 'me', force: true }),
    'PATCH /api/v1/namespaces/shop/configmaps/a?fieldManager=me&force=true',
  ],
  [
    'applyStatus',
    () => client.applyStatus(vectorClusters, { metadata: { name: 'a', namespace: 'shop' } }, { fieldManager: 'me' }),
    'PATCH /apis/vectorcluster.io/v1/namespaces/shop/vectorclusters/a/status?fieldManager=me',
  ],
  ['patch', () => client.patch(configMaps, 'a', 'shop', {}, { subresource: 'scale' }), 'PATCH /api/v1/namespaces/shop/configmaps/a/scale'],
  ['delete', () => client.delete(configMaps, 'a', 'shop'), 'DELETE /api/v1/namespaces/shop/configmaps/a'],
  ['a hostile name', () => client.get(configMaps, '../x?y', 'shop'), 'GET /api/v1/namespaces/shop/configmaps/..%2Fx%3Fy'],
] as const)('%s is sent as %s', async ([, call, expected]) => {
  const result = call();
  const exchange = await server.next();
  expect(`${exchange.method} ${exchange.url.pathname}${exchange.url.search}`).toBe(expected);
  expect(exchange.headers.authorization).toBe('Bearer scripted-token');
  exchange.json(200, stored);
  await result;
});

test('server-side apply says which kind it means and is sent as an apply patch', async () => {
  const result = client.apply(configMaps, { metadata: { name: 'a', namespace: 'shop' }, data: { x: '1' } }, { fieldManager: 'me' });
  const exchange = await server.next();
  expect(exchange.headers['content-type']).toBe('application/apply-patch+yaml');
  expect(exchange.body).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' }, data: { x: '1' } });
  exchange.json(200, stored);
  expect(await result).toEqual(stored);
});

test('preconditions of a deletion are sent', async () => {
  const result = client.delete(configMaps, 'a', 'shop', {
    uid: 'u',
    resourceVersion: '5',
    propagation: 'Foreground',
    gracePeriodSeconds: 0,
  });
  const exchange = await server.next();
  expect(exchange.body).toMatchObject({
    preconditions: { uid: 'u', resourceVersion: '5' },
    propagationPolicy: 'Foreground',
    gracePeriodSeconds: 0,
  });
  exchange.fail(409, 'Conflict');
  await expect(result).rejects.toBeInstanceOf(errors.ConflictError);
});

test('what is not there: get gives undefined, delete gives false', async () => {
  const got = client.get(configMaps, 'a', 'shop');
  (await server.next()).missing('a');
  expect(await got).toBeUndefined();
  const deleted = client.delete(configMaps, 'a', 'shop');
  (await server.next()).fail(404, 'NotFound');
  expect(await deleted).toBe(false);
});

test('a kind that is not served says nothing about its objects', async () => {
  const got = client.get(configMaps, 'a', 'shop');
  (await server.next()).fail(404, 'NotFound');
  await expect(got).rejects.toBeInstanceOf(errors.NotFoundError);
});

test.for([
  [409, 'Conflict', errors.ConflictError],
  [409, 'AlreadyExists', errors.AlreadyExistsError],
  [410, 'Expired', errors.GoneError],
  [422, 'Invalid', errors.InvalidError],
  [403, 'Forbidden', errors.ForbiddenError],
  [404, 'NotFound', errors.NotFoundError],
  [500, 'InternalError', errors.ApiUnavailableError],
  [503, 'ServiceUnavailable', errors.ApiUnavailableError],
  [400, 'BadRequest', errors.ApiError],
] as const)('%i %s becomes its class', async ([status, reason, expected]) => {
  const result = client.create(configMaps, stored);
  (await server.next()).fail(status, reason);
  const error: unknown = await result.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(expected);
  expect(error).toMatchObject({
    status,
    reason,
    message: `scripted ${reason}`,
    name: expected === errors.ApiError ? 'ApiError' : expected.name,
  });
});

test('429 carries the time to wait', async () => {
  const result = client.create(configMaps, stored);
  (await server.next()).fail(429, 'TooManyRequests', { 'retry-after': '12' });
  await expect(result).rejects.toMatchObject({ name: 'TooManyRequestsError', retryAfterSeconds: 12 });
});

test('the connection of a watch, on which only the server speaks, is asked whether it is still there', async () => {
  using asked = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const stop = new AbortController();
  const options = { resourceVersion: '1', timeoutSeconds: 60, silenceTimeoutMs: 60_000, signal: stop.signal, onEvent: () => {} };
  const watching = client.watch(configMaps, options);
  (await server.next()).open();
  expect(asked).toHaveBeenCalledWith(true, 5_000);
  stop.abort();
  expect(await watching).toEqual({ kind: 'aborted' });
});

test('an answer that never comes is given up', async () => {
  client = clientWith({ requestTimeoutMs: 50 });
  const result = client.get(configMaps, 'a', 'shop');
  await server.next();
  await expect(result).rejects.toMatchObject({ name: 'ApiUnavailableError', message: expect.stringContaining('no answer within 50 ms') });
});

test('an answer that breaks off, no JSON, no server', async () => {
  const broken = client.get(configMaps, 'a', 'shop');
  const exchange = await server.next();
  exchange.open();
  exchange.raw('{"metadata"');
  exchange.cut();
  await expect(broken).rejects.toBeInstanceOf(errors.ApiUnavailableError);
  const html = client.get(configMaps, 'a', 'shop');
  const other = await server.next();
  other.open();
  other.raw('<html>');
  other.end();
  await expect(html).rejects.toBeInstanceOf(errors.ApiUnavailableError);
  await server.stop();
  await expect(client.get(configMaps, 'a', 'shop')).rejects.toMatchObject({ name: 'ApiUnavailableError', status: 0 });
});

test('a write whose kept connection was closed meanwhile is not sent twice, a read is', async () => {
  const first = client.get(configMaps, 'a', 'shop');
  (await server.next()).json(200, stored);
  await first;
  const read = client.get(configMaps, 'a', 'shop');
  (await server.next()).cut();
  (await server.next()).json(200, stored);
  expect(await read).toEqual(stored);
  const write = client.create(configMaps, stored);
  (await server.next()).cut();
  await expect(write).rejects.toBeInstanceOf(errors.ApiUnavailableError);
});

test('an answer that is no HTTP after its head ends neither the process nor the wait', async () => {
  const garbage = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk'));
  });
  garbage.listen(0, '127.0.0.1');
  await once(garbage, 'listening');
  const address = garbage.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  using other = KubeClient.fromKubeconfig(server.kubeconfig('').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`));
  await expect(other.get(configMaps, 'a', 'shop')).rejects.toBeInstanceOf(errors.ApiUnavailableError);
  const end = await other.watch(configMaps, {
    namespace: 'shop',
    resourceVersion: '5',
    timeoutSeconds: 60,
    silenceTimeoutMs: 60_000,
    signal: new AbortController().signal,
    onEvent: () => {},
  });
  expect(end.kind).toBe('failed');
  garbage.close();
});

test.for([
  ['an empty name', () => client.get(configMaps, '', 'shop')],
  ['dots for a name', () => client.get(configMaps, '..', 'shop')],
  ['no namespace', () => client.get(configMaps, 'a')],
  ['a replacement without a version', () => client.replace(configMaps, { ...stored, metadata: { name: 'a', namespace: 'shop' } })],
] as const)('%s is refused before anything is sent', async ([, call]) => {
  await expect(call()).rejects.toBeInstanceOf(TypeError);
});

const cluster = (resourceVersion: string, observedGeneration: number) => ({
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorCluster',
  metadata: { name: 'shop', namespace: 'shop', resourceVersion },
  spec: {},
  status: { observedGeneration },
});

test('a change of the status is decided anew when somebody else wrote in between', async () => {
  const result = swapStatus({
    client,
    type: vectorClusters,
    name: { name: 'shop', namespace: 'shop' },
    change: (now) => ({ ...now, status: { ...now.status, observedGeneration: (now.status?.observedGeneration ?? 0) + 1 } }),
  });
  (await server.next()).json(200, cluster('5', 1));
  (await server.next()).fail(409, 'Conflict');
  (await server.next()).json(200, cluster('6', 7));
  const second = await server.next();
  expect(second.body).toMatchObject({ metadata: { resourceVersion: '6' }, status: { observedGeneration: 8 } });
  second.json(200, cluster('7', 8));
  expect(await result).toMatchObject({ status: { observedGeneration: 8 } });
});

test('a token file is read again when the API server refuses what it held', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-token-'));
  try {
    await writeFile(join(folder, 'token'), 'old\n');
    client = new KubeClient(connectionFromKubeconfig(server.kubeconfig('tokenFile: token'), folder));
    const first = client.get(configMaps, 'a', 'shop');
    const accepted = await server.next();
    expect(accepted.headers.authorization).toBe('Bearer old');
    accepted.json(200, stored);
    await first;
    await writeFile(join(folder, 'token'), 'new\n');
    const second = client.get(configMaps, 'a', 'shop');
    (await server.next()).fail(401, 'Unauthorized');
    const again = await server.next();
    expect(again.headers.authorization).toBe('Bearer new');
    again.json(200, stored);
    await second;
  } finally {
    await rm(folder, { recursive: true });
  }
});
