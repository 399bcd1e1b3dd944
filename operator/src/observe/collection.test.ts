import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { expect, test } from 'vitest';
import { observeCollection } from './collection.ts';

const shard: VectorShard = {
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorShard',
  metadata: { name: 's', ownerReferences: [{ apiVersion: 'vectorcluster.io/v1', kind: 'VectorCollection', name: 'shop-x', uid: 'u1' }] },
  spec: {
    clusterName: 'shop',
    collection: 'x',
    vectorCollection: 'shop-x',
    hashRange: { first: '0'.repeat(16), last: 'f'.repeat(16) },
    assignments: [
      { node: 'n1', kind: 'Voter', replacedBy: 'n3' },
      { node: 'n2', kind: 'Voter' },
      { node: 'n3', kind: 'Voter' },
    ],
  },
};

test('a copy that moves is one of those that are wanted, and is known to move', () => {
  const { shards } = observeCollection({
    collection: {
      apiVersion: 'vectorcluster.io/v1',
      kind: 'VectorCollection',
      metadata: { name: 'shop-x', uid: 'u1' },
      spec: { clusterName: 'shop', collection: 'x', vectors: [] },
    },
    cluster: undefined,
    shards: [shard],
    shardsOfCluster: () => [shard],
    collections: [],
    pools: [],
    pods: [],
    sights: new Map(),
  });
  expect(shards).toMatchObject([{ voters: 2, learners: 0, moves: [{ from: 'n1', to: 'n3' }] }]);
});
