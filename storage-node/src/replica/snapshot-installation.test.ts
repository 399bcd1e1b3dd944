import { MemoryDisk } from '@vectorcluster/engine/log/memory-disk.ts';
import { seededRandom } from '@vectorcluster/engine/log/seeded-random.ts';
import { expect, test } from 'vitest';
import { following, startReplica, type Replica } from '../replication/replica.ts';
import type { Configuration } from '../replication/configuration.ts';
import type { ReplicaEvent } from '../replication/events.ts';
import type { FetchedSnapshot } from '../snapshot/fetch-snapshot.ts';
import { ReceivedParts } from '../snapshot/received-parts.ts';
import type { After } from './after.ts';
import { DiskOrder } from './disk-order.ts';
import type { SnapshotPlace } from './ports.ts';
import { SnapshotInstallation } from './snapshot-installation.ts';

const place = (from: string): SnapshotPlace => ({ from, node: from, atLeast: 7n });
const atOnce: After = (_, act) => {
  queueMicrotask(act);
  return { [Symbol.dispose]: () => {} };
};

function installation(fetch: (place: SnapshotPlace) => Promise<Pick<FetchedSnapshot, 'position'>>, inSync: readonly string[] = ['a']) {
  const object: Configuration = { version: '9', epoch: 2n, primary: 'a', inSync, minInSync: 1, members: [], handOverTo: undefined };
  const replica: Replica = { ...startReplica({ shard: 's', replicaId: 'c', epoch: 2n }), role: following('a') };
  const events: ReplicaEvent[] = [];
  const applierTold: string[] = [];
  const closing = new AbortController();
  const disk = new DiskOrder(
    () => {},
    () => 0,
  );
  const made = new SnapshotInstallation({
    disk,
    signal: closing.signal,
    after: atOnce,
    replica: () => replica,
    isInSync: () => false,
    configuration: { read: async () => object },
    feed: (event) => events.push(event),
    snapshots: {
      fetch: async (from) => {
        const { position } = await fetch(from);
        const folder = new MemoryDisk({ random: seededRandom(1) }).mount();
        return { position, bytes: 0, parts: await ReceivedParts.open(folder) };
      },
      install: async () => {},
    },
    entries: { clear: () => {} },
    applier: {
      untilIdle: async () => {},
      truncated: (from) => applierTold.push(`cut from ${from}`),
      durable: (upTo) => applierTold.push(`durable to ${upTo}`),
    },
    onFailure: () => {},
  });
  return { made, disk, closing, events, applierTold };
}

test('one that cannot be had any more is left for that of the next primary', async () => {
  const asked: string[] = [];
  const { made, closing, events, applierTold } = installation(async ({ from }) => {
    asked.push(from);
    if (asked.length === 2) made.begin(place('b'));
    if (asked.length === 9) closing.abort();
    if (from === 'a') throw new Error('gone');
    return { position: { sequence: 8n, epoch: 2n } };
  });
  made.begin(place('a'));
  await expect.poll(() => events.length + Number(closing.signal.aborted)).toBe(1);
  expect(asked).toEqual(['a', 'a', 'b']);
  expect(events).toMatchObject([{ kind: 'snapshot-installed', position: { sequence: 8n } }]);
  expect(applierTold).toEqual(['cut from 9', 'durable to 8']);
});

test('what is about to be replaced takes no more entries, though the disk is busy still', async () => {
  const { made, disk, events } = installation(async () => ({ position: { sequence: 8n, epoch: 2n } }));
  const busy = Promise.withResolvers<void>();
  void disk.write(() => busy.promise);
  made.begin(place('a'));
  await expect.poll(() => made.isInstalling).toBe(true);
  expect(events).toEqual([]);
  busy.resolve();
  await expect.poll(() => made.isInstalling).toBe(false);
  expect(events.length).toBe(1);
});

test('a copy that others count on is not emptied, though the watch has not told so yet', async () => {
  const fetched = Promise.withResolvers<void>();
  const fetch = async () => {
    fetched.resolve();
    return { position: { sequence: 8n, epoch: 2n } };
  };
  const { made, events, applierTold } = installation(fetch, ['a', 'c']);
  made.begin(place('a'));
  await fetched.promise;
  for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
  expect([events, applierTold]).toEqual([[], []]);
});
