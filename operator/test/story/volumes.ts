/** What provisioners, resizers and people do to volumes and their classes. */
import type { PersistentVolumeClaim } from '@vectorcluster/kube/types/core.ts';
import type { StorageClass } from '@vectorcluster/kube/types/storage.ts';
import { volumeNameOf } from '../../src/plan/names.ts';
import type { Store } from './store.ts';

export function putStorageClass(store: Store, name: string, allowVolumeExpansion: boolean): void {
  const metadata = { name };
  store.put<StorageClass>({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata,
    provisioner: 'story',
    allowVolumeExpansion,
  });
}

export function putVolumeStatus(store: Store, node: string, status: NonNullable<PersistentVolumeClaim['status']>): void {
  store.put<PersistentVolumeClaim>({ ...claimOf(store, node), status });
}

/** It stays while its Pod does. */
export function deleteVolume(store: Store, node: string, now: Date): void {
  const claim = claimOf(store, node);
  store.put({ ...claim, metadata: { ...claim.metadata, deletionTimestamp: now.toISOString() } });
}

function claimOf(store: Store, node: string): PersistentVolumeClaim {
  const claim = store.find<PersistentVolumeClaim>('PersistentVolumeClaim', volumeNameOf(node));
  if (claim === undefined) throw new Error(`${node} has no volume`);
  return claim;
}
