import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import { expect, test } from 'vitest';
import { shardOn } from '../../test/observed-nodes.ts';
import type { CopyNode, ObservedCopies, ObservedCopiesOfShard } from './observed-copies.ts';
import { planCopies } from './plan-copies.ts';

const gracePeriodMs = 60_000;
const nodeOf = (name: string, parts: Partial<CopyNode> = {}): CopyNode => ({
  name,
  zone: name,
  role: 'Data',
  isReady: true,
  isGoing: false,
  awayMs: undefined,
  ...parts,
});
const nodes = ['a', 'b', 'c', 'd'].map((name) => nodeOf(name));
const lost = { isReady: false, awayMs: gracePeriodMs };
const voter = (node: string, replacedBy?: string): Assignment => ({ node, kind: 'Voter', ...(replacedBy !== undefined && { replacedBy }) });

/** Copies on a, b and c, led by a; the one on b is on its way to d, where it is not in sync yet. */
const moving: ObservedCopiesOfShard = {
  ...shardOn('a', 'b', 'c'),
  assignments: [voter('a'), voter('b', 'd'), voter('c'), voter('d')],
  beingMade: [{ node: 'd', standstillMs: 0 }],
};
const arrived: ObservedCopiesOfShard = { ...moving, inSync: shardOn('a', 'b', 'c', 'd').inSync, beingMade: [] };
const ledByB = { ...arrived, primary: { node: 'b', isThere: true, going: undefined } };
/** The copies on b, which leads, and on c both have their successors. */
const twoMoves: ObservedCopiesOfShard = {
  ...ledByB,
  assignments: [voter('a'), voter('b', 'd'), voter('c', 'e'), voter('d'), voter('e')],
  inSync: shardOn('a', 'b', 'c', 'd', 'e').inSync,
};
const askedInVain = { agoMs: 0, times: 1, because: 'it did not drain' };

const planned = (shard: ObservedCopiesOfShard, parts: Partial<ObservedCopies> = {}) =>
  planCopies({
    cluster: 'shop',
    gracePeriodMs,
    isAtRest: false,
    rebalance: { mode: 'Auto', copiesAtOnce: 2 },
    nodes,
    shards: [shard],
    leaving: [],
    ...parts,
  }).steps.map((step) => (step.kind === 'assign-copies' ? step.assignments.map(told).join(' ') : `${step.kind} ${step.node}`));

function told({ node, kind, replacedBy }: Assignment): string {
  return `${node}${kind === 'Learner' ? '*' : ''}${replacedBy === undefined ? '' : `>${replacedBy}`}`;
}

const learners: ObservedCopiesOfShard = {
  ...shardOn('a', 'b'),
  wanted: { replicationFactor: 2, minInSync: 1, readReplicas: 1 },
  assignments: [voter('a'), voter('b'), { node: 'r', kind: 'Learner', replacedBy: 's' }, { node: 's', kind: 'Learner' }],
};
const readers = [nodeOf('r', { role: 'Read' }), nodeOf('s', { role: 'Read' })];

test.for<[string, ObservedCopiesOfShard, Partial<ObservedCopies>, readonly string[]]>([
  ['a copy on a node that leaves gets a successor', shardOn('a', 'b', 'c'), { leaving: ['b'] }, ['a b>d c d']],
  ['never on another node that leaves', shardOn('a', 'b', 'c'), { leaving: ['b', 'd'] }, []],
  ['it stays until the successor is in sync', moving, {}, []],
  ['then it goes', arrived, {}, ['a c d']],
  ['the one that leads hands over first', ledByB, {}, ['ask-hand-over a']],
  [
    'while it may not be asked again, the other move goes on',
    { ...twoMoves, handOverRefused: askedInVain },
    { nodes: [...nodes, nodeOf('e')] },
    ['a b>d d e'],
  ],
  ['not to a node that leaves', ledByB, { leaving: ['b', 'a'] }, ['ask-hand-over c']],
  [
    'a successor that is in sync and away is waited for',
    { ...arrived, inSync: arrived.inSync.map((copy) => ({ ...copy, isThere: copy.node !== 'd' })) },
    {},
    [],
  ],
  [
    'it stays while writes need it',
    { ...arrived, inSync: shardOn('b', 'd').inSync, minInSync: 2, primary: { node: 'd', isThere: true, going: undefined } },
    {},
    [],
  ],
  [
    'a successor that is lost gives way to another',
    moving,
    { nodes: [...nodes.map((node) => (node.name === 'd' ? { ...node, ...lost } : node)), nodeOf('e')] },
    ['a b>e c e'],
  ],
  [
    'a successor that nobody assigns any more is forgotten',
    { ...moving, assignments: [voter('a'), voter('b', 'd'), voter('c')], beingMade: [] },
    {},
    [],
  ],
  [
    'a copy that is lost and out of sync goes at once',
    { ...arrived, inSync: shardOn('a', 'c').inSync },
    { nodes: nodes.map((node) => (node.name === 'b' ? { ...node, ...lost } : node)) },
    ['a c d'],
  ],
  ['a move that was begun is finished when the node stays after all', arrived, { leaving: [] }, ['a c d']],
  ['a copy for reads stays until the next one serves', learners, { nodes: [...nodes, ...readers] }, []],
  ['and then goes', { ...learners, serving: new Set(['s']) }, { nodes: [...nodes, ...readers] }, ['a b s*']],
])('%s', ([, shard, parts, expected]) => {
  expect(planned(shard, parts)).toEqual(expected);
});

test('one node after another is emptied', () => {
  const two = [
    { ...shardOn('a', 'b'), name: 's1' },
    { ...shardOn('b', 'a'), name: 's2' },
  ];
  expect(planned(shardOn(), { leaving: ['a', 'b'], shards: two })).toEqual(['a>c b c', 'b a>d d']);
});
