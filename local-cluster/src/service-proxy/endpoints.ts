/** Which addresses a Service's port leads to. */
import type { Pod, Service } from '@vectorcluster/kube/types/core.ts';

export interface Backend {
  readonly host: string;
  readonly port: number;
}

export interface ServicePort {
  readonly host: string;
  readonly port: number;
  readonly backends: readonly Backend[];
}

/** One per port of a Service that has an address of its own; ready Pods only, unless the Service asks for the others too. */
export function servicePorts(service: Service, pods: readonly Pod[]): readonly ServicePort[] {
  const host = service.spec?.clusterIP;
  const selector = Object.entries(service.spec?.selector ?? {});
  if (host === undefined || host === '' || host === 'None' || selector.length === 0) return [];
  const chosen = pods.filter(
    (pod) =>
      pod.metadata?.namespace === service.metadata?.namespace &&
      pod.metadata?.deletionTimestamp === undefined &&
      selector.every(([key, value]) => pod.metadata?.labels?.[key] === value) &&
      (service.spec?.publishNotReadyAddresses === true || isReady(pod)),
  );
  return (service.spec?.ports ?? []).map((port) => ({
    host,
    port: port.port,
    backends: chosen.flatMap((pod) => {
      const target = targetPort(pod, port.targetPort ?? port.port);
      const podIp = pod.status?.podIP;
      return podIp === undefined || target === undefined ? [] : [{ host: podIp, port: target }];
    }),
  }));
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
}

function targetPort(pod: Pod, target: number | string | object): number | undefined {
  if (typeof target === 'number') return target;
  for (const container of pod.spec?.containers ?? []) {
    const named = container.ports?.find((port) => port.name === target);
    if (named) return named.containerPort;
  }
  return undefined;
}
