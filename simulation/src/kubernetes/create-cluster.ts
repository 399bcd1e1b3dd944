/** What a person and a client would ask for: the cluster, of which it returns the UID, and one collection. */
import { collectionObjectName } from '@vectorcluster/crds/names.ts';
import { collection } from '../clients/client.ts';
import { cluster } from '../node/node-process.ts';
import type { Sizes } from '../sizes.ts';
import { poolLabels } from '@vectorcluster/operator/resources/object-labels.ts';
import { isObject, textOf } from '@vectorcluster/local-cluster/api-server/core/json.ts';
import { namespace, type ApiServer } from './api-server.ts';

export const poolName = `${cluster}-data`;

export function createCluster(api: ApiServer, { nodes, shards, copies, minInSync }: Sizes): string {
  const metadata = { namespace };
  const apiVersion = 'vectorcluster.io/v1';
  const created = api.create(apiVersion, 'vectorclusters', {
    apiVersion,
    kind: 'VectorCluster',
    metadata: { ...metadata, name: cluster },
    spec: { pools: [{ name: 'data', role: 'Data', replicas: nodes.length, storage: { size: '1Gi' } }] },
  });
  api.create(apiVersion, 'vectorpools', {
    apiVersion,
    kind: 'VectorPool',
    metadata: { ...metadata, name: poolName, labels: { ...poolLabels(cluster, 'data') } },
    spec: { clusterName: cluster, poolName: 'data', role: 'Data', replicas: nodes.length, template: { storage: { size: '1Gi' } } },
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
  const stored = created['metadata'];
  return (isObject(stored) ? textOf(stored['uid']) : undefined) ?? '';
}
