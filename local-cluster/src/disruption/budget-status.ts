/** How many Pods of a budget may be evicted, as kube-controller-manager counts them. Pure. */
import type { Pod } from '@vectorcluster/kube/types/core.ts';
import type { PodDisruptionBudget } from '@vectorcluster/kube/types/policy.ts';

export type BudgetStatus = Pick<
  NonNullable<PodDisruptionBudget['status']>,
  'currentHealthy' | 'desiredHealthy' | 'disruptionsAllowed' | 'expectedPods'
> & { readonly observedGeneration: number };

/** What is expected are the Pods that there are: whoever makes them is not asked how many he wants. */
export function budgetStatus({ metadata, spec }: PodDisruptionBudget, pods: readonly Pod[]): BudgetStatus {
  const wanted = Object.entries(spec?.selector?.matchLabels ?? {});
  const own = pods.filter(
    (pod) =>
      pod.metadata.namespace === metadata.namespace &&
      wanted.length > 0 &&
      wanted.every(([key, value]) => pod.metadata.labels?.[key] === value) &&
      pod.status?.phase !== 'Succeeded' &&
      pod.status?.phase !== 'Failed',
  );
  const expectedPods = own.length;
  const currentHealthy = own.filter(isHealthy).length;
  const desiredHealthy =
    spec?.maxUnavailable === undefined
      ? countOf(spec?.minAvailable ?? 0, expectedPods)
      : Math.max(0, expectedPods - countOf(spec.maxUnavailable, expectedPods));
  const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy);
  return { currentHealthy, desiredHealthy, disruptionsAllowed, expectedPods, observedGeneration: metadata.generation ?? 0 };
}

function isHealthy({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return metadata.deletionTimestamp === undefined && ready === true;
}

/** A number, or a share such as `50%`, rounded up. */
function countOf(value: unknown, of: number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? Number.parseInt(value, 10) : 0;
  return Math.ceil((of * percent) / 100);
}
