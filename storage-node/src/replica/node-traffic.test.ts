import { expect, test } from 'vitest';
import { OpenReplicas } from '../membership/open-replicas.ts';
import { maxMessageBytes, maxQueuedBytes } from '../peer/link/link-limits.ts';
import type { LinkMessage } from '../peer/link/link-message.ts';
import { NodeTraffic } from './node-traffic.ts';

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
  const silent = { isConnected: () => true, lastHeardAt: () => 0, lastEchoedAt: () => 0, disconnectedSince: () => undefined };
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
