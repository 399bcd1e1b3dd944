/** Every version of our objects and of the Pods that a cluster went through, in the order in which the API server stored them. */
import { labels } from '@vectorcluster/crds/labels.ts';
import type { VectorCluster } from '@vectorcluster/crds/vector-cluster.ts';
import type { VectorCollection } from '@vectorcluster/crds/vector-collection.ts';
import type { VectorPool } from '@vectorcluster/crds/vector-pool.ts';
import type { VectorShard } from '@vectorcluster/crds/vector-shard.ts';
import type { Pod } from '@vectorcluster/kube/types/core.ts';

export type OwnObject = VectorCluster | VectorPool | VectorCollection | VectorShard;

export type Version = {
  /** resourceVersion: one counter for all kinds. */
  readonly at: number;
  readonly isDeleted: boolean;
} & ({ readonly kind: 'own'; readonly object: OwnObject } | { readonly kind: 'pod'; readonly object: Pod });

export interface Stage {
  readonly name: string;
  /** Last version before it. */
  readonly after: number;
}

export interface LifeRecord {
  readonly versions: readonly Version[];
  readonly stages: readonly Stage[];
}

type OwnVersion = Extract<Version, { readonly kind: 'own' }>;

/** Of our objects, in one stage. */
export function versionsIn({ versions, stages }: LifeRecord, stage: string): readonly OwnVersion[] {
  const index = stages.findIndex(({ name }) => name === stage);
  const after = stages[index]?.after ?? Infinity;
  const until = stages[index + 1]?.after ?? Infinity;
  return versions.flatMap((version) =>
    version.kind === 'own' && !version.isDeleted && version.at > after && version.at <= until ? [version] : [],
  );
}

/** What is stored at one moment. */
export interface Snapshot {
  readonly own: ReadonlyMap<string, OwnObject>;
  readonly pods: ReadonlyMap<string, Pod>;
}

export const nothing: Snapshot = { own: new Map(), pods: new Map() };

export function nameOf({ kind, metadata }: OwnObject): string {
  return `${kind} ${metadata.name}`;
}

export function afterVersion(before: Snapshot, version: Version): Snapshot {
  if (version.kind === 'pod') {
    if (version.object.metadata.labels?.[labels.cluster] === undefined) return before;
    return { ...before, pods: changed(before.pods, version.object.metadata.name, version.isDeleted ? undefined : version.object) };
  }
  return { ...before, own: changed(before.own, nameOf(version.object), version.isDeleted ? undefined : version.object) };
}

function changed<T>(before: ReadonlyMap<string, T>, name: string, value: T | undefined): ReadonlyMap<string, T> {
  const after = new Map(before);
  if (value === undefined) after.delete(name);
  else after.set(name, value);
  return after;
}
