import type { Assignment, Member } from '@vectorcluster/crds/vector-shard.ts';

/** One shard as one value. */
export interface ObservedShard {
  readonly name: string;
  readonly assignments: readonly Assignment[];
  /** 0 while there never was a primary. */
  readonly epoch: number;
  readonly primary: string | undefined;
  readonly inSync: readonly string[];
  readonly members: readonly Member[];
  /** Nodes of the cluster, by name. */
  readonly nodes: ReadonlyMap<string, { readonly podUid: string; readonly isReady: boolean }>;
}
