import { expect, test } from 'vitest';
import type { Configuration } from '../replication/configuration.ts';
import type { ReplicaEvent } from '../replication/events.ts';
import type { Leader } from '../replication/replica.ts';
import { startReplica } from '../replication/replica.ts';
import { isLeader, step } from '../replication/step.ts';
import { silenceMs, watchPeers, type Owing } from './peer-watch.ts';

const configuration: Configuration = {
  version: '1',
  epoch: 1n,
  primary: 'a',
  inSync: ['a', 'b'],
  minInSync: 1,
  handOverTo: undefined,
  members: ['a', 'b', 'c'].map((replicaId) => ({ replicaId, node: replicaId, kind: 'Voter' })),
};

function leader(...more: readonly ReplicaEvent[]): Leader {
  let [replica] = step(startReplica({ shard: 's', replicaId: 'a', epoch: 0n }), { kind: 'configuration-seen', configuration });
  [replica] = step(replica, { kind: 'epoch-persisted', epoch: 1n });
  [replica] = step(replica, { kind: 'proposed', entries: 3 });
  for (const event of more) [replica] = step(replica, event);
  if (!isLeader(replica)) throw new Error('it leads');
  return replica;
}

const watch = (before: ReadonlyMap<string, Owing>, now: number, answeredAt?: number) =>
  watchPeers(leader(), before, { now, awakeSince: 0, answeredAt: () => answeredAt, isAway: () => false });

test('a replica whose node is away is missed at once when it is in sync, else left alone', () => {
  const { silent, askAgain, owing } = watchPeers(leader(), new Map(), {
    now: 0,
    awakeSince: 0,
    answeredAt: () => undefined,
    isAway: () => true,
  });
  expect([silent, askAgain, owing.size]).toEqual([['b'], [], 0]);
});

test('what is owed is asked for again, less and less often', () => {
  let owing: ReadonlyMap<string, Owing> = new Map();
  const asked: number[] = [];
  for (let now = 0; now <= 4_000; now += 250) {
    const watched = watch(owing, now, now);
    owing = watched.owing;
    if (watched.askAgain.includes('b')) asked.push(now);
  }
  expect(asked).toEqual([500, 1500, 3500]);
});

test('an in-sync replica that owes and says nothing is missed; one that speaks is not', () => {
  const { owing } = watch(new Map(), 0);
  expect(watch(owing, silenceMs).silent).toEqual([]);
  expect(watch(owing, silenceMs + 1).silent).toEqual(['b']);
  expect(watch(owing, silenceMs + 1, 1_000).silent).toEqual([]);
});

test('that there is a snapshot to be had is said again: it may have been said to one that could not hear', () => {
  const appended = { kind: 'appended', upTo: 3n, applied: 3n, shard: 's', epoch: 1n, from: 'b', to: 'a' } as const;
  const copying = leader(
    { kind: 'persisted', epoch: 1n, upTo: 3n },
    { kind: 'received', message: appended, now: 0 },
    { kind: 'applied', upTo: 3n },
    { kind: 'log-released', upTo: 3n },
    { kind: 'connected', replica: 'c' },
  );
  expect(copying.role.peers.get('c')?.phase).toBe('copying');
  const facts = { awakeSince: 0, answeredAt: () => undefined, isAway: () => false };
  const { owing } = watchPeers(copying, new Map(), { ...facts, now: 0 });
  expect(watchPeers(copying, owing, { ...facts, now: silenceMs + 1 })).toMatchObject({ askAgain: ['c'], silent: [] });
});
