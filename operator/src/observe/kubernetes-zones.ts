import type { PoolTemplate } from '@vectorcluster/crds/vector-cluster.ts';
import type { Node, Taint } from '@vectorcluster/kube/types/core.ts';

/** Zones with a ready Kubernetes node on which Pods of this template may run, in order of name. */
export function usableZones(nodes: readonly Node[], topologyKey: string, { scheduling }: PoolTemplate): readonly string[] {
  const usable = nodes.filter(
    (node) =>
      isReady(node) &&
      node.spec?.unschedulable !== true &&
      Object.entries(scheduling?.nodeSelector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value) &&
      (node.spec?.taints ?? []).every((taint) => isTolerated(taint, scheduling?.tolerations ?? [])),
  );
  const zones = usable.flatMap(({ metadata }) => metadata.labels?.[topologyKey] ?? []);
  return [...new Set(zones)].toSorted();
}

export function isReady({ status }: Node): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

type Toleration = NonNullable<NonNullable<PoolTemplate['scheduling']>['tolerations']>[number];

function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  if (taint.effect === 'PreferNoSchedule') return true;
  return tolerations.some(({ key, operator = 'Equal', value, effect }) => {
    const fitsKey = key === undefined ? operator === 'Exists' : key === taint.key;
    const fitsValue = operator === 'Exists' || (value ?? '') === (taint.value ?? '');
    return fitsKey && fitsValue && (effect === undefined || effect === taint.effect);
  });
}
