/**
 * What decisions read of a Pod. The rest, such as probes, mounts, tolerations and what the API server fills in, is most of it, and there
 * are as many Pods as storage nodes; how a Pod was built is told by the hash on it.
 */
import type { Pod } from '@vectorcluster/kube/types/core.ts';

export function leanPod({ apiVersion, kind, metadata, spec, status }: Pod): Pod {
  return {
    apiVersion,
    kind,
    metadata,
    spec: spec && {
      nodeName: spec.nodeName,
      nodeSelector: spec.nodeSelector,
      containers: spec.containers.map(({ name, image, env, resources }) => ({ name, image, env, resources })),
      initContainers: spec.initContainers?.map(named),
      volumes: spec.volumes?.map(named),
    },
    status: status && {
      phase: status.phase,
      reason: status.reason,
      message: status.message,
      podIP: status.podIP,
      conditions: status.conditions,
      containerStatuses: status.containerStatuses,
      initContainerStatuses: status.initContainerStatuses,
    },
  };
}

function named({ name }: { readonly name: string }) {
  return { name };
}
