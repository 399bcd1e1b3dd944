import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import { expect, test } from 'vitest';
import { keptBecause, type Known } from './orphaned-replica.ts';

type Owner = VectorCluster | VectorCollection;

const apiVersion = 'vectorcluster.io/v1';
const cluster: VectorCluster = {
  apiVersion,
  kind: 'VectorCluster',
  metadata: { name: 'shop', uid: 'shop-1' },
  spec: { pools: [] } as unknown as VectorCluster['spec'],
};
const collection: VectorCollection = {
  apiVersion,
  kind: 'VectorCollection',
  metadata: { name: 'shop-books', uid: 'books-1' },
  spec: { clusterName: 'shop', collection: 'books' } as unknown as VectorCollection['spec'],
};

const alive = <T extends Owner>(object: T): Known<T> => ({ uid: object.metadata.uid ?? '', now: object });
const gone = <T extends Owner>(object: T): Known<T> => ({ uid: object.metadata.uid ?? '', now: undefined });
const madeAgain = <T extends Owner>(object: T): Known<T> => ({ uid: 'an earlier one', now: object });
const goes = <T extends Owner>(object: T): Known<T> =>
  alive({ ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });

test.for([
  ['a collection that was deleted', alive(cluster), gone(collection), undefined],
  ['a collection that waits for its shards to go', alive(cluster), goes(collection), undefined],
  ['a collection that was deleted and made again', alive(cluster), madeAgain(collection), undefined],
  ['a VectorShard that somebody deleted', alive(cluster), alive(collection), 'deleted with the collection but by mistake'],
  ['a cluster that was deleted', gone(cluster), gone(collection), 'deletionPolicy'],
  ['a cluster that waits for its objects to go', goes(cluster), gone(collection), 'deletionPolicy'],
  ['a cluster that was deleted and made again', madeAgain(cluster), gone(collection), 'deletionPolicy'],
] as const)('data after %s', ([, clusterNow, collectionNow, kept]) => {
  const because = keptBecause({ cluster: clusterNow, collection: collectionNow });
  if (kept === undefined) expect(because).toBeUndefined();
  else expect(because).toContain(kept);
});
