import { labels } from '@vectorcluster/crds/labels.ts';

export const managedBy = 'vectorcluster-operator';

export function clusterLabels(cluster: string): Readonly<Record<string, string>> {
  return {
    [labels.name]: 'vectorcluster',
    [labels.instance]: cluster,
    [labels.managedBy]: managedBy,
    [labels.cluster]: cluster,
  };
}

export function poolLabels(cluster: string, pool: string): Readonly<Record<string, string>> {
  return { ...clusterLabels(cluster), [labels.component]: 'storage-node', [labels.pool]: pool };
}

/** What Services and disruption budgets select by: never a label that a later version may add. */
export function nodeSelector(cluster: string, pool?: string): Readonly<Record<string, string>> {
  const ofCluster = { [labels.component]: 'storage-node', [labels.cluster]: cluster };
  return pool === undefined ? ofCluster : { ...ofCluster, [labels.pool]: pool };
}

/** The same as text, as `status.selector` of the scale subresource wants it. */
export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
