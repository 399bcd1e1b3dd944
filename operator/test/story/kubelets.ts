/** What kubelets do with the Pods that the operator made. */
import type { Pod, PodStatus } from '@vectorcluster/kube/types/core.ts';
import type { Store } from './store.ts';

const readyStatus: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const startingStatus: PodStatus = { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }] };

export interface Broken {
  /** Images that nobody built. */
  readonly images: ReadonlySet<string>;
  /** Zones without a machine that runs. */
  readonly zones: ReadonlySet<string>;
}

/** A Pod is started in the first breath, Ready in the second; one that is deleted is gone in the next. */
export function kubeletsBreathe(store: Store, broken: Broken): boolean {
  let changed = false;
  for (const pod of store.list<Pod>('Pod')) {
    const next = nextStatus(pod, broken);
    if (next === pod.status) continue;
    changed = true;
    if (next === undefined) store.delete('Pod', pod.metadata.name);
    else store.put({ ...pod, spec: { containers: [], ...pod.spec, nodeName: machineOf(pod) }, status: next });
  }
  return changed;
}

/** Each zone has one. */
function machineOf(pod: Pod): string {
  return `kube-${zoneOf(pod)}`;
}

function zoneOf({ metadata }: Pod): string {
  return metadata.labels?.['vectorcluster.io/zone'] ?? '';
}

/** The same status when nothing happens; undefined when the Pod is gone. */
function nextStatus(pod: Pod, broken: Broken): PodStatus | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  if (pod.status === undefined) return startingStatus;
  if (pod.status.phase !== 'Pending') return pod.status;
  if (broken.zones.has(zoneOf(pod))) return pod.status;
  const image = pod.spec?.containers[0]?.image ?? '';
  if (!broken.images.has(image)) return readyStatus;
  if (pod.status.containerStatuses !== undefined) return pod.status;
  const waiting = { reason: 'ErrImagePull', message: `${image} not found` };
  const container = { name: 'storage-node', image, imageID: '', ready: false, restartCount: 0, state: { waiting } };
  return { ...startingStatus, containerStatuses: [container] };
}
