import { expect, test } from 'vitest';
import { ReplicaGroup } from '../../test/replica-group.ts';
import { OpenReplicas } from '../membership/open-replicas.ts';
import { maxMessageBytes, maxQueuedBytes } from '../peer/link/link-limits.ts';
import type { LinkMessage } from '../peer/link/link-message.ts';
import { NodeTraffic } from './node-traffic.ts';

const silent = { isConnected: () => true, lastHeardAt: () => 0, lastEchoedAt: () => 0, disconnectedSince: () => undefined };

const entryOf = (bytes: number): LinkMessage => ({
  message: {
    kind: 'append',
    shard: 's',
    epoch: 1n,
    from: 'a',
    to: 'b',
    previous: { sequence: 0n, epoch: 0n },
    entries: [{ sequence: 1n, epoch: 1n }],
    inherited: 0n,
    committed: 0n,
  },
  bodies: [{ requestId: 'r', operation: new Uint8Array(bytes) }],
});

test.for([
  ['of the largest entries', 64 * 1024 * 1024, maxMessageBytes],
  ['of usual ones', 1024 * 1024, 4 * 1024 * 1024],
] as const)('messages %s of many shards at once are less than ends the connection', async ([, bytes, atMost]) => {
  using traffic = new NodeTraffic({ replicas: new OpenReplicas(), now: () => 0 });
  let most = 0;
  const room: (() => void)[] = [];
  const wait = async (): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    most = Math.max(
      most,
      room.push(() => resolve(true)),
    );
    return await promise;
  };
  traffic.begin({ ...silent, send: wait });
  const message = entryOf(bytes);
  const sent = Promise.all(Array.from({ length: 40 }, async () => await traffic.send('b', message)));
  for (let done = 0; done < 40;) {
    await new Promise(setImmediate);
    for (const give of room.splice(0)) {
      give();
      done += 1;
    }
  }
  expect(await sent).not.toContain(false);
  expect(most).toBeGreaterThan(1);
  expect(most * atMost).toBeLessThan(maxQueuedBytes);
});

test('a node that leaves waits until no primary waits for its copies any more', async () => {
  const nodes = ['a', 'b', 'c'];
  await using group = new ReplicaGroup(nodes, { vectors: new Map([['', { size: 2, distance: 'Dot', m: 4, efConstruct: 8 }]]) });
  for (const node of nodes) await group.start(node);
  group.appoint('a', nodes);
  const replicas = new OpenReplicas();
  replicas.add('shard', group.replica('c'));
  const never = { [Symbol.dispose]: () => {} };
  using traffic = new NodeTraffic({ replicas, now: () => 0, after: () => never });
  const told: string[] = [];
  const send = async (node: string, message: LinkMessage): Promise<boolean> => {
    told.push(`${message.message.kind} to ${node}`);
    setImmediate(() => void group.replica(node).receive('c', message));
    return true;
  };
  traffic.begin({ ...silent, send });
  await expect.poll(() => group.replica('a').servingEpoch).toBe(1n);
  await expect.poll(() => group.replica('c').runner.seen?.inSync.length).toBe(3);
  await traffic.leave();
  expect(told).toEqual(['leaving to a']);
  expect(group.object.inSync).toEqual([group.id('a'), group.id('b')]);
});

test('a node that leaves waits no longer than a second for a primary that does not answer', async () => {
  await using group = new ReplicaGroup(['a', 'c'], { vectors: new Map([['', { size: 2, distance: 'Dot', m: 4, efConstruct: 8 }]]) });
  for (const node of ['a', 'c']) await group.start(node);
  group.appoint('a', ['a', 'c']);
  const replicas = new OpenReplicas();
  replicas.add('shard', group.replica('c'));
  const rings: { readonly ms: number; readonly ring: () => void }[] = [];
  const after = (ms: number, ring: () => void) => (rings.push({ ms, ring }), { [Symbol.dispose]: () => {} });
  using traffic = new NodeTraffic({ replicas, now: () => 0, after });
  traffic.begin({ ...silent, send: async () => false });
  await expect.poll(() => group.replica('c').runner.seen?.inSync.length).toBe(2);
  const left = traffic.leave();
  rings.find(({ ms }) => ms === 1_000)?.ring();
  await left;
  expect(group.object.inSync).toHaveLength(2);
});
