import { controlledBy, type Owner } from './built-object.ts';
import { nodeSelector, poolLabels } from './object-labels.ts';

export interface DisruptionBudgetInput {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly pool: string;
  readonly owner: Owner;
}

/** A drain of a Kubernetes node takes one storage node of a pool at a time. */
export function buildPodDisruptionBudget({ name, namespace, cluster, pool, owner }: DisruptionBudgetInput) {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace, labels: poolLabels(cluster, pool), ownerReferences: [controlledBy(owner)] },
    spec: { maxUnavailable: 1, selector: { matchLabels: nodeSelector(cluster, pool) } },
  };
}
