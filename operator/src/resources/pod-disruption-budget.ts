import { controlledBy, type Owner } from './built-object.ts';
import { nodeSelector, poolLabels } from './object-labels.ts';

export interface DisruptionBudgetInput {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly pool: string;
  readonly owner: Owner;
  readonly maxUnavailable: 0 | 1;
  readonly because: string;
}

/** Why the budget is what it is. */
export const becauseAnnotation = 'vectorcluster.io/because';

/**
 * A drain of a Kubernetes node takes one storage node of a pool at a time, and none while copies are missing. A Pod that is not Ready may
 * always go: it is in nobody's way but its own machine's.
 */
export function buildPodDisruptionBudget(input: DisruptionBudgetInput) {
  const { name, namespace, cluster, pool, owner, maxUnavailable, because } = input;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name,
      namespace,
      labels: poolLabels(cluster, pool),
      annotations: { [becauseAnnotation]: because },
      ownerReferences: [controlledBy(owner)],
    },
    spec: { maxUnavailable, selector: { matchLabels: nodeSelector(cluster, pool) }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  };
}
