import { expect, test } from 'vitest';
import { mayGoDown } from './node-down.ts';
import type { ObservedCopiesOfShard } from './observed-copies.ts';
import { standstillAfterMs } from './standstill.ts';

interface ShardParts extends Partial<ObservedCopiesOfShard> {
  readonly inSyncOn?: readonly string[];
  readonly gone?: readonly string[];
}

/** Three copies on n0, n1, n2, led by n0. */
function shard({ inSyncOn = ['n0', 'n1', 'n2'], gone = [], ...parts }: ShardParts = {}): ObservedCopiesOfShard {
  const on = ['n0', 'n1', 'n2'];
  return {
    name: 's',
    precondition: { uid: 'u', resourceVersion: '1' },
    wanted: { replicationFactor: 3, minInSync: 2, readReplicas: 0 },
    assignments: on.map((node) => ({ node, kind: 'Voter' })),
    epoch: 1,
    epochSeen: 0,
    epochAgeMs: 0,
    minInSync: 2,
    primary: { node: 'n0', isThere: true, going: undefined },
    inSync: inSyncOn.map((node) => ({ replicaId: `id-${node}`, node, isThere: !gone.includes(node), isGoing: false })),
    nodesThere: new Set(on.filter((node) => !gone.includes(node))),
    serving: new Set(),
    beingMade: on.filter((node) => !gone.includes(node) && !inSyncOn.includes(node)).map((node) => ({ node, standstillMs: 0 })),
    points: undefined,
    isHandingOver: false,
    handOverRefused: undefined,
    ...parts,
  };
}
const refused = (agoMs: number, times: number) => ({ agoMs, times, because: 'it did not drain' });
const single = { replicationFactor: 1, minInSync: 1, readReplicas: 0 };

const nodes = { isDrifted: () => false, dataNodes: 3 };

test.for<[string, string, ObservedCopiesOfShard, object]>([
  ['a copy that can be spared', 'n1', shard(), { kind: 'may' }],
  ['no copy at all', 'n9', shard(), { kind: 'may' }],
  ['a copy that is not in sync', 'n1', shard({ inSyncOn: ['n0', 'n2'], gone: ['n1'] }), { kind: 'may' }],
  ['the only copy, and one is wanted', 'n0', shard({ wanted: single, inSyncOn: ['n0'] }), { kind: 'may' }],
  [
    'the only copy in sync, and more are wanted',
    'n0',
    shard({ inSyncOn: ['n0'], gone: ['n1', 'n2'] }),
    { kind: 'refused', because: 'no other copy of s is in sync and there' },
  ],
  ['the others in sync are gone', 'n0', shard({ gone: ['n1', 'n2'] }), { kind: 'refused' }],
  [
    'too few for a write',
    'n1',
    shard({ inSyncOn: ['n0', 'n1'], gone: ['n2'] }),
    { kind: 'refused', because: 's would have 1 copy in sync, below minInSync 2', needsPerson: false },
  ],
  [
    'never one to spare',
    'n1',
    shard({ minInSync: 3, wanted: { replicationFactor: 3, minInSync: 3, readReplicas: 0 } }),
    { kind: 'refused', needsPerson: true },
  ],
  [
    'another copy is catching up',
    'n1',
    shard({ inSyncOn: ['n0', 'n1'], minInSync: 1 }),
    { kind: 'refused', because: 'the copy of s on n2 is not in sync again yet' },
  ],
  ['it leads', 'n0', shard(), { kind: 'handing-over' }],
  [
    'it leads and refused to hand over a moment ago',
    'n0',
    shard({ handOverRefused: refused(1000, 2) }),
    { kind: 'handing-over', steps: [] },
  ],
  [
    'it leads and refused to hand over a while ago',
    'n0',
    shard({ handOverRefused: refused(20_000, 2) }),
    { kind: 'handing-over', steps: [{ kind: 'ask-hand-over' }] },
  ],
  ['it leads and refused to hand over again and again', 'n0', shard({ handOverRefused: refused(1000, 3) }), { kind: 'may' }],
  ['it is asked already', 'n0', shard({ isHandingOver: true }), { kind: 'handing-over', steps: [] }],
])('%s', ([, node, observed, verdict]) => {
  expect(mayGoDown(node, [observed], nodes)).toMatchObject(verdict);
});

test.for<[string, number, ObservedCopiesOfShard, string]>([
  ['one node can have no second copy', 1, shard({ inSyncOn: ['n0'], minInSync: 1 }), 'raise replicas of a Data pool'],
  ['two nodes cannot spare one of two that writes need', 2, shard({ inSyncOn: ['n0', 'n1'] }), 'raise replicas of a Data pool'],
])('what too few nodes hold up waits for a person: %s', ([, dataNodes, observed, remedy]) => {
  const verdict = mayGoDown('n0', [observed], { ...nodes, dataNodes });
  expect(verdict).toMatchObject({ kind: 'refused', needsPerson: true, because: expect.stringContaining(remedy) });
});

test('a copy that stands still holds a rollout up until a person has looked', () => {
  const observed = shard({ inSyncOn: ['n0', 'n1'], minInSync: 1, beingMade: [{ node: 'n2', standstillMs: standstillAfterMs }] });
  expect(mayGoDown('n1', [observed], nodes)).toMatchObject({
    kind: 'refused',
    needsPerson: true,
    because: 'the copy of s on n2 is not in sync again yet, and has come no further for 10 minutes; see the log of n2',
  });
});

test('primaries go to nodes that stay, evenly', () => {
  const shards = [0, 1, 2, 3].map((index) => shard({ name: `s${index}` }));
  const targets = (isDrifted: (node: string) => boolean) => {
    const verdict = mayGoDown('n0', shards, { ...nodes, isDrifted });
    return verdict.kind === 'handing-over' ? verdict.steps.map(({ node }) => node) : [];
  };
  expect(targets(() => false)).toEqual(['n1', 'n2', 'n1', 'n2']);
  expect(targets((node) => node === 'n1')).toEqual(['n2', 'n2', 'n2', 'n2']);
});
