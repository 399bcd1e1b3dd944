/** Everything of a story's cluster, as caches would give it to controllers. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { KubeObject } from '@vectorcluster/kube/object.ts';
import type { Node, PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import type { PodDisruptionBudget } from '@vectorcluster/kube/types/policy.ts';
import type { StorageClass } from '@vectorcluster/kube/types/storage.ts';
import type { ShardMemory } from '../../src/controllers/shard-memory.ts';
import type { ClusterObjects } from '../../src/observe/cluster.ts';
import type { NodeSights } from '../../src/plan/node-sights.ts';
import type { Store } from './store.ts';

export function objectsOf(store: Store, sights: NodeSights, memory: ShardMemory, now: Date): ClusterObjects {
  const [cluster] = store.list<VectorCluster>('VectorCluster');
  if (cluster === undefined) throw new Error('the story has no cluster');
  return {
    cluster,
    storageNodeImage: 'vectorcluster/storage-node:0.1.0',
    allowsUnsafePodTemplates: false,
    pools: store.list<VectorPool>('VectorPool'),
    pods: store.list<Pod>('Pod'),
    volumes: store.list<PersistentVolumeClaim>('PersistentVolumeClaim'),
    shards: store.list<VectorShard>('VectorShard'),
    sights: sights,
    ageMs: (shard, condition) => memory.ageMs(shard, condition, now),
    standstillMs: (shard, copy, position) => memory.standstillMs(shard, copy, position),
    handOverRefusals: (shard) => memory.handOverRefusals(shard),
    budgets: store.list<PodDisruptionBudget>('PodDisruptionBudget'),
    kubernetesNodes: store.list<Node>('Node'),
    storageClasses: store.list<StorageClass>('StorageClass'),
    collections: store.list<VectorCollection>('VectorCollection'),
    others: ['Service', 'ServiceAccount', 'Role', 'RoleBinding'].flatMap((kind) => store.list<KubeObject>(kind)),
  };
}
