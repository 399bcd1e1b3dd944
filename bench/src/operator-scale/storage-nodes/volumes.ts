/**
 * A volume for each claim, and the two bound to each other: what a provisioner and Kubernetes' volume controller do, which takes one claim
 * after the other and would make the whole measurement wait.
 */
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { AlreadyExistsError, NotFoundError } from '@vectorcluster/kube/errors.ts';
import { persistentVolumeClaims, persistentVolumes, type PersistentVolumeClaim } from '@vectorcluster/kube/types/core.ts';
import { ownLabel, provisioner, storageClassName } from '../scale.ts';

const boundAnnotations = { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' };

export class Volumes {
  readonly #client: KubeClient;
  /** By UID. */
  readonly #seen = new Set<string>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async provide({ metadata, spec, status }: PersistentVolumeClaim): Promise<void> {
    const { name, namespace, uid = '' } = metadata;
    const isOurs = spec?.storageClassName === storageClassName && metadata.deletionTimestamp === undefined;
    if (!isOurs || status?.phase === 'Bound' || this.#seen.has(uid)) return;
    this.#seen.add(uid);
    const volume = `pvc-${uid}`;
    const accessModes = spec?.accessModes ?? [];
    const capacity = { storage: spec?.resources?.requests?.['storage'] ?? '1Gi' };
    try {
      await this.#client.create(persistentVolumes, {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: volume, labels: { [ownLabel]: 'true' }, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
        spec: {
          storageClassName,
          persistentVolumeReclaimPolicy: 'Delete',
          accessModes,
          capacity,
          hostPath: { path: `/nowhere/${uid}` },
          claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
        },
      });
      await this.#client.patch(persistentVolumes, volume, undefined, { status: { phase: 'Bound' } }, { subresource: 'status' });
      const bound = { metadata: { uid, annotations: boundAnnotations }, spec: { volumeName: volume } };
      await this.#client.patch(persistentVolumeClaims, name, namespace, bound);
      const isBound = { metadata: { uid }, status: { phase: 'Bound', accessModes, capacity } };
      await this.#client.patch(persistentVolumeClaims, name, namespace, isBound, { subresource: 'status' });
    } catch (error) {
      // It was there already, or the claim went meanwhile.
      if (!(error instanceof AlreadyExistsError) && !(error instanceof NotFoundError)) throw error;
    }
  }
}
