/** Who stays, who leaves, who comes: by hand, and as laws over whole courses of events. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataNode, dataPool, nodesOf, shardOn, upPod } from '../../test/observed-nodes.ts';
import { planMembers } from './members.ts';
import { newNodes } from './new-nodes.ts';
import type { ObservedNode, ObservedNodes, ObservedPool } from './observed-nodes.ts';

const names = (all: readonly { readonly node: string }[] | undefined): readonly string[] => (all ?? []).map(({ node }) => node);

function membersOf(observed: ObservedNodes) {
  const [pool] = observed.pools;
  const members = pool && planMembers(observed).get(pool);
  if (members === undefined) throw new Error('no pool');
  return members;
}

test.for<[string, ObservedPool, Partial<ObservedNodes>, readonly string[]]>([
  ['the highest ordinal where all else is equal', dataPool(2, ['a', 'b', 'c']), {}, ['shop-data-2']],
  ['one of the zone that has most', dataPool(3, ['a', 'b', 'c', 'a']), {}, ['shop-data-3']],
  [
    'who holds fewest copies',
    dataPool(2, ['a', 'b', 'c']),
    {
      copiesOn: new Map([
        ['shop-data-1', 1],
        ['shop-data-2', 2],
        ['shop-data-0', 3],
      ]),
    },
    ['shop-data-1'],
  ],
  ['who is in a zone that is not wanted', dataPool(2, ['a', 'a', 'c']), { zonesWanted: ['a'] }, ['shop-data-2']],
  ['several at once', dataPool(1, ['a', 'b', 'c']), {}, ['shop-data-2', 'shop-data-1']],
])('it leaves: %s', ([, pool, parts, expected]) => {
  expect(names(membersOf(nodesOf([pool], parts)).leaving)).toEqual(expected);
});

test('who was chosen stays chosen, whatever became of the numbers since', () => {
  const marked = { node: 'shop-data-0', because: 'b', copies: 9 };
  const pool = { ...dataPool(2, ['a', 'b', 'c']), leaving: [marked] };
  expect(membersOf(nodesOf([pool])).leaving).toEqual([marked]);
});

test('more nodes again: who has most copies left stays, and only then new ones come', () => {
  const leaving = ['shop-data-1', 'shop-data-2'].map((node) => ({ node, because: 'b', copies: 9 }));
  const copiesOn = new Map([['shop-data-2', 5]]);
  const two = membersOf(nodesOf([{ ...dataPool(2, ['a', 'b', 'c']), leaving }], { copiesOn }));
  expect(names(two.leaving)).toEqual(['shop-data-1']);
  expect(two.steps).toMatchObject([{ kind: 'keep-node', object: 'shop-data-2' }]);
  expect(membersOf(nodesOf([{ ...dataPool(4, ['a', 'b', 'c']), leaving }], { copiesOn }))).toMatchObject({ leaving: [], added: 1 });
});

test.for<[string, ObservedPool, Partial<ObservedNodes>, RegExp]>([
  [
    'too few nodes',
    dataPool(1, ['a', 'b']),
    { shards: [shardOn('a', 'b')] },
    /replicationFactor of s is 2, and 1 node .* would be left; set replicas of pool data to at least 2/,
  ],
  [
    'too little space',
    dataPool(1, ['a', 'b']),
    { shards: [shardOn('a')], volumes: volumes([600, 400], [600, 400]) },
    /0\.6 GiB are there, and the other nodes .* have room for 0\.2 GiB with 15 % kept free/,
  ],
  [
    'shards that were deleted',
    dataPool(1, ['a', 'b']),
    { shards: [shardOn('a')], withoutShards: ['products'] },
    /VectorShards of products were deleted/,
  ],
])('it is refused, and nobody leaves: %s', ([, pool, parts, message]) => {
  const members = membersOf(nodesOf([pool], parts));
  expect(members.leaving).toEqual([]);
  expect(members.stalled).toMatchObject([{ reason: 'ScaleInRefused', message: expect.stringMatching(message) }]);
});

test('copies in distinct zones stay so: the only pool of a zone is not given up', () => {
  const rest = dataPool(2, ['a', 'b']);
  const gone: ObservedPool = {
    ...dataPool(0, ['c']),
    name: 'third',
    objectName: 'shop-third',
    isRemoved: true,
    nodes: [dataNode(0, 'c', { name: 'shop-third-0' })],
  };
  const observed = nodesOf([rest, gone], { shards: [shardOn('a', 'b', 'c')] });
  const message = (shards: ObservedNodes['shards']) => planMembers({ ...observed, shards }).get(gone)?.stalled[0]?.message;
  expect(message([shardOn('a', 'b')])).toBeUndefined();
  expect(message([shardOn('a', 'b', 'c')])).toMatch(/2 nodes with role Data would be left/);
  const wide = { ...rest, replicas: 3, nodes: [...rest.nodes, dataNode(2, 'a')] };
  const widened = nodesOf([wide, gone], { shards: [shardOn('a', 'b', 'c')] });
  expect(planMembers(widened).get(gone)?.stalled[0]?.message).toMatch(/cannot give up its nodes in c: .* in 2 of 3 zones/);
});

test('nobody who serves begins to leave while another is not there', () => {
  const pool = dataPool(3, ['a', 'b', 'c', 'a']);
  const nodes = pool.nodes.map((node, index) => (index === 1 ? { ...node, pod: { ...upPod, isReady: false } } : node));
  expect(membersOf(nodesOf([{ ...pool, nodes }]))).toMatchObject({
    leaving: [],
    steps: [{ kind: 'wait', object: 'shop-data-3', because: expect.stringContaining('first shop-data-1 must be Ready') }],
  });
});

test('a node that is lost with its zone is replaced once the zone is given up', () => {
  const pool = dataPool(3, ['a', 'b', 'c']);
  const nodes = pool.nodes.map((node) => (node.zone === 'c' ? { ...node, pod: { ...upPod, isReady: false } } : node));
  const given = { zonesWanted: ['a', 'b'] };
  expect(membersOf(nodesOf([{ ...pool, nodes }], given)).surge).toMatchObject({ zone: 'a' });
  const starting = dataNode(3, 'a', { pod: { ...upPod, isReady: false } });
  expect(names(membersOf(nodesOf([{ ...pool, nodes: [...nodes, starting] }], given)).leaving)).toEqual(['shop-data-2']);
});

const allZones: readonly string[] = ['a', 'b', 'c', 'd'];
const zone = fc.constantFrom(...allZones);
const course = fc.record({
  nodes: fc.array(zone, { maxLength: 7 }),
  replicas: fc.integer({ min: 1, max: 6 }),
  wanted: fc.option(fc.uniqueArray(zone, { minLength: 1 }), { nil: undefined }),
  /** That no node is in yet. */
  more: fc.uniqueArray(zone, { minLength: 1 }),
  copies: fc.array(fc.nat(9), { minLength: 12, maxLength: 12 }),
});

/** What becomes of a pool when everything that is planned is done at once. */
function lived({ nodes, replicas, wanted, more, copies }: typeof course extends fc.Arbitrary<infer T> ? T : never) {
  const usableZones = wanted ?? [...new Set([...nodes, ...more])].toSorted();
  let pool: ObservedPool = { ...dataPool(replicas, nodes), usableZones };
  let [turns, made, left] = [0, 0, 0];
  for (; turns < 60; turns++) {
    const observed = nodesOf([pool], { zonesWanted: wanted, copiesOn: new Map(pool.nodes.map(({ name }, at) => [name, copies[at] ?? 0])) });
    const members = planMembers(observed);
    const own = members.get(pool);
    const added = newNodes(observed, pool, members).nodes;
    const leaving = own?.leaving ?? [];
    if (added.length === 0 && leaving.length === 0) break;
    made += added.length;
    left += leaving.length;
    const staying = pool.nodes.filter(({ name }) => !leaving.some(({ node }) => node === name));
    const came = added.map((node): ObservedNode => dataNode(Number(node.name.split('-').at(-1)), node.zone));
    pool = { ...pool, nodes: [...staying, ...came] };
  }
  return { pool, turns, made, left, usableZones };
}

const sizes = (nodes: readonly ObservedNode[], zones: readonly string[]): readonly number[] =>
  zones.map((each) => nodes.filter((node) => node.zone === each).length);

test('plans end, in the wanted number, spread evenly over the zones that are wanted and there', () => {
  fc.assert(
    fc.property(course, (given) => {
      const { pool, turns, usableZones } = lived(given);
      expect(turns).toBeLessThan(60);
      expect(pool.nodes).toHaveLength(given.replicas);
      expect(pool.nodes.every((node) => usableZones.includes(node.zone))).toBe(true);
      const counts = sizes(pool.nodes, usableZones);
      expect(Math.max(...sizes(pool.nodes, allZones)) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});

test('as few nodes are made as can be: those that lack, those in the wrong zone, and those that make a zone too full', () => {
  fc.assert(
    fc.property(course, (given) => {
      const { pool, made, left } = lived(given);
      // Whoever is there in the end and was not before had to be made.
      const before = sizes(dataPool(0, given.nodes).nodes, allZones);
      const after = sizes(pool.nodes, allZones);
      const needed = after.reduce((sum, count, index) => sum + Math.max(0, count - (before[index] ?? 0)), 0);
      expect(made).toBe(needed);
      expect(left).toBe(given.nodes.length + made - pool.nodes.length);
    }),
    { numRuns: 500 },
  );
});

/** MiB used and free, by ordinal. */
function volumes(...all: readonly (readonly [number, number])[]): ObservedNodes['volumes'] {
  const mebibyte = 2 ** 20;
  return new Map(all.map(([used, free], at) => [`shop-data-${at}`, { usedBytes: used * mebibyte, freeBytes: free * mebibyte }]));
}
