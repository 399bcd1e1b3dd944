import { expect, test } from 'vitest';
import { shardOn } from '../../test/observed-nodes.ts';
import { disruptionsAllowed } from './disruptions.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';

const three = shardOn('a', 'b', 'c');
const [first, second] = three.inSync;
const inSync = (...copies: readonly (typeof first)[]) => copies.flatMap((copy) => copy ?? []);

test.for<[string, ObservedCopiesOfShard, number, 0 | 1]>([
  ['all copies in sync', three, 3, 1],
  ['a copy out of sync', { ...three, inSync: inSync(first, second) }, 3, 0],
  ['a copy in sync whose process is away', { ...three, inSync: three.inSync.map((copy, at) => ({ ...copy, isThere: at > 0 })) }, 3, 0],
  ['as many copies as there are nodes', { ...three, inSync: inSync(first, second) }, 2, 1],
  ['one copy on purpose', shardOn('a'), 3, 1],
  ['nothing written yet', { ...three, epoch: 0, inSync: [] }, 3, 1],
])('how many may be evicted with %s', ([, shard, dataNodes, maxUnavailable]) => {
  expect(disruptionsAllowed('Data', [three, shard], dataNodes)).toMatchObject({ maxUnavailable });
});

test('readers hold nobody up', () => {
  expect(disruptionsAllowed('Read', [{ ...three, inSync: [] }], 3)).toMatchObject({ maxUnavailable: 1 });
});
