/** A volume for each claim that asks for one, as an external provisioner makes them; Kubernetes' own controller binds the two. */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { AlreadyExistsError } from '@vectorcluster/kube/errors.ts';
import { persistentVolumes, type PersistentVolumeClaim } from '@vectorcluster/kube/types/core.ts';
import { ownLabel, provisioner, storageClassName } from '../scale.ts';

const provisionerAnnotation = 'volume.kubernetes.io/storage-provisioner';

export async function provision(client: KubeClient, { metadata, spec }: PersistentVolumeClaim): Promise<void> {
  const asked = metadata.annotations?.[provisionerAnnotation] === provisioner;
  if (!asked || (spec?.volumeName ?? '') !== '' || metadata.deletionTimestamp !== undefined) return;
  const { name, namespace, uid } = metadata;
  try {
    await client.create(persistentVolumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: `pvc-${uid}`,
        labels: { [ownLabel]: 'true' },
        annotations: { 'pv.kubernetes.io/provisioned-by': provisioner },
      },
      spec: {
        storageClassName,
        persistentVolumeReclaimPolicy: 'Delete',
        accessModes: spec?.accessModes ?? [],
        capacity: { storage: spec?.resources?.requests?.['storage'] ?? '1Gi' },
        hostPath: { path: `/nowhere/${uid}` },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
      },
    });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}
