import { labels } from '@vectorcluster/crds/labels.ts';
import { objectKey, type KubeObject } from '@vectorcluster/kube/object.ts';

export interface ReconcileKey {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
}

export type NamesCluster = KubeObject & { readonly spec: { readonly clusterName: string } };

export function keyOf({ metadata }: KubeObject): string {
  return objectKey(metadata.namespace, metadata.name);
}

export function parseKey(key: string): ReconcileKey {
  const slash = key.indexOf('/');
  return { key, namespace: key.slice(0, Math.max(slash, 0)), name: key.slice(slash + 1) };
}

/** Key of the cluster that an object's label names. */
export function clusterKeyByLabel({ metadata }: KubeObject): string | undefined {
  const cluster = metadata.labels?.[labels.cluster];
  return cluster === undefined ? undefined : objectKey(metadata.namespace, cluster);
}

export function clusterKeyBySpec({ metadata, spec }: NamesCluster): string {
  return objectKey(metadata.namespace, spec.clusterName);
}
