import { expect, test } from 'vitest';
import { shardOn } from '../../test/observed-nodes.ts';
import type { CopyNode, ObservedCopies, ObservedCopiesOfShard } from './observed-copies.ts';
import { planCopies } from './plan-copies.ts';

const nodes = ['a', 'b', 'c'].map((zone): CopyNode => ({
  name: zone,
  zone,
  role: 'Data',
  isReady: true,
  isGoing: false,
  awayMs: undefined,
}));

/** All on a and b, nothing on c; two copies each. */
const crowded = Array.from({ length: 6 }, (_, at): ObservedCopiesOfShard => ({ ...shardOn('a', 'b'), name: `s${at}` }));

const observed = (parts: Partial<ObservedCopies> = {}): ObservedCopies => ({
  cluster: 'shop',
  gracePeriodMs: 60_000,
  isAtRest: true,
  rebalance: { mode: 'Auto', copiesAtOnce: 2 },
  nodes,
  shards: crowded,
  leaving: [],
  ...parts,
});

const begun = (given: ObservedCopies) => planCopies(given).steps.filter(({ kind }) => kind === 'assign-copies');

test('as many copies as are allowed begin to move to the empty node, and it is told how many follow', () => {
  expect(begun(observed())).toMatchObject([
    {
      object: 's0',
      assignments: [{ node: 'a', replacedBy: 'c' }, { node: 'b' }, { node: 'c' }],
      because: 'a holds 6 copies and c 0, and 3 will move after it; c in c gets its copy',
    },
    { object: 's1' },
  ]);
});

test('those on their way count', () => {
  const [first, second, ...rest] = crowded.map((shard) => ({
    ...shard,
    assignments: [
      { node: 'a', kind: 'Voter' as const, replacedBy: 'c' },
      { node: 'b', kind: 'Voter' as const },
      { node: 'c', kind: 'Voter' as const },
    ],
    beingMade: [{ node: 'c', standstillMs: 0 }],
  }));
  const others = crowded.slice(2);
  expect(rest).toHaveLength(others.length);
  expect(begun(observed({ shards: [first, ...crowded.slice(1)].flatMap((shard) => shard ?? []) }))).toHaveLength(1);
  expect(begun(observed({ shards: [first, second, ...others].flatMap((shard) => shard ?? []) }))).toEqual([]);
});

test.for<[string, Partial<ObservedCopies>]>([
  ['while something else is under way', { isAtRest: false }],
  ['when it is switched off', { rebalance: { mode: 'Off', copiesAtOnce: 2 } }],
  [
    'while a node leaves',
    { leaving: ['b'], shards: crowded.map((shard) => ({ ...shard, wanted: { ...shard.wanted, replicationFactor: 9 } })) },
  ],
  ['while a shard lacks copies', { shards: crowded.map((shard, at) => (at === 0 ? { ...shard, inSync: shard.inSync.slice(1) } : shard)) }],
  ['to a node on a cordoned machine', { nodes: nodes.map((node) => (node.name === 'c' ? { ...node, isGoing: true } : node)) }],
])('nothing moves %s', ([, parts]) => {
  const moves = begun(observed(parts)).filter((step) => step.kind === 'assign-copies' && step.because.includes('will move'));
  expect(moves).toEqual([]);
});

/** The only copy of a shard. */
const single = (node: string, points: number, at: number): ObservedCopiesOfShard => ({
  ...shardOn(node),
  name: `s${at}`,
  wanted: { replicationFactor: 1, minInSync: 1, readReplicas: 0 },
  points,
});

/** Two shards on each node; only those on a hold points. */
const uneven = (points: number) => ['a', 'a', 'b', 'b', 'c', 'c'].map((node, at) => single(node, at < 2 ? points : 0, at));

test('nothing moves for the sake of a few points, and something does for many', () => {
  expect(begun(observed({ shards: uneven(20) }))).toEqual([]);
  expect(begun(observed({ shards: uneven(1_000_000) }))).toHaveLength(2);
});
