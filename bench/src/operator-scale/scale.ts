/** How much there is, and what it is called. */
export interface Scale {
  readonly clusters: number;
  readonly nodesPerCluster: number;
  /** Of the one collection of each cluster. */
  readonly shardsPerCluster: number;
  readonly copies: number;
}

/** Clusters of one namespace. */
const clustersPerNamespace = 100;

export const collectionName = 'items';

/** Carried by everything of this measurement that does not go with a namespace. */
export const ownLabel = 'bench.vectorcluster.io/operator-scale';

/** Only nodes of this measurement carry it, so that Pods go to no others. */
export const zoneKey = 'bench.vectorcluster.io/zone';

export const storageClassName = 'operator-scale';
export const provisioner = 'bench.vectorcluster.io/make-believe';

export interface ClusterName {
  readonly namespace: string;
  readonly name: string;
}

export function clusterNames({ clusters }: Scale): readonly ClusterName[] {
  return Array.from({ length: clusters }, (_, index) => ({
    namespace: namespaceName(Math.floor(index / clustersPerNamespace)),
    name: `c${String(index).padStart(4, '0')}`,
  }));
}

export function namespaceNames(scale: Scale): readonly string[] {
  return [...new Set(clusterNames(scale).map(({ namespace }) => namespace))];
}

function namespaceName(index: number): string {
  return `operator-scale-${index}`;
}
