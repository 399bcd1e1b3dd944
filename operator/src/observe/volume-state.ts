/** What a claim's spec, status and class say of the volume of a node. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { PersistentVolumeClaim } from '@vectorcluster/kube/types/core.ts';
import type { StorageClass } from '@vectorcluster/kube/types/storage.ts';
import type { ObservedVolume, Quantity, Resize, VolumeSize } from '../plan/observed-volume.ts';
import { differenceOf } from './difference.ts';
import { quantityOf } from './quantity.ts';
import type { NodePlace } from './wanted-objects.ts';
import { keptVolume } from './wanted-volume.ts';

interface Surroundings {
  readonly cluster: VectorCluster;
  readonly pool: VectorPool;
  readonly place: NodePlace;
  readonly storageClasses: readonly StorageClass[];
}

export function observeVolume(claim: PersistentVolumeClaim, { cluster, pool, place, storageClasses }: Surroundings): ObservedVolume {
  const wanted = keptVolume(cluster, pool, place, claim);
  return {
    precondition: { uid: claim.metadata.uid ?? '', resourceVersion: claim.metadata.resourceVersion ?? '' },
    isDeleting: claim.metadata.deletionTimestamp !== undefined,
    isPending: claim.status?.phase === 'Pending',
    isLost: claim.status?.phase === 'Lost',
    difference: wanted && differenceOf(claim, wanted),
    size: sizeOf(claim, pool, storageClasses),
  };
}

function sizeOf(
  { spec, status }: PersistentVolumeClaim,
  pool: VectorPool,
  storageClasses: readonly StorageClass[],
): VolumeSize | undefined {
  const { storage } = pool.spec.template;
  const wanted = quantity(storage?.size);
  const asked = quantity(spec?.resources?.requests?.['storage']);
  if (wanted === undefined || asked === undefined) return undefined;
  const storageClass = storageClasses.find(({ metadata }) => metadata.name === spec?.storageClassName);
  return {
    wanted,
    asked,
    actual: quantity(status?.capacity?.['storage']),
    className: spec?.storageClassName ?? '',
    classWanted: storage?.storageClassName,
    mayGrow: storageClass?.allowVolumeExpansion === true,
    resize: resizeOf(status),
  };
}

function quantity(text: string | undefined): Quantity | undefined {
  const bytes = quantityOf(text);
  return text === undefined || bytes === undefined ? undefined : { text, bytes };
}

/** What goes wrong is told before what goes on. */
const resizeConditions = ['ControllerResizeError', 'NodeResizeError', 'ModifyVolumeError', 'FileSystemResizePending', 'Resizing'];

function resizeOf(status: PersistentVolumeClaim['status']): Resize | undefined {
  const conditions = (status?.conditions ?? []).filter((condition) => condition.status === 'True');
  const told = resizeConditions.flatMap((type) => conditions.filter((condition) => condition.type === type))[0];
  const infeasible = Object.values(status?.allocatedResourceStatuses ?? {}).find((state) => state.endsWith('Infeasible'));
  if (told === undefined && infeasible === undefined) return undefined;
  return {
    type: told?.type ?? infeasible ?? '',
    message: told?.message ?? '',
    isFailing: infeasible !== undefined || told?.type.endsWith('Error') === true,
    since: told?.lastTransitionTime === undefined ? undefined : new Date(told.lastTransitionTime),
  };
}
