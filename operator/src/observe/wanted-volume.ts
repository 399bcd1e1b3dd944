/** From a cluster, a pool and a claim that may be there to the claim as it should be. Each is undefined for a pool that has no storage. */
import type { Storage, VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { PersistentVolumeClaim } from '@vectorcluster/kube/types/core.ts';
import { volumeNameOf } from '../plan/names.ts';
import { buildPersistentVolumeClaim } from '../resources/persistent-volume-claim.ts';
import { withAppliedHash } from './hashes.ts';
import { quantityOf } from './quantity.ts';
import type { NodePlace } from './wanted-objects.ts';

export function newVolume(cluster: VectorCluster, pool: VectorPool, place: NodePlace) {
  const { storage } = pool.spec.template;
  return storage && volumeWith(cluster, pool, place, storage);
}

/** With the size it has: growing is a step of its own. The class of a claim never changes, whatever is asked for. */
export function keptVolume(cluster: VectorCluster, pool: VectorPool, place: NodePlace, live: PersistentVolumeClaim) {
  const { storage } = pool.spec.template;
  if (storage === undefined) return undefined;
  const size = live.spec?.resources?.requests?.['storage'] ?? storage.size;
  const isSame = quantityOf(size) === quantityOf(storage.size);
  return volumeWith(cluster, pool, place, ofItsClass({ ...storage, size: isSame ? storage.size : size }, live));
}

export function grownVolume(cluster: VectorCluster, pool: VectorPool, place: NodePlace, live: PersistentVolumeClaim) {
  const { storage } = pool.spec.template;
  return storage && volumeWith(cluster, pool, place, ofItsClass(storage, live));
}

function ofItsClass({ storageClassName, ...storage }: Storage, { spec }: PersistentVolumeClaim): Storage {
  const className = storageClassName === undefined ? undefined : (spec?.storageClassName ?? storageClassName);
  return { ...storage, ...(className !== undefined && { storageClassName: className }) };
}

function volumeWith({ metadata, spec }: VectorCluster, pool: VectorPool, { name, zone, topologyKey }: NodePlace, storage: Storage) {
  return withAppliedHash(
    buildPersistentVolumeClaim({
      name: volumeNameOf(name),
      namespace: pool.metadata.namespace ?? '',
      cluster: pool.spec.clusterName,
      pool: pool.spec.poolName,
      node: name,
      zone,
      topologyKey,
      storage,
      deletedWith: spec.deletionPolicy === 'Delete' ? { kind: 'VectorCluster', name: metadata.name, uid: metadata.uid ?? '' } : undefined,
    }),
  );
}
