import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import { describe, expect, test } from 'vitest';
import { allInSync } from './copies.ts';
import { Epochs } from './epochs.ts';
import { PodCounts } from './pod-counts.ts';
import { forcedBecause } from './pod-ends.ts';

const a = 'a'.repeat(32);
const b = 'b'.repeat(32);

function shard(epoch: number, primary: string): VectorShard {
  return {
    apiVersion: 'vectorcluster.io/v1',
    kind: 'VectorShard',
    metadata: { name: 'shop-books-0', uid: '1' },
    spec: {
      clusterName: 'shop',
      collection: 'books',
      vectorCollection: 'shop-books',
      hashRange: { first: '0'.repeat(16), last: 'f'.repeat(16) },
      assignments: [],
    },
    status: { epoch, primary, inSync: [primary], minInSync: 1, members: [] },
  };
}

function pod(name: string, uid: string, isReady: boolean, state: object = { running: {} }): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid },
    spec: { nodeName: 'machine', containers: [] },
    status: {
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      containerStatuses: [{ name: 'storage-node', image: '', imageID: '', ready: isReady, restartCount: 0, state }],
    },
  };
}

/** In sync on these nodes; the replica of a node is called after it. */
function copies(on: readonly string[], inSync: readonly string[]): VectorShard {
  const members = on.map((node) => ({ replicaId: node, node, podUid: '', zone: '', kind: 'Voter' as const, eligibleFromEpoch: 1 }));
  return { ...shard(1, 'n0'), status: { epoch: 1, primary: 'n0', inSync: [...inSync], minInSync: 1, members } };
}

test.for<[string, readonly VectorShard[], readonly string[], boolean]>([
  ['as many as wanted', [copies(['n0', 'n1'], ['n0', 'n1'])], [], true],
  ['one is behind', [copies(['n0', 'n1'], ['n0', 'n1']), copies(['n0', 'n1'], ['n0'])], [], false],
  ['one is on a node that is lost', [copies(['n0', 'n1', 'n2'], ['n0', 'n1'])], ['n1'], false],
  ['another is in its place', [copies(['n0', 'n1', 'n2'], ['n0', 'n1', 'n2'])], ['n1'], true],
  ['there are no shards to look at', [], [], false],
])('two copies in sync: %s', ([, shards, without, holds]) => {
  expect(allInSync(shards, 2, without)).toBe(holds);
});

function leaving({ metadata, ...rest }: Pod): Pod {
  return { ...rest, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

describe('one primary an epoch', () => {
  test.for([
    { states: [shard(1, a), shard(1, a), shard(2, b)], wrong: [] },
    { states: [shard(1, a), shard(1, b)], wrong: ['shop-books-0 had two primaries in epoch 1'] },
    { states: [shard(2, a), shard(1, b)], wrong: ['shop-books-0 went back from epoch 2 to 1'] },
  ])('$wrong', ({ states, wrong }) => {
    const epochs = new Epochs();
    expect(states.flatMap((state) => epochs.see(state))).toEqual(wrong);
  });
});

test('a Pod whose container still ran when it was gone was deleted by force', () => {
  expect(forcedBecause(pod('shop-data-0', '1', false, { terminated: { exitCode: 0 } }))).toBeUndefined();
  expect(forcedBecause(pod('shop-data-0', '1', true))).toBe('Pod shop-data-0 was gone while its container storage-node ran');
});

test('what changed since it was asked before is told once', () => {
  const counts = new PodCounts();
  const see = (...states: readonly Pod[]) => states.forEach((state) => counts.see(state));
  see(pod('shop-data-1', '1', true), pod('shop-data-0', '2', true), pod('shop-data-0', '2', false), pod('shop-data-0', '2', true));
  expect(counts.take()).toEqual({ made: ['shop-data-0', 'shop-data-1'], mostDown: 0 });
  see(leaving(pod('shop-data-1', '1', true)), pod('shop-data-1', '3', false), leaving(pod('shop-data-0', '2', true)));
  expect(counts.take()).toEqual({ made: ['shop-data-1'], mostDown: 2 });
  see(pod('shop-data-1', '3', true), pod('shop-data-0', '4', true));
  expect(counts.take()).toEqual({ made: ['shop-data-0'], mostDown: 2 });
  expect(counts.take()).toEqual({ made: [], mostDown: 0 });
});
