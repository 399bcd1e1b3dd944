/** What a network and strangers do to links. */
import { Client, credentials, Metadata, status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { FaultyNetwork } from '../../../test/faulty-network.ts';
import { append, cluster, freePort, linked, numbersOf, TestNode } from '../../../test/link-nodes.ts';
import { identityMetadata } from '../cluster-identity.ts';
import { controlFrame, payloadFrame } from './frames.ts';
import { greetingTo } from './handshake.ts';
import { heartbeatMs, maxGreetingStreams, silentBeats, windowBytes } from './link-limits.ts';
import { linkPath } from './link-service.ts';
import { encodeMessage } from './message-codec.ts';

const port = await freePort();
const a = { node: 'a', address: '127.0.0.2', port };
const b = { node: 'b', address: '127.0.0.3', port };
const c = { node: 'c', address: '127.0.0.4', port };
const asIs = (bytes: Buffer) => bytes;
const viaNetwork = '127.0.0.9';

test('a reset of the socket is noticed at once on both sides, and mended', async () => {
  await using network = await FaultyNetwork.between({ host: viaNetwork, to: b.address, port });
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  one.links.setPeers(new Map([['b', viaNetwork]]));
  two.links.setPeers(new Map([['a', a.address]]));
  await two.isConnectedTo('a');
  await one.isConnectedTo('b');
  network.reset();
  await one.until(() => one.told.length === 3);
  await two.until(() => two.told.length === 3);
  expect([one.told, two.told]).toEqual([
    ['+b', '-b', '+b'],
    ['+a', '-a', '+a'],
  ]);
});

test('a silent peer shows in the times, is given up after some heartbeats, and dialed anew', async () => {
  await using network = await FaultyNetwork.between({ host: viaNetwork, to: b.address, port });
  await using one = await TestNode.start({ ...a, speed: 10 });
  await using two = await TestNode.start({ ...b, speed: 10 });
  one.links.setPeers(new Map([['b', viaNetwork]]));
  two.links.setPeers(new Map([['a', a.address]]));
  await one.isConnectedTo('b');
  await expect.poll(() => one.links.lastEchoedAt('b')).toBeDefined();
  const heardBefore = one.links.lastHeardAt('b') ?? NaN;
  await expect.poll(() => one.links.lastHeardAt('b')).toBeGreaterThan(heardBefore);

  network.pause();
  const pausedAt = performance.now();
  await one.until(() => one.told.includes('-b'));
  // Timers are never early, so this holds on a busy machine too.
  expect(one.links.lastHeardAt('b')).toBeLessThan(performance.now() - ((silentBeats - 2) * heartbeatMs) / 10);
  expect(one.links.disconnectedSince('b')).toBe(one.links.lastHeardAt('b'));
  expect((await one.metric('vectorcluster_link_disconnections_total')).get('silent')).toBe(1);
  network.resume();
  await one.isConnectedTo('b');
  expect(one.links.lastHeardAt('b')).toBeGreaterThan(pausedAt);
  await one.links.send('b', append(1, 1));
  await two.until(() => numbersOf(two).includes(1));
});

test('a server stops although a peer is dead and takes nothing', async () => {
  await using network = await FaultyNetwork.between({ host: viaNetwork, to: b.address, port });
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  one.links.setPeers(new Map([['b', viaNetwork]]));
  two.links.setPeers(new Map([['a', a.address]]));
  await two.isConnectedTo('a');
  network.pause();
  void two.links.send('a', append(1, 30_000_000));
  await two.stop();
  expect(two.links.isConnected('a')).toBe(false);
});

test('a node of another cluster is refused, whatever its name', async () => {
  await using one = await TestNode.start(a);
  await using foreign = await TestNode.start({ ...b, identity: { ...cluster, cluster: 'other' } });
  one.links.setPeers(new Map([['b', b.address]]));
  foreign.links.setPeers(new Map([['a', a.address]]));
  await expect.poll(async () => (await foreign.metric('vectorcluster_link_refused_total')).get('foreign cluster')).toBeGreaterThan(1);
  expect([one.told, foreign.told]).toEqual([[], []]);
});

test('a node that answers at the address of another is refused', async () => {
  await using one = await TestNode.start(a);
  await using three = await TestNode.start(c);
  one.links.setPeers(new Map([['b', c.address]]));
  three.links.setPeers(new Map([['a', a.address]]));
  await expect.poll(async () => (await three.metric('vectorcluster_link_refused_total')).get('wrong node')).toBeGreaterThan(1);
  expect([one.told, three.told]).toEqual([[], []]);
});

const hello = (change = {}) =>
  controlFrame({ case: 'hello', value: { ...greetingTo('b', { identity: cluster, node: 'a', podUid: 'x' }), ...change } });
const beat = (number: number, echo = 0) => controlFrame({ case: 'heartbeat', value: { number, echo } });
const payload = (kind: 'whole' | 'first' | 'rest', ...bytes: readonly Buffer[]) => {
  const content = Buffer.concat(bytes);
  const { frame, from } = payloadFrame(kind, content.length);
  frame.set(content, from);
  return frame;
};
const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const first = (bytes: number) => payload('first', u32(1_000_000_000), Buffer.alloc(bytes));

test.for<[string, readonly Buffer[], string]>([
  ['noise', [Buffer.from('GET / HTTP/1.1')], 'bad frame'],
  ['a heartbeat before the hello', [beat(1)], 'bad frame: a heartbeat frame before both hellos'],
  ['a message before the hello', [payload('whole', u32(1), Buffer.of(1))], 'bad frame: a whole frame before both hellos'],
  ['a hello of an unknown version', [hello({ version: 9 })], 'unknown version'],
  ['a hello of another cluster', [hello({ cluster: 'other' })], 'foreign cluster'],
  ['a hello for another node', [hello({ to: 'c' })], 'wrong node'],
  ['a hello of a node that does not dial', [hello({ node: 'c' })], 'wrong node'],
  ['a second hello', [hello(), hello()], 'bad frame: a second hello'],
  ['noise after the hello', [hello(), Buffer.of(0xff, 0xff)], 'bad frame'],
  ['a heartbeat that skips', [hello(), beat(2)], 'bad frame: heartbeat 2 follows heartbeat 0'],
  ['an echo of nothing', [hello(), beat(1, 99)], 'bad frame: echo of heartbeat 99'],
  ['a grant taken back', [hello(), controlFrame({ case: 'grant', value: { totalBytes: 5n } })], 'bad frame: a grant'],
  ['a message of unknown kind', [hello(), payload('whole', u32(1), Buffer.of(99))], 'bad message'],
  ['a message cut short', [hello(), payload('whole', u32(1), Buffer.of(1))], 'bad message: a message is cut short'],
  ['a part without its beginning', [hello(), payload('rest', Buffer.of(1))], 'bad frame: a part of a message'],
  ['an oversized message', [hello(), first(10)], 'bad frame: a message of 1000000000 bytes'],
])('refused with a reason: %s', async ([, frames, because]) => {
  await using two = await TestNode.start({ ...b, onReceived: async () => new Promise(() => {}) });
  two.links.setPeers(new Map([['a', a.address]]));
  const stranger = open(b.address);
  for (const frame of frames) stranger.call.write(frame);
  expect(await stranger.ended).toMatchObject({ code: status.FAILED_PRECONDITION, details: expect.stringContaining(because) });
  const counted = new Map([
    ...(await two.metric('vectorcluster_link_refused_total')),
    ...(await two.metric('vectorcluster_link_disconnections_total')),
  ]);
  expect([...counted].filter(([reason]) => because.startsWith(reason))).toEqual([[expect.any(String), 1]]);
  expect(two.received).toEqual([]);
  stranger.close();

  await using one = await TestNode.start(a);
  one.links.setPeers(new Map([['b', b.address]]));
  await one.isConnectedTo('b');
});

test('a stream that says nothing is refused after a while', async () => {
  await using two = await TestNode.start({ ...b, speed: 20 });
  const stranger = open(b.address);
  expect(await stranger.ended).toMatchObject({ details: expect.stringContaining('no hello') });
  stranger.close();
  expect((await two.metric('vectorcluster_link_refused_total')).get('no hello')).toBe(1);
});

test('who waits for room when the connection breaks is told', async () => {
  await using network = await FaultyNetwork.between({ host: viaNetwork, to: b.address, port });
  await using one = await TestNode.start(a);
  await using two = await TestNode.start({ ...b, onReceived: async () => new Promise(() => {}) });
  one.links.setPeers(new Map([['b', viaNetwork]]));
  two.links.setPeers(new Map([['a', a.address]]));
  await one.isConnectedTo('b');
  const sends = Array.from({ length: 40 }, async (_, number) => await one.links.send('b', append(number, 500_000)));
  await two.receivedCount(8);
  network.reset();
  const outcomes = await Promise.all(sends);
  expect([outcomes[0], outcomes.at(-1)]).toEqual([true, false]);
  expect(outcomes.toSorted((x, y) => Number(y) - Number(x))).toEqual(outcomes);
});

test('what goes beyond the window ends the stream', async () => {
  await using two = await TestNode.start({ ...b, onReceived: async () => new Promise(() => {}) });
  two.links.setPeers(new Map([['a', a.address]]));
  const stranger = open(b.address);
  stranger.call.write(hello());
  const message = Buffer.concat(encodeMessage(append(1, 50_000)).pieces);
  const frame = payload('whole', u32(message.length), message);
  for (let bytes = 0; bytes <= windowBytes; bytes += message.length) stranger.call.write(frame);
  expect(await stranger.ended).toMatchObject({ details: expect.stringContaining('window exceeded') });
  expect(two.received).toHaveLength(Math.floor(windowBytes / message.length));
  stranger.close();
});

test('the newest stream of a node wins', async () => {
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  await linked(one, two);
  const newer = open(b.address);
  newer.call.write(hello({ podUid: 'newer' }));
  await one.until(() => one.told.includes('-b'));
  expect(two.told.slice(0, 3)).toEqual(['+a', '-a', '+a']);
  expect((await two.metric('vectorcluster_link_disconnections_total')).get('replaced by a newer stream')).toBeGreaterThanOrEqual(1);
  newer.close();
});

test('a call without the name of the cluster is refused before it can say anything', async () => {
  await using two = await TestNode.start(b);
  const stranger = open(b.address, new Metadata());
  expect(await stranger.ended).toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: expect.stringContaining('the call is for no cluster'),
  });
  stranger.close();
  expect((await two.metric('vectorcluster_link_refused_total')).get('foreign cluster')).toBe(1);
});

test('many streams of one stranger are refused beyond a bound, and the node lives', async () => {
  await using two = await TestNode.start(b);
  const client = new Client(`${b.address}:${port}`, credentials.createInsecure());
  const calls = Array.from({ length: maxGreetingStreams + 36 }, () => {
    const call = client.makeBidiStreamRequest(linkPath, asIs, asIs, identityMetadata(cluster));
    call.on('error', () => {});
    return call;
  });
  await expect.poll(async () => (await two.metric('vectorcluster_link_refused_total')).get('too many greetings')).toBe(36);
  for (const call of calls) call.cancel();
  client.close();
  two.links.setPeers(new Map([['a', a.address]]));
  await using one = await TestNode.start(a);
  one.links.setPeers(new Map([['b', b.address]]));
  await one.isConnectedTo('b');
});

/** A stream that says what it likes. */
function open(address: string, metadata = identityMetadata(cluster)) {
  const client = new Client(`${address}:${port}`, credentials.createInsecure());
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(linkPath, asIs, asIs, metadata);
  const { promise: ended, resolve } = Promise.withResolvers<ServiceError>();
  call.on('error', resolve);
  call.resume();
  const close = () => {
    call.cancel();
    client.close();
  };
  return { call, ended, close };
}
