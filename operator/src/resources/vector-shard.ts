import { labels } from '@vectorcluster/crds/labels.ts';
import { apiVersion } from '@vectorcluster/crds/meta.ts';
import type { Assignment, VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import { controlledBy, type Owner } from './built-object.ts';
import { clusterLabels } from './object-labels.ts';

export interface VectorShardInput {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly collection: string;
  readonly owner: Owner;
  readonly hashRange: { readonly first: string; readonly last: string };
  readonly assignments: readonly Assignment[];
}

export function buildVectorShard(input: VectorShardInput): VectorShard {
  const { name, namespace, cluster, collection, owner, hashRange, assignments } = input;
  return {
    apiVersion,
    kind: 'VectorShard',
    metadata: {
      name,
      namespace,
      labels: { ...clusterLabels(cluster), ...collectionLabel(owner.name) },
      ownerReferences: [controlledBy(owner)],
    },
    spec: { clusterName: cluster, collection, vectorCollection: owner.name, hashRange, assignments: [...assignments] },
  };
}

/** A label value has at most 63 characters, an object name may have more; the owner reference is what counts. */
function collectionLabel(name: string): Readonly<Record<string, string>> {
  return name.length <= 63 ? { [labels.collection]: name } : {};
}
