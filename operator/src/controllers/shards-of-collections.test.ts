import { expect, test } from 'vitest';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { ObjectCache, type Change } from '@vectorcluster/kube/object-cache.ts';
import { ShardsOfCollections } from './shards-of-collections.ts';

const shard = (name: string, vectorCollection: string, uid = name, resourceVersion = '1'): VectorShard => ({
  apiVersion: 'vectorcluster.io/v1',
  kind: 'VectorShard',
  metadata: { name, namespace: 'default', uid, resourceVersion },
  spec: {
    clusterName: 'shop',
    collection: 'c',
    vectorCollection,
    hashRange: { first: '0000000000000000', last: 'ffffffffffffffff' },
    assignments: [],
  },
});

test('what the cache holds and what it comes to hold, by collection', () => {
  const cache = new ObjectCache<VectorShard>();
  const listeners: ((change: Change<VectorShard>) => void)[] = [];
  const told = (changes: readonly Change<VectorShard>[]) => changes.forEach((change) => listeners.forEach((listener) => listener(change)));
  cache.replaceAll([shard('a0', 'a'), shard('b0', 'b')]);
  const index = new ShardsOfCollections({ list: () => cache.list(), onChange: (listener) => (listeners.push(listener), () => {}) });
  const uids = (collection: string) => index.of('default', collection).map(({ metadata }) => `${metadata.uid}@${metadata.resourceVersion}`);

  told(cache.apply({ kind: 'added', object: shard('a1', 'a'), resourceVersion: '2' }));
  told(cache.apply({ kind: 'modified', object: shard('a0', 'a', 'a0', '3'), resourceVersion: '3' }));
  expect([uids('a'), uids('b'), index.of('other', 'a')]).toEqual([['a0@3', 'a1@1'], ['b0@1'], []]);

  told(cache.replaceAll([shard('a0', 'a', 'made anew', '4')]));
  expect([uids('a'), uids('b')]).toEqual([['made anew@4'], []]);
});
