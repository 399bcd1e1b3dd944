/** What a person and a client would ask for: the cluster and one collection. */
import { collectionObjectName } from '@vectorcluster/crds/names.ts';
import { collection } from '../clients/client.ts';
import { cluster } from '../node/node-process.ts';
import type { Sizes } from '../sizes.ts';
import { namespace, type ApiServer } from './api-server.ts';

export function createCluster(api: ApiServer, { nodes, shards, copies, minInSync }: Sizes): void {
  const metadata = { namespace };
  const apiVersion = 'vectorcluster.io/v1';
  api.create(apiVersion, 'vectorclusters', {
    apiVersion,
    kind: 'VectorCluster',
    metadata: { ...metadata, name: cluster },
    spec: { pools: [{ name: 'data', role: 'Data', replicas: nodes.length, storage: { size: '1Gi' } }] },
  });
  api.create(apiVersion, 'vectorcollections', {
    apiVersion,
    kind: 'VectorCollection',
    metadata: { ...metadata, name: collectionObjectName(cluster, collection), labels: { 'vectorcluster.io/cluster': cluster } },
    spec: {
      clusterName: cluster,
      collection,
      shards,
      replicationFactor: copies,
      minInSync,
      vectors: [{ name: '', size: 2, distance: 'Dot' }],
    },
  });
}
