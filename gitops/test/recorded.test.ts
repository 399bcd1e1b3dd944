import { vectorClusterSpec, vectorClusterStatus } from '@vectorcluster/crds/vector-cluster.ts';
import { vectorCollectionSpec, vectorCollectionStatus } from '@vectorcluster/crds/vector-collection.ts';
import { vectorPoolSpec, vectorPoolStatus } from '@vectorcluster/crds/vector-pool.ts';
import { vectorShardSpec, vectorShardStatus } from '@vectorcluster/crds/vector-shard.ts';
import { expect, test } from 'vitest';
import { allRecorded } from './recorded.ts';

const schemas = {
  VectorCluster: [vectorClusterSpec, vectorClusterStatus],
  VectorPool: [vectorPoolSpec, vectorPoolStatus],
  VectorCollection: [vectorCollectionSpec, vectorCollectionStatus],
  VectorShard: [vectorShardSpec, vectorShardStatus],
} as const;

const recorded = allRecorded();

test.for(Object.entries(schemas))('recorded objects of kind %s are of the present schema', ([kind, [spec, status]]) => {
  const ofKind = recorded.filter(([, object]) => object.kind === kind);
  expect(ofKind.length).toBeGreaterThan(2);
  for (const [, object] of ofKind) {
    spec.parse(object.spec);
    status.parse(object.status);
  }
});
