import { describe, expect, test } from 'vitest';
import { closedMissedMs, silentMissedMs, type Contact, type ReplicaSight } from '../plan/node-sights.ts';
import { dialled, withReport, withStreamEnd, type KnownNode } from './known-node.ts';
import { sameReaches, shardsChanged, verdictOn } from './verdict.ts';

const reporting = (peers: ReadonlyMap<string, Contact> = new Map()): KnownNode =>
  withReport(dialled('uid', 0), { number: 1n, node: 'shop-data-0', podUid: 'uid', peers, volume: undefined, replicas: [], gone: [] }, 0);
const closed = (known: KnownNode, at: number) => withStreamEnd(known, { kind: 'closed', because: 'UNAVAILABLE' }, at);
const there: Contact = { isConnected: true, closedForMs: undefined, silentMs: 10 };
const cutOff: Contact = { isConnected: false, closedForMs: 100, silentMs: 150 };

describe('a node is looked at again', () => {
  test.for<[string, KnownNode, number, number | undefined]>([
    ['when it will have been dialled in vain for long', dialled('uid', 0), 100, silentMissedMs - 100],
    ['never by itself while it tells nothing', withStreamEnd(dialled('uid', 0), { kind: 'mute', because: '' }, 50), 100, undefined],
    ['when its silence will be long enough', reporting(), 100, silentMissedMs - 100],
    ['no sooner when it speaks well of others', reporting(new Map([['other', there]])), 100, silentMissedMs - 100],
    ['when it will have been away long enough', closed(reporting(), 1000), 1100, closedMissedMs - 100],
    ['when silence comes before that', closed(reporting(), 2900), 2900, silentMissedMs - 2900],
    ['not while it is missed', closed(reporting(), 1000), 1400, undefined],
    ['when a peer will have been away long enough', reporting(new Map([['other', cutOff]])), 0, 300],
    ['as itself, once the peer is missed', reporting(new Map([['other', cutOff]])), 300, silentMissedMs - 300],
  ])('%s', ([, known, now, expected]) => {
    expect(verdictOn(known, now).againInMs).toBe(expected);
  });

  test('later than now, however times are rounded', () => {
    // 11092.609 - 8092.609000000001 is less than 3000, and 8092.609000000001 + 3000 is 11092.609.
    const [heardAt, now] = [8092.609000000001, 11092.609];
    expect(verdictOn(dialled('uid', heardAt), now).againInMs).toBeGreaterThan(0);
  });

  test('and then the answer is another', () => {
    for (const known of [dialled('uid', 900), reporting(), closed(reporting(), 1000), reporting(new Map([['other', cutOff]]))]) {
      let now = 1000;
      for (let { againInMs } = verdictOn(known, now); againInMs !== undefined; { againInMs } = verdictOn(known, now)) {
        const [before, almost, then] = [now, now + againInMs - 1, now + againInMs].map((at) => verdictOn(known, at));
        if (before === undefined || almost === undefined || then === undefined) throw new Error('three verdicts');
        expect(sameReaches(before, almost)).toBe(true);
        expect(sameReaches(almost, then)).toBe(false);
        now += againInMs;
      }
    }
  });
});

const replica: ReplicaSight = {
  shard: 's',
  replicaId: 'r',
  epoch: 1,
  role: 'following',
  serves: true,
  applied: 0n,
  points: 0,
  because: undefined,
  drainedTo: undefined,
};

test.for<[string, Partial<ReplicaSight>, boolean]>([
  ['epoch', { epoch: 2 }, true],
  ['role', { role: 'leading' }, true],
  ['serves', { serves: false }, true],
  ['because', { because: 'x' }, true],
  ['drainedTo', { drainedTo: 'q' }, true],
  ['applied', { applied: 1n }, false],
  ['points', { points: 1 }, false],
])('a shard is looked at for a change of %s: %s', ([, change, expected]) => {
  const changed = shardsChanged(new Map([['r', replica]]), new Map([['r', { ...replica, ...change }]]));
  expect(changed).toEqual(expected ? ['s'] : []);
});

test('a shard is looked at when a replica of it comes or goes', () => {
  expect(shardsChanged(new Map(), new Map([['r', replica]]))).toEqual(['s']);
  expect(shardsChanged(new Map([['r', replica]]), new Map())).toEqual(['s']);
});
