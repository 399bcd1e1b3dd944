import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reachOf, type Contact, type ReplicaSight } from '../plan/node-sights.ts';
import { dialled, sightOf, withReport, withStreamEnd, type KnownNode, type StreamEnd } from './known-node.ts';
import { MalformedReportError, type NodeReport } from './node-report.ts';

const closed: StreamEnd = { kind: 'closed', because: 'UNAVAILABLE' };
const silent: StreamEnd = { kind: 'silent', because: 'nothing came' };
const foreign: StreamEnd = { kind: 'foreign', because: 'another cluster' };
const mute: StreamEnd = { kind: 'mute', because: 'UNIMPLEMENTED' };

const replica = (replicaId: string, applied = 0n): ReplicaSight => ({
  shard: `shard of ${replicaId}`,
  replicaId,
  epoch: 1,
  role: 'following',
  serves: true,
  applied,
  points: 0,
  because: undefined,
  drainedTo: undefined,
});
const report = (number: bigint, parts: Partial<NodeReport> = {}): NodeReport => ({
  number,
  node: 'shop-data-0',
  podUid: 'uid',
  peers: new Map(),
  volume: undefined,
  replicas: [],
  gone: [],
  ...parts,
});

/** A story: each step at its time. */
function after(...steps: readonly (readonly [atMs: number, step: NodeReport | StreamEnd])[]): KnownNode {
  return steps.reduce(
    (known, [at, step]) => ('kind' in step ? withStreamEnd(known, step, at) : withReport(known, step, at)),
    dialled('uid', 0),
  );
}

function reach(known: KnownNode, now: number) {
  const sight = sightOf(known, now);
  return sight === undefined ? 'unknown' : reachOf(sight).kind;
}

describe('whether a node is missed', () => {
  test.for<[string, KnownNode, number, ReturnType<typeof reach>]>([
    ['dialled, no answer yet', after(), 2000, 'unknown'],
    ['dialled, no answer for long', after(), 3000, 'missed'],
    ['dialled and nobody there', after([10, closed]), 20, 'doubtful'],
    ['dialled again and again and nobody there', after([10, closed], [100, closed], [300, closed]), 410, 'missed'],
    ['dialled and given up after seconds of silence', after([5000, silent]), 5000, 'missed'],
    ['reporting', after([10, report(1n)]), 500, 'yes'],
    ['reporting, then silent', after([10, report(1n)]), 3010, 'missed'],
    ['closed just now', after([10, report(1n)], [500, closed]), 899, 'doubtful'],
    ['closed and not back', after([10, report(1n)], [500, closed], [700, closed]), 900, 'missed'],
    ['closed and back', after([10, report(1n)], [500, closed], [800, report(1n)]), 1000, 'yes'],
    ['of a version that does not report', after([10, mute]), 60_000, 'unknown'],
    ['of a version that does not report, and then gone', after([10, mute], [2000, closed]), 2400, 'missed'],
    ['never heard, another cluster at its address', after([10, foreign]), 60_000, 'unknown'],
    ['heard, closed, and then another cluster at its address', after([10, report(1n)], [500, closed], [600, foreign]), 900, 'missed'],
    ['heard, and then another Pod on the same stream', after([10, report(1n)], [500, foreign]), 900, 'missed'],
    ['closed, then alive but with nothing usable to say', after([10, report(1n)], [500, closed], [600, mute]), 60_000, 'unknown'],
  ])('%s: %s', ([, known, now, expected]) => {
    expect(reach(known, now)).toBe(expected);
  });
});

test.for<[string, KnownNode, 'closed' | 'silent']>([
  ['closed', after([10, report(1n)], [500, closed]), 'closed'],
  ['closed, and nobody answered the next attempt', after([10, report(1n)], [500, closed], [5500, silent]), 'closed'],
  ['silent', after([10, report(1n)]), 'silent'],
  ['silent and given up', after([10, report(1n)], [5010, silent]), 'silent'],
  ['silent, given up, and refused since', after([10, report(1n)], [5010, silent], [5100, closed]), 'silent'],
])('%s: by that it is missed', ([, known, by]) => {
  const sight = sightOf(known, 60_000);
  expect(sight && reachOf(sight)).toMatchObject({ kind: 'missed', by });
});

describe('what a node says of others', () => {
  const peers = new Map<string, Contact>([
    ['open', { isConnected: true, closedForMs: undefined, silentMs: 100 }],
    ['closed', { isConnected: false, closedForMs: 50, silentMs: 200 }],
  ]);

  test('grows older by itself only where it is closed: a node tells at once when a connection is back', () => {
    expect(sightOf(after([1000, report(1n, { peers })]), 1400)?.peers).toEqual(
      new Map<string, Contact>([
        ['open', { isConnected: true, closedForMs: undefined, silentMs: 100 }],
        ['closed', { isConnected: false, closedForMs: 450, silentMs: 600 }],
      ]),
    );
  });

  test.for<[string, KnownNode, number]>([
    ['missed', after([1000, report(1n, { peers })]), 4000],
    ['cut off', after([1000, report(1n, { peers })], [1100, closed]), 1100],
  ])('is not told on once it is %s itself', ([, known, now]) => {
    expect(sightOf(known, now)?.peers).toEqual(new Map());
  });
});

test('a node that is away is remembered with all it held', () => {
  const known = after([10, report(1n, { replicas: [replica('a', 9n)] })], [500, closed]);
  expect(sightOf(known, 600)).toMatchObject({ podUid: 'uid', isConnected: false, closedForMs: 100, silentMs: 590 });
  expect(sightOf(known, 600)?.replicas.get('a')?.applied).toBe(9n);
});

test.for<[string, readonly bigint[]]>([
  ['a stream that does not begin with everything', [2n]],
  ['a report left out', [1n, 3n]],
  ['a report twice', [1n, 2n, 2n]],
])('%s is refused', ([, numbers]) => {
  expect(() => after(...numbers.map((number, at) => [at, report(number)] as const))).toThrow(MalformedReportError);
});

test('law: reports put together are what the node held at the last of them, across new streams', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const change = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), id: ids, applied: fc.bigInt({ min: 0n, max: 3n }) }),
    fc.record({ kind: fc.constant('drop' as const), id: ids }),
    fc.constant({ kind: 'report' as const }),
    fc.constant({ kind: 'lost' as const }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 50 }), (changes) => {
      const held = new Map<string, ReplicaSight>();
      let told = new Map<string, ReplicaSight>();
      let known = dialled('uid', 0);
      let number = 0n;
      const tell = () => {
        number += 1n;
        const replicas = [...held.values()].filter((each) => told.get(each.replicaId) !== each);
        const gone = [...told.keys()].filter((id) => !held.has(id));
        told = new Map(held);
        known = withReport(known, report(number, { replicas, gone }), 0);
      };
      for (const each of changes) {
        if (each.kind === 'set') held.set(each.id, replica(each.id, each.applied));
        else if (each.kind === 'drop') held.delete(each.id);
        else if (each.kind === 'report') tell();
        else {
          known = withStreamEnd(known, closed, 0);
          told = new Map();
          number = 0n;
        }
      }
      tell();
      expect(known.replicas).toEqual(held);
    }),
  );
});
