/** Real links over real sockets: each node of a test has a loopback address of its own, and all of them one port. */
import { expect, test } from 'vitest';
import { append, freePort, linked, numbersOf, TestNode } from '../../../test/link-nodes.ts';
import { LinkMessageTooLargeError } from './link-error.ts';
import { maxMessageBytes, roomBytes, silentBeats, windowBytes } from './link-limits.ts';

const port = await freePort();
const a = { node: 'a', address: '127.0.0.2', port };
const b = { node: 'b', address: '127.0.0.3', port };
const c = { node: 'c', address: '127.0.0.4', port };
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

test('two nodes find each other and keep the order, both ways at once', async () => {
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  await linked(one, two);
  const sizes = numbers(600).map((number) => (number % 10 === 0 ? (number * 7919) % 400_000 : number));
  const sent = await Promise.all([
    ...sizes.map((bytes, number) => one.links.send('b', append(number, bytes))),
    ...sizes.map((bytes, number) => two.links.send('a', append(number, bytes))),
  ]);
  expect(new Set(sent)).toEqual(new Set([true]));
  await one.receivedCount(600);
  await two.receivedCount(600);
  expect(numbersOf(one)).toEqual(numbers(600));
  expect(numbersOf(two)).toEqual(numbers(600));
  expect(two.received.every(({ bodies: [body] }, number) => body?.operation.every((byte) => byte === number % 251))).toBe(true);
  expect([one.told, two.told]).toEqual([['+b'], ['+a']]);
});

test('three nodes, and one of them goes', async () => {
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  const three = await TestNode.start(c);
  await linked(one, two, three);
  for (const from of [one, two, three]) {
    for (const to of ['a', 'b', 'c']) expect(await from.links.send(to, append(1, 10))).toBe(to !== from.node);
  }
  for (const node of [one, two, three]) await node.receivedCount(2);
  await three[Symbol.asyncDispose]();
  await one.until(() => one.told.includes('-c'));
  await two.until(() => two.told.includes('-c'));
  expect([one.links.isConnected('b'), one.links.isConnected('c')]).toEqual([true, false]);
  expect([one.links.disconnectedSince('b'), one.links.disconnectedSince('c')]).toEqual([undefined, expect.any(Number)]);
  expect([one.links.lastHeardAt('c'), one.links.lastEchoedAt('c')]).toEqual([expect.any(Number), undefined]);
  expect(await one.links.send('c', append(1, 10))).toBe(false);
});

test('a node that restarts is connected again by itself', async () => {
  await using one = await TestNode.start(a);
  {
    await using two = await TestNode.start(b);
    await linked(one, two);
  }
  await one.until(() => one.told.includes('-b'));
  await using again = await TestNode.start({ ...b, podUid: 'b 2' });
  again.links.setPeers(new Map([['a', a.address]]));
  await again.isConnectedTo('a');
  await one.isConnectedTo('b');
  expect(one.told).toEqual(['+b', '-b', '+b']);
  await one.links.send('b', append(7, 10));
  await again.receivedCount(1);
  expect(numbersOf(again)).toEqual([7]);
});

test('a connection without messages lives on its heartbeats', async () => {
  await using one = await TestNode.start({ ...a, speed: 50 });
  await using two = await TestNode.start({ ...b, speed: 50 });
  await linked(one, two);
  const echoes = async () => (await one.metric('vectorcluster_link_heartbeat_round_trip_seconds')).get('count');
  await expect.poll(echoes, { timeout: 20_000 }).toBeGreaterThan(3 * silentBeats);
  expect([one.told, two.told]).toEqual([['+b'], ['+a']]);
});

test('a stream that comes before its node is known waits until it is', async () => {
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  one.links.setPeers(new Map([['b', b.address]]));
  await expect.poll(async () => (await two.metric('vectorcluster_link_bytes_total')).get('received')).toBeGreaterThan(0);
  expect([one.told, two.told]).toEqual([[], []]);
  two.links.setPeers(new Map([['a', a.address]]));
  await one.isConnectedTo('b');
  expect([one.told, two.told]).toEqual([['+b'], ['+a']]);
  expect(await one.metric('vectorcluster_link_refused_total')).toEqual(new Map());
});

test('a peer that is no longer there is closed, one that moved is dialed at its new address', async () => {
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  await linked(one, two);
  one.links.setPeers(new Map());
  expect(one.told).toEqual(['+b', '-b']);
  expect([one.links.lastHeardAt('b'), one.links.disconnectedSince('b')]).toEqual([undefined, undefined]);
  await two.until(() => two.told.includes('-a'));
  one.links.setPeers(new Map([['b', b.address]]));
  await one.isConnectedTo('b');
  await using moved = await TestNode.start({ ...b, address: '127.0.0.5', podUid: 'b 2' });
  moved.links.setPeers(new Map([['a', a.address]]));
  one.links.setPeers(new Map([['b', '127.0.0.5']]));
  expect(one.links.isConnected('b')).toBe(false);
  await one.isConnectedTo('b');
  await one.links.send('b', append(1, 1));
  await moved.receivedCount(1);
  expect(two.received).toEqual([]);
});

test('a new Pod that came before its address was known keeps its connection; one of the old Pod is closed', async () => {
  await using two = await TestNode.start(b);
  await using old = await TestNode.start(a);
  await linked(old, two);
  await old[Symbol.asyncDispose]();
  await two.until(() => two.told.includes('-a'));
  await using moved = await TestNode.start({ ...a, address: '127.0.0.5', podUid: 'a 2' });
  moved.links.setPeers(new Map([['b', b.address]]));
  await moved.isConnectedTo('b');
  two.links.setPeers(new Map([['a', '127.0.0.5']]));
  expect(two.told).toEqual(['+a', '-a', '+a']);
  two.links.setPeers(new Map([['a', '127.0.0.6']]));
  expect(two.told).toEqual(['+a', '-a', '+a', '-a']);
});

test('a slow receiver stops the sender, bounds what both hold, and heartbeats pass all the while', async () => {
  const held = Promise.withResolvers<void>();
  await using one = await TestNode.start(a);
  await using two = await TestNode.start({ ...b, onReceived: async () => await held.promise });
  await linked(one, two);
  const size = 500_000;
  let resolved = 0;
  const sends = numbers(100).map(async (number) => {
    const hasRoom = await one.links.send('b', append(number, size));
    resolved++;
    return hasRoom;
  });
  const echoesAre = async () => (await one.metric('vectorcluster_link_heartbeat_round_trip_seconds')).get('count') ?? 0;
  await two.receivedCount(8);
  const [echoesBefore, echoedBefore] = [await echoesAre(), one.links.lastEchoedAt('b') ?? NaN];
  await expect.poll(echoesAre, { timeout: 20_000 }).toBeGreaterThanOrEqual(echoesBefore + 3);
  expect(one.links.lastEchoedAt('b')).toBeGreaterThan(echoedBefore);
  const unhandled = (await two.metric('vectorcluster_link_unhandled_bytes')).get('a') ?? 0;
  expect(unhandled).toBeGreaterThan(windowBytes - size);
  expect(unhandled).toBeLessThanOrEqual(windowBytes);
  expect(two.received).toHaveLength(Math.floor(windowBytes / size));
  expect(resolved * size).toBeLessThanOrEqual(windowBytes + roomBytes);
  const queued = (await one.metric('vectorcluster_link_queued_bytes')).get('b') ?? 0;
  expect(queued + unhandled).toBeGreaterThanOrEqual(100 * size);
  held.resolve();
  expect(new Set(await Promise.all(sends))).toEqual(new Set([true]));
  await two.receivedCount(100);
  expect(numbersOf(two)).toEqual(numbers(100));
  await expect.poll(async () => (await two.metric('vectorcluster_link_unhandled_bytes')).get('a')).toBe(0);
  expect(one.told).toEqual(['+b']);
});

test('messages longer than the window pass, longer than the limit are refused to the sender', async () => {
  await using one = await TestNode.start(a);
  await using two = await TestNode.start(b);
  await linked(one, two);
  await Promise.all([one.links.send('b', append(1, 3 * windowBytes)), one.links.send('b', append(2, 3 * windowBytes))]);
  await two.receivedCount(2);
  expect(two.received.map(({ bodies: [body] }) => body?.operation.byteLength)).toEqual([3 * windowBytes, 3 * windowBytes]);
  await expect(one.links.send('b', append(3, maxMessageBytes))).rejects.toThrow(LinkMessageTooLargeError);
  expect(one.links.isConnected('b')).toBe(true);
});

test.for<[string, () => void | Promise<void>]>([
  [
    'throws',
    () => {
      throw new Error('not today');
    },
  ],
  ['rejects', async () => Promise.reject(new Error('not today'))],
])('a handler that %s ends the connection, and there is a new one', async ([, fail]) => {
  let calls = 0;
  await using one = await TestNode.start(a);
  await using two = await TestNode.start({ ...b, onReceived: () => (calls++ === 0 ? fail() : undefined) });
  await linked(one, two);
  await one.links.send('b', append(1, 1));
  await two.until(() => two.told.length === 3);
  expect(two.told).toEqual(['+a', '-a', '+a']);
  await one.until(() => one.told.length === 3);
  await one.links.send('b', append(2, 1));
  await two.receivedCount(2);
  expect((await two.metric('vectorcluster_link_disconnections_total')).get('handler failed')).toBe(1);
});
