/** Steps carried out on a Store as the controllers carry them out on an API server. */
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import { vectorPoolSpec, type VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import { ownPools, wantedClusterObjects, type ClusterObjects } from '../../src/observe/cluster.ts';
import { firstReadyAnnotation, firstReadyImageAnnotation, podFacts } from '../../src/observe/pod-facts.ts';
import { wantedBudget } from '../../src/observe/nodes.ts';
import { podOf } from '../../src/observe/wanted-objects.ts';
import { grownVolume, keptVolume, newVolume } from '../../src/observe/wanted-volume.ts';
import type { ClusterStep, CollectionStep, CopiesStep, NodeStep } from '../../src/plan/step.ts';
import { buildVectorShard } from '../../src/resources/vector-shard.ts';
import { storyNamespace, type Store } from './store.ts';

export function carryOutClusterStep(store: Store, { cluster }: ClusterObjects, step: ClusterStep): void {
  if (step.kind === 'delete-pool') return store.delete('VectorPool', step.object);
  if (step.kind === 'keep-replicas') return;
  const wanted = wantedClusterObjects(cluster).find(({ kind, metadata }) => kind === step.objectKind && metadata.name === step.object);
  if (wanted === undefined) throw new Error(`nobody knows ${step.object}`);
  if (wanted.kind !== 'VectorPool') return void store.put(wanted);
  const stored = store.find<VectorPool>('VectorPool', step.object);
  const kept = stored?.spec.replicas;
  const spec = 'spec' in wanted && typeof wanted.spec === 'object' ? wanted.spec : {};
  const merged = vectorPoolSpec.parse({ ...(kept !== undefined && { replicas: kept }), ...spec });
  store.put<VectorPool>({ ...wanted, apiVersion: 'vectorcluster.io/v1', kind: 'VectorPool', spec: merged, status: stored?.status });
}

export function carryOutNodeStep(store: Store, objects: ClusterObjects, step: NodeStep): void {
  const { cluster, pools, storageNodeImage } = objects;
  const poolNamed = (name: string) => defined(ownPools(cluster, pools).find(({ spec }) => spec.poolName === name));
  const podNamed = (name: string) => defined(store.find<Pod>('Pod', name));
  const { topologyKey } = cluster.spec.zones;
  const placeOf = (name: string, zone: string) => ({ name, zone, topologyKey });
  switch (step.kind) {
    case 'wait':
    case 'leave-node':
    case 'keep-node':
      return;
    case 'delete-volume':
      return store.delete('PersistentVolumeClaim', step.object);
    case 'apply-object':
      return void store.put(wantedBudget(objects, defined(pools.find(({ metadata }) => metadata.name === step.object))));
    case 'create-volume':
      return void store.put(defined(newVolume(cluster, poolNamed(step.pool), placeOf(step.node, step.zone))));
    case 'update-volume':
    case 'grow-volume': {
      const live = defined(store.find<PersistentVolumeClaim>('PersistentVolumeClaim', step.object));
      const wanted = step.kind === 'grow-volume' ? grownVolume : keptVolume;
      const next = defined(wanted(cluster, poolNamed(step.pool), placeOf(step.node, step.zone), live));
      return void store.put<PersistentVolumeClaim>({ ...live, ...next, status: live.status });
    }
    case 'create-pod':
      return void store.put(podOf(cluster, poolNamed(step.pool), placeOf(step.object, step.zone), storageNodeImage));
    case 'delete-pod': {
      const pod = podNamed(step.object);
      return void store.put({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:01:00Z' } });
    }
    case 'ask-hand-over':
      return carryOutCopiesStep(store, step);
    case 'note-first-ready': {
      const pod = podNamed(step.object);
      const noted = { [firstReadyAnnotation]: step.templateHash, [firstReadyImageAnnotation]: podFacts(pod).image };
      const annotations = { ...pod.metadata.annotations, ...noted };
      store.put({ ...pod, metadata: { ...pod.metadata, annotations } });
    }
  }
}

export function carryOutCollectionStep(store: Store, { metadata, spec }: VectorCollection, clusterUid: string, step: CollectionStep): void {
  switch (step.kind) {
    case 'wait':
      return;
    case 'adopt-collection': {
      const found = defined(store.find<VectorCollection>('VectorCollection', metadata.name));
      const owner = { apiVersion: 'vectorcluster.io/v1', kind: 'VectorCluster', name: spec.clusterName, uid: clusterUid };
      return void store.put({ ...found, metadata: { ...metadata, ownerReferences: [owner] } });
    }
    case 'create-shard':
      store.put(
        buildVectorShard({
          name: step.object,
          namespace: storyNamespace,
          cluster: spec.clusterName,
          collection: spec.collection,
          owner: { kind: 'VectorCollection', name: metadata.name, uid: metadata.uid ?? '' },
          hashRange: step.hashRange,
          assignments: step.assignments,
        }),
      );
  }
}

export function carryOutCopiesStep(store: Store, step: CopiesStep): void {
  const shard = defined(store.find<VectorShard>('VectorShard', step.object));
  if (step.kind === 'ask-hand-over') {
    return void store.put({ ...shard, status: { ...shard.status, handOff: { target: step.target, epoch: step.epoch } } });
  }
  store.put({ ...shard, spec: { ...shard.spec, assignments: [...step.assignments] } });
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a step names what the story does not have');
  return value;
}
