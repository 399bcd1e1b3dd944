/** Folder of each of a Pod's volumes: a claim's bound volume, or an emptyDir that lives and dies with the Pod. */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Informer } from '@vectorcluster/kube/informer.ts';
import type { PersistentVolumeClaim, Pod } from '@vectorcluster/kube/types/core.ts';
import { ContainerConfigError } from './container-env.ts';

export interface PodVolumeContext {
  readonly podFolder: string;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly signal: AbortSignal;
  folderOfVolume(volume: string): Promise<string | undefined>;
}

export async function podVolumeFolders(pod: Pod, context: PodVolumeContext): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.persistentVolumeClaim) {
      folders.set(volume.name, await claimFolder(pod, volume.persistentVolumeClaim.claimName, context));
    } else if (volume.emptyDir) {
      const folder = join(context.podFolder, 'volumes', volume.name);
      await mkdir(folder, { recursive: true });
      folders.set(volume.name, folder);
    } else {
      throw new ContainerConfigError(`volume ${volume.name}: only persistentVolumeClaim and emptyDir are known to a local cluster`);
    }
  }
  return folders;
}

async function claimFolder(pod: Pod, name: string, context: PodVolumeContext): Promise<string> {
  const namespace = pod.metadata.namespace ?? '';
  const volumeOf = (): string | undefined => {
    const claim = context.claims.get(namespace, name);
    return claim?.status?.phase === 'Bound' ? claim.spec?.volumeName : undefined;
  };
  await context.claims.waitFor(() => volumeOf() !== undefined, context.signal);
  const folder = await context.folderOfVolume(volumeOf() ?? '');
  if (folder === undefined) throw new ContainerConfigError(`claim ${name} is bound to a volume that has no folder here`);
  if (!(await isFolder(folder)))
    throw new ContainerConfigError(`claim ${name}: its data is gone, there is no folder ${folder}: restore it`);
  return folder;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
