/** The adapter on real sockets: typed handlers and clients, unserved methods, thrown errors, cancellation, streams. */
import { Client, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Qdrant } from '../gen/qdrant/qdrant_pb.ts';
import { Snapshots } from '../gen/qdrant/snapshots_service_pb.ts';
import { addService, type CallContext } from './grpc-adapter.ts';
import { callBidiStream, callServerStream, callUnary } from './grpc-client.ts';

/** The public contract has no streams yet: the same messages once more, streamed. */
const parent = { ...Qdrant, typeName: 'test.Streams' };
const method = { ...Qdrant.method.healthCheck, parent };
const countDown = { ...method, name: 'CountDown', localName: 'countDown', methodKind: 'server_streaming' as const };
const echo = { ...method, name: 'Echo', localName: 'echo', methodKind: 'bidi_streaming' as const };
const unserved = { ...countDown, name: 'Unserved', localName: 'unserved' };
const Streams = { ...parent, methods: [countDown, echo, unserved], method: { countDown, echo, unserved } };

type Answer = (context: CallContext) => Promise<{ title: string; version?: string }>;

let server: Server;
let client: Client;
let answer: Answer;

beforeEach(async () => {
  server = new Server();
  addService(server, Qdrant, { healthCheck: async (_request, context) => answer(context) }, toStatus);
  addService(server, Snapshots, {}, toStatus);
  addService(
    server,
    Streams,
    {
      countDown: (call) => {
        for (const title of ['3', '2', '1']) call.write({ title });
        call.end();
      },
      echo: (call) => {
        call.on('data', () => call.write({ title: 'heard' }));
        call.on('end', () => call.end());
      },
    },
    toStatus,
  );
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => (error === null ? resolve(port) : reject(error)));
  client = new Client(`127.0.0.1:${await promise}`, credentials.createInsecure());
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

const healthCheck = async (signal?: AbortSignal) => callUnary(client, Qdrant.method.healthCheck, {}, { signal });

test('a handler answers with fields, the client gets a whole message', async () => {
  answer = async () => ({ title: 'up' });
  expect(await healthCheck()).toMatchObject({ $typeName: 'qdrant.HealthCheckReply', title: 'up', version: '' });
});

test('what a handler throws becomes the status that the caller of addService chose', async () => {
  answer = async () => Promise.reject(new Error('no such thing'));
  await expect(healthCheck()).rejects.toMatchObject({ code: status.NOT_FOUND, details: '/qdrant.Qdrant/HealthCheck: no such thing' });
  answer = () => {
    throw new Error('at once');
  };
  await expect(healthCheck()).rejects.toMatchObject({ code: status.NOT_FOUND, details: '/qdrant.Qdrant/HealthCheck: at once' });
});

test('a method without handler says so by name', async () => {
  const call = callUnary(client, Snapshots.method.create, {});
  await expect(call).rejects.toMatchObject({ code: status.UNIMPLEMENTED, details: 'qdrant.Snapshots/Create is not supported yet' });
  const stream = callServerStream(client, unserved, {});
  await expect(stream.toArray()).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
    details: 'test.Streams/Unserved is not supported yet',
  });
});

test('a caller that gives up gets its own reason, and the handler is told', async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<boolean>();
  const giveUp = new AbortController();
  answer = async ({ signal }) => {
    signal.addEventListener('abort', () => resolve(signal.aborted));
    giveUp.abort(new Error('enough'));
    return new Promise(() => {});
  };
  await expect(healthCheck(giveUp.signal)).rejects.toThrow('enough');
  expect(await cancelled).toBe(true);
  await expect(healthCheck(giveUp.signal)).rejects.toThrow('enough');
});

test('streams, one way and both ways', async () => {
  const down = callServerStream(client, countDown, {});
  expect(await down.toArray()).toMatchObject([{ title: '3' }, { title: '2' }, { title: '1' }]);
  const both = callBidiStream(client, echo);
  both.write({});
  both.write({});
  both.end();
  expect(await both.toArray()).toMatchObject([{ title: 'heard' }, { title: 'heard' }]);
});

test('a stream ends when its signal aborts', async () => {
  const giveUp = new AbortController();
  const stream = callBidiStream(client, echo, { signal: giveUp.signal });
  giveUp.abort();
  await expect(stream.toArray()).rejects.toMatchObject({ code: status.CANCELLED });
});

function toStatus(error: unknown, method: string) {
  return { code: status.NOT_FOUND, details: `${method}: ${error instanceof Error ? error.message : 'unknown'}` };
}
