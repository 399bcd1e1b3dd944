import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxCopiesBeingMade } from './copy-ledger.ts';
import type { CopyNode, ObservedCopies, ObservedCopiesOfShard } from './observed-copies.ts';
import { planCopies } from './plan-copies.ts';
import { progressLookMs, standstillAfterMs } from './standstill.ts';

const gracePeriodMs = 60_000;
const id = (node: string): string => `id-${node}`;
const nodeOf = (ordinal: number, parts: Partial<CopyNode> = {}): CopyNode => ({
  name: `n${ordinal}`,
  zone: ['a', 'b', 'c'][ordinal % 3] ?? 'a',
  role: 'Data',
  isReady: true,
  isGoing: false,
  awayMs: undefined,
  ...parts,
});
const away = (awayMs: number) => ({ isReady: false, awayMs });
const lost = away(gracePeriodMs);

interface ShardParts extends Partial<ObservedCopiesOfShard> {
  readonly on: readonly string[];
  readonly inSyncOn?: readonly string[];
  readonly gone?: readonly string[];
}

/** Led by the first of `on`; all in sync and there unless said otherwise. */
function shard({ on, inSyncOn = on, gone = [], ...parts }: ShardParts): ObservedCopiesOfShard {
  const [first = ''] = on;
  const isThere = (node: string) => !gone.includes(node);
  return {
    name: 's',
    precondition: { uid: 'u', resourceVersion: '1' },
    wanted: { replicationFactor: on.length, minInSync: 1, readReplicas: 0 },
    assignments: on.map((node) => ({ node, kind: 'Voter' })),
    epoch: 1,
    epochSeen: 0,
    epochAgeMs: 0,
    minInSync: 1,
    primary: { node: first, isThere: isThere(first), going: undefined },
    inSync: inSyncOn.map((node) => ({ replicaId: id(node), node, isThere: isThere(node), isGoing: false })),
    nodesThere: new Set(on.filter(isThere)),
    serving: new Set(on.filter(isThere)),
    beingMade: on.filter((node) => isThere(node) && !inSyncOn.includes(node)).map((node) => ({ node, standstillMs: 0 })),
    points: undefined,
    isHandingOver: false,
    handOverRefused: undefined,
    ...parts,
  };
}
const refused = (agoMs: number, times = 1) => ({ agoMs, times, because: 'it did not drain' });
const wanted = (replicationFactor: number, minInSync = 1, readReplicas = 0) => ({ replicationFactor, minInSync, readReplicas });
const observed = (nodes: readonly CopyNode[], ...shards: readonly ObservedCopiesOfShard[]): ObservedCopies => ({
  cluster: 'shop',
  gracePeriodMs,
  isAtRest: true,
  rebalance: { mode: 'Off', copiesAtOnce: 2 },
  nodes,
  shards,
  leaving: [],
});
const four = [nodeOf(0), nodeOf(1), nodeOf(2), nodeOf(3)];
const without = (ordinal: number, parts: Partial<CopyNode>) =>
  four.map((node, index) => (index === ordinal ? { ...node, ...parts } : node));
const assigned = (given: ObservedCopies) =>
  planCopies(given).steps.map((step) => (step.kind === 'assign-copies' ? step.assignments.map(({ node }) => node).join() : step.kind));

test.for<[string, ObservedCopies, string[]]>([
  ['what is whole stays', observed(four, shard({ on: ['n0', 'n1', 'n2'] })), []],
  ['nothing is changed on a status that was set back', observed(four, shard({ on: ['n0'], wanted: wanted(3), epochSeen: 9 })), []],
  ['more copies, in other zones', observed(four, shard({ on: ['n0'], wanted: wanted(3) })), ['n0,n1,n2']],
  ['no more than there are nodes', observed([nodeOf(0), nodeOf(1)], shard({ on: ['n0'], wanted: wanted(3) })), ['n0,n1']],
  ['fewer copies, the one whose zone has another', observed(four, shard({ on: ['n0', 'n3', 'n1'], wanted: wanted(2) })), ['n0,n1']],
  ['never the primary if another will do', observed(four, shard({ on: ['n3', 'n0'], wanted: wanted(1) })), ['n3']],
  ['one at a time', observed(four, shard({ on: ['n0', 'n1', 'n2'], wanted: wanted(1) })), ['n0,n1']],
  [
    'the next when the one before is out of the set',
    observed(four, shard({ on: ['n0', 'n1'], inSyncOn: ['n0', 'n1', 'n2'], wanted: wanted(1) })),
    [],
  ],
  [
    'a copy that is behind rather than one in sync',
    observed(four, shard({ on: ['n0', 'n1', 'n2'], inSyncOn: ['n0', 'n2'], wanted: wanted(2, 2) })),
    ['n0,n2'],
  ],
  ['not below minInSync', observed(four, shard({ on: ['n0', 'n1', 'n2'], minInSync: 3, wanted: wanted(2, 2) })), []],
  [
    'a copy that is gone does not count for minInSync',
    observed(without(1, away(5)), shard({ on: ['n0', 'n1', 'n2'], gone: ['n1'], minInSync: 2, wanted: wanted(2, 2) })),
    ['n0,n2'],
  ],
  ['nothing while the primary is gone', observed(without(0, lost), shard({ on: ['n0', 'n1'], gone: ['n0'], wanted: wanted(3) })), []],
  [
    'a primary without an assignment hands over',
    observed(four, shard({ on: ['n0', 'n1'], assignments: [{ node: 'n1', kind: 'Voter' }] })),
    ['ask-hand-over'],
  ],
  [
    'a primary whose Pod is going hands over',
    observed(
      four,
      shard({ on: ['n0', 'n1'], primary: { node: 'n0', isThere: false, going: { isSure: true, because: 'it is being deleted' } } }),
    ),
    ['ask-hand-over'],
  ],
  [
    'one that refused a moment ago is left alone',
    observed(four, shard({ on: ['n0', 'n1'], assignments: [{ node: 'n1', kind: 'Voter' }], handOverRefused: refused(1000) })),
    [],
  ],
])('%s', ([, given, steps]) => {
  expect(assigned(given)).toEqual(steps);
});

const unassigned = { on: ['n0', 'n1'], assignments: [{ node: 'n1', kind: 'Voter' }] } as const;

test.for<[string, ObservedCopiesOfShard, number | undefined]>([
  ['a primary that should not lead and refused is asked again', shard({ ...unassigned, handOverRefused: refused(4_000) }), 6_000],
  ['and ever less often', shard({ ...unassigned, handOverRefused: refused(4_000, 3) }), 36_000],
  ['one that stays where it is, is not', shard({ on: ['n0', 'n1'], handOverRefused: refused(4_000) }), undefined],
  ['a copy that is being made is looked at', shard({ on: ['n0', 'n1'], inSyncOn: ['n0'] }), progressLookMs],
  ['one that may be asked now waits for nothing', shard({ ...unassigned, handOverRefused: refused(10_000) }), undefined],
])('nobody else may wake it: %s', ([, given, recheckAfterMs]) => {
  expect(planCopies({ ...observed(four, given), isAtRest: false }).recheckAfterMs).toBe(recheckAfterMs);
});

describe('lost nodes', () => {
  const behind = { on: ['n0', 'n1', 'n2'], inSyncOn: ['n0', 'n2'], gone: ['n1'] };

  test.for<[string, ObservedCopies, string[]]>([
    ['within the grace period they are waited for', observed(without(1, away(59_999)), shard(behind)), []],
    ['then another node gets the copy', observed(without(1, lost), shard(behind)), ['n0,n3,n2']],
    ['not while the copy is in sync', observed(without(1, lost), shard({ ...behind, inSyncOn: behind.on })), []],
    [
      'a primary that is not assigned any more does not keep the copies that are',
      observed(without(1, lost), shard({ ...behind, on: ['n0', 'n1'], inSyncOn: ['n0'], assignments: [{ node: 'n1', kind: 'Voter' }] })),
      ['n0'],
    ],
    ['where there is no other node, nothing can be done', observed(without(1, lost).slice(0, 3), shard(behind)), []],
    [
      'an empty copy that nobody ever led goes anywhere',
      observed(without(0, lost), shard({ on: ['n0'], inSyncOn: [], epoch: 0, primary: undefined })),
      ['n1'],
    ],
    [
      'one zone at a time',
      observed(
        [...without(1, lost).map((node) => (node.name === 'n2' ? { ...node, ...lost } : node)), nodeOf(4), nodeOf(5)],
        shard({ ...behind, name: 's1' }),
        shard({ on: ['n0', 'n2'], inSyncOn: ['n0'], gone: ['n2'], name: 's2' }),
      ),
      ['n0,n4,n2'],
    ],
  ])('%s', ([, given, steps]) => {
    expect(assigned(given)).toEqual(steps);
  });

  test('the end of the grace period is looked for', () => {
    expect(planCopies(observed(without(1, away(20_000)), shard(behind))).recheckAfterMs).toBe(40_000);
  });
});

test('no more copies are begun at once than the bound, those under way included', () => {
  const shards = Array.from({ length: 9 }, (_, index) => shard({ on: ['n0'], wanted: wanted(2), name: `s${index}` }));
  expect(planCopies(observed(four, ...shards)).steps).toHaveLength(maxCopiesBeingMade);
  const underWay = shard({ on: ['n0', 'n1'], inSyncOn: ['n0'], name: 'under-way' });
  expect(planCopies(observed(four, underWay, ...shards)).steps).toHaveLength(maxCopiesBeingMade - 1);
  const stuck = shard({ ...underWay, on: ['n0', 'n1'], inSyncOn: ['n0'], beingMade: [{ node: 'n1', standstillMs: standstillAfterMs }] });
  expect(planCopies(observed(four, stuck, ...shards)).steps).toHaveLength(maxCopiesBeingMade);
});

test('readers are Learners on Read nodes, and go without ceremony', () => {
  const readers = [nodeOf(7, { role: 'Read' }), nodeOf(8, { role: 'Read' })];
  const { steps } = planCopies(observed([...four, ...readers], shard({ on: ['n0'], wanted: wanted(1, 1, 2) })));
  const learners = [
    { node: 'n7', kind: 'Learner' as const },
    { node: 'n8', kind: 'Learner' as const },
  ];
  const voter = { node: 'n0', kind: 'Voter' as const };
  expect(steps).toMatchObject([{ assignments: [voter, ...learners] }]);
  const fewer = shard({ on: ['n0'], assignments: [voter, ...learners], wanted: wanted(1, 1, 1) });
  expect(planCopies(observed([...four, ...readers], fewer)).steps).toMatchObject([{ assignments: [voter, learners[0]] }]);
});

const moves = (given: ObservedCopies) =>
  planCopies(given).steps.map((step) => (step.kind === 'ask-hand-over' ? `${step.object} to ${step.node}` : ''));

describe('primaries are balanced', () => {
  const on = ['n0', 'n1', 'n2'];
  const led = (leaders: readonly string[], parts: Partial<ObservedCopiesOfShard> = {}) =>
    leaders.map((node, index) => {
      const primary = { node, isThere: true, going: undefined };
      return shard({ on, name: `s${index}`, primary, epochAgeMs: 60_000, ...parts });
    });
  test.for<[string, ObservedCopies, string[]]>([
    ['from who leads most to who leads least', observed(four, ...led(['n0', 'n0', 'n0', 'n1'])), ['s0 to n2']],
    ['not for a difference of one', observed(four, ...led(['n0', 'n0', 'n1', 'n2'])), []],
    ['not while the cluster is busy', { ...observed(four, ...led(['n0', 'n0', 'n0'])), isAtRest: false }, []],
    ['not soon after the epoch began', observed(four, ...led(['n0', 'n0', 'n0'], { epochAgeMs: 59_000 })), []],
    ['not while one is handed over', observed(four, ...led(['n0', 'n0', 'n0'], { isHandingOver: true })), []],
    ['not while copies are missing', observed(four.slice(0, 3), ...led(['n0', 'n0', 'n0'], { wanted: wanted(4) })), []],
  ])('%s', ([, given, expected]) => {
    expect(moves(given)).toEqual(expected);
  });

  test('it ends, and evenly', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...on), { minLength: 1, maxLength: 12 }), (leaders) => {
        const current = [...leaders];
        for (let turn = 0; turn < 50; turn++) {
          const [step] = planCopies(observed(four, ...led(current))).steps;
          if (step?.kind !== 'ask-hand-over') break;
          current[Number(step.object.slice(1))] = step.node;
        }
        const counts = on.map((node) => current.filter((leader) => leader === node).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

const anyShard = fc
  .record({
    on: fc.uniqueArray(fc.constantFrom('n0', 'n1', 'n2', 'n3', 'n4'), { minLength: 1, maxLength: 4 }),
    inSync: fc.integer({ min: 1, max: 4 }),
    gone: fc.uniqueArray(fc.constantFrom('n0', 'n1', 'n2', 'n3', 'n4'), { maxLength: 2 }),
    replicationFactor: fc.integer({ min: 1, max: 4 }),
    minInSync: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ on, inSync, gone, replicationFactor, minInSync }) =>
    shard({
      on,
      inSyncOn: on.slice(0, inSync),
      gone,
      minInSync,
      wanted: wanted(replicationFactor, Math.min(minInSync, replicationFactor)),
    }),
  );

test('whatever is observed: a copy in sync goes only while enough others are, the primary never, and no node gets two', () => {
  fc.assert(
    fc.property(anyShard, fc.uniqueArray(fc.nat(4), { maxLength: 2 }), (given, lostNodes) => {
      const nodes = [0, 1, 2, 3, 4].map((ordinal) => nodeOf(ordinal, lostNodes.includes(ordinal) ? lost : {}));
      for (const step of planCopies(observed(nodes, given)).steps) {
        if (step.kind !== 'assign-copies') continue;
        const kept = step.assignments.map(({ node }) => node);
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept).toContain(given.primary?.node);
        const dropped = given.inSync.filter(({ node }) => !kept.includes(node));
        const left = given.inSync.filter(({ node, isThere }) => kept.includes(node) && isThere).length;
        expect(dropped.length).toBeLessThanOrEqual(1);
        const needed = dropped.length > 0 ? Math.max(given.minInSync, given.wanted.minInSync) : 0;
        expect(left).toBeGreaterThanOrEqual(needed);
      }
    }),
    { numRuns: 1000 },
  );
});
