import { expect, test } from 'vitest';
import type { Configuration } from '../replication/configuration.ts';
import { startReplica, type Leader } from '../replication/replica.ts';
import { isLeader, step } from '../replication/step.ts';
import { silenceMs } from './peer-watch.ts';
import { watchShowing, type Showing } from './show-watch.ts';

const configuration: Configuration = {
  version: '1',
  epoch: 1n,
  primary: 'a',
  inSync: ['a', 'b'],
  minInSync: 1,
  handOverTo: undefined,
  members: ['a', 'b', 'c'].map((replicaId) => ({ replicaId, node: replicaId, kind: 'Voter' })),
};

/** Three entries, acknowledged by b, of which b shows as many as given. */
function leader(applied: bigint): Leader {
  let [replica] = step(startReplica({ shard: 's', replicaId: 'a', epoch: 0n }), { kind: 'configuration-seen', configuration });
  [replica] = step(replica, { kind: 'epoch-persisted', epoch: 1n });
  [replica] = step(replica, { kind: 'proposed', entries: 3 });
  [replica] = step(replica, { kind: 'persisted', epoch: 1n, upTo: 3n });
  const message = { kind: 'appended', upTo: 3n, applied, shard: 's', epoch: 1n, from: 'b', to: 'a' } as const;
  [replica] = step(replica, { kind: 'received', message, now: 0 });
  if (!isLeader(replica)) throw new Error('it leads');
  expect(replica.committed).toBe(3n);
  return replica;
}

const at = (now: number, awakeSince = 0) => ({ now, awakeSince });
const none: ReadonlyMap<string, Showing> = new Map();

test('a copy that acknowledges and shows nothing more is missed after three seconds', () => {
  const { showing } = watchShowing(leader(1n), none, at(0));
  expect(watchShowing(leader(1n), showing, at(silenceMs)).stuck).toEqual([]);
  expect(watchShowing(leader(1n), showing, at(silenceMs + 1)).stuck).toEqual(['b']);
});

test('one that shows a little more, or all, is not', () => {
  const { showing } = watchShowing(leader(1n), none, at(0));
  const more = watchShowing(leader(2n), showing, at(silenceMs + 1));
  expect(more.stuck).toEqual([]);
  expect(watchShowing(leader(2n), more.showing, at(2 * silenceMs + 1)).stuck).toEqual([]);
  expect(watchShowing(leader(3n), showing, at(silenceMs + 1))).toEqual({ showing: none, stuck: [] });
});

test('nor is anyone while this process stood still', () => {
  const { showing } = watchShowing(leader(1n), none, at(0));
  expect(watchShowing(leader(1n), showing, at(silenceMs + 1, silenceMs)).stuck).toEqual([]);
});
