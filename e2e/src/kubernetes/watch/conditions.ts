/** A VectorCluster's status as its conditions tell it, for the spec that it has now. */
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';

export function isCurrent(cluster: VectorCluster): boolean {
  return is(cluster, 'Ready') && !is(cluster, 'Reconciling') && !is(cluster, 'Stalled') && isSeen(cluster);
}

/** The message, or undefined when it is not Stalled. */
export function stalledBecause(cluster: VectorCluster): string | undefined {
  const stalled = cluster.status?.conditions?.find(({ type }) => type === 'Stalled');
  return isSeen(cluster) && stalled?.status === 'True' ? stalled.message : undefined;
}

/** What status.plan says of an object, such as a node. */
export function plannedFor({ status }: VectorCluster, object: string): readonly string[] {
  return (status?.plan ?? []).filter((step) => step.object === object).map(({ because }) => because);
}

function isSeen({ metadata, status }: VectorCluster): boolean {
  return status?.observedGeneration === metadata.generation;
}

function is({ status }: VectorCluster, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
