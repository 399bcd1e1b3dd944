/**
 * Plays the volume provisioner: a claim of StorageClass `local` becomes a PersistentVolume that is a folder of this cluster's state,
 * bound at once. Deleting the claim deletes the volume and its folder (reclaim policy Delete, as local provisioners do).
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import {
  persistentVolumeClaims,
  persistentVolumes,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '@vectorcluster/kube/types/core.ts';
import { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import type { Logger } from 'pino';

export interface VolumeBinderOptions {
  readonly client: KubeClient;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly stateFolder: string;
  readonly logger: Logger;
}

const localStorageClass = 'local';

export class VolumeBinder {
  readonly #options: VolumeBinderOptions;
  readonly #folder: string;
  readonly #queue = new WorkQueue({ concurrency: 4 });

  constructor(options: VolumeBinderOptions) {
    this.#options = options;
    this.#folder = join(options.stateFolder, 'volumes');
  }

  async run(signal: AbortSignal): Promise<void> {
    const { claims } = this.#options;
    claims.onChange(({ object }) => {
      this.#queue.add(`${object.metadata.namespace}/${object.metadata.name}`);
    });
    await claims.synced();
    for (const claim of claims.list()) this.#queue.add(`${claim.metadata.namespace}/${claim.metadata.name}`);
    await this.#removeOrphans();
    await this.#queue.run((key) => this.#reconcile(key), signal);
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const claim = this.#options.claims.get(namespace, name);
    if (!claim) return this.#removeOrphans();
    const className = claim.spec?.storageClassName ?? localStorageClass;
    if (className !== localStorageClass) return;
    if (claim.status?.phase === 'Bound') return this.#grow(claim);
    const { client, logger } = this.#options;
    const volumeName = `pvc-${claim.metadata.uid}`;
    const folder = join(this.#folder, volumeName);
    const storage = claim.spec?.resources?.requests?.['storage'] ?? '1Gi';
    const accessModes = claim.spec?.accessModes ?? ['ReadWriteOnce'];
    await mkdir(folder, { recursive: true });
    const volume: PersistentVolume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName },
      spec: {
        capacity: { storage },
        accessModes,
        storageClassName: localStorageClass,
        persistentVolumeReclaimPolicy: 'Delete',
        hostPath: { path: folder },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid: claim.metadata.uid },
      },
    };
    await client.apply(persistentVolumes, volume, { fieldManager: 'local-provisioner', force: true });
    await client.patch(persistentVolumeClaims, name, namespace, { spec: { volumeName, storageClassName: localStorageClass } });
    await client.patch(
      persistentVolumeClaims,
      name,
      namespace,
      { status: { phase: 'Bound', accessModes, capacity: { storage } } },
      { subresource: 'status' },
    );
    logger.info({ claim: key, folder }, 'volume bound');
  }

  /** A folder has all the room there is: only the number changes. */
  async #grow({ metadata, spec, status }: PersistentVolumeClaim): Promise<void> {
    const storage = spec?.resources?.requests?.['storage'];
    if (storage === undefined || storage === status?.capacity?.['storage']) return;
    const { client, logger } = this.#options;
    await client.patch(persistentVolumes, spec?.volumeName ?? '', undefined, { spec: { capacity: { storage } } });
    await client.patch(
      persistentVolumeClaims,
      metadata.name,
      metadata.namespace,
      { status: { capacity: { storage } } },
      { subresource: 'status' },
    );
    logger.info({ claim: metadata.name, storage }, 'volume has grown');
  }

  async #removeOrphans(): Promise<void> {
    const { client, claims, logger } = this.#options;
    const { items } = await client.list(persistentVolumes);
    for (const volume of items) {
      const owner = volume.spec?.claimRef;
      const path = volume.spec?.hostPath?.path;
      if (!owner || path === undefined || !path.startsWith(`${this.#folder}/`)) continue;
      const claim = claims.get(owner.namespace ?? '', owner.name ?? '');
      if (claim && claim.metadata.uid === owner.uid) continue;
      // The cache may be behind: only the API server's own answer decides over data.
      const fresh = await client.get(persistentVolumeClaims, owner.name ?? '', owner.namespace);
      if (fresh && fresh.metadata.uid === owner.uid) continue;
      await rm(path, { recursive: true, force: true });
      await client.delete(persistentVolumes, volume.metadata.name ?? '');
      logger.info({ volume: volume.metadata.name }, 'volume of a deleted claim removed');
    }
  }
}
