/** What the operator decided. `because` is the Event, the log line and the condition message. */
import type { Assignment } from '@vectorcluster/crds/vector-shard.ts';
import type { ConditionDraft } from './conditions.ts';

/** Both must still be so when the object is deleted. */
export interface Precondition {
  readonly uid: string;
  readonly resourceVersion: string;
}

interface Because {
  /** Name of the object it is done to. */
  readonly object: string;
  readonly because: string;
}

export type ObjectStep = Because & { readonly kind: 'apply-object'; readonly objectKind: string };

export type NodeStep =
  | ObjectStep
  | (Because & {
      readonly kind: 'create-volume' | 'update-volume' | 'grow-volume';
      readonly node: string;
      readonly pool: string;
      readonly zone: string;
    })
  | (Because & { readonly kind: 'create-pod'; readonly pool: string; readonly zone: string })
  | (Because & { readonly kind: 'delete-pod'; readonly pool: string; readonly zone: string; readonly precondition: Precondition })
  | (Because & { readonly kind: 'delete-volume'; readonly node: string; readonly precondition: Precondition })
  /** Both are kept in the status of the pool. */
  | (Because & { readonly kind: 'leave-node' | 'keep-node' })
  | HandOverStep
  | (Because & { readonly kind: 'note-first-ready'; readonly templateHash: string })
  | (Because & { readonly kind: 'wait'; /** Nobody but a person can end it. */ readonly needsPerson?: boolean });

export type ClusterStep =
  | ObjectStep
  | (Because & { readonly kind: 'keep-replicas'; readonly replicas: number })
  | (Because & { readonly kind: 'delete-pool'; readonly precondition: Precondition });

export type CollectionStep =
  | (Because & { readonly kind: 'adopt-collection' })
  | (Because & {
      readonly kind: 'create-shard';
      readonly hashRange: { readonly first: string; readonly last: string };
      readonly assignments: readonly Assignment[];
    })
  | (Because & { readonly kind: 'wait' });

/** Begins an epoch. */
interface Leadership extends Because {
  readonly epoch: number;
  readonly primary: string;
  /** Of the primary. */
  readonly node: string;
  readonly inSync: readonly string[];
}

export type ShardStep =
  | (Leadership & { readonly kind: 'appoint-primary'; readonly minInSync: number })
  | (Leadership & { readonly kind: 'fail-over' | 'raise-epoch' | 'name-another' | 'hand-over' })
  | (Because & { readonly kind: 'withdraw-hand-over' })
  | (Because & { readonly kind: 'set-min-in-sync'; readonly minInSync: number })
  | (Because & { readonly kind: 'remove-member'; readonly replicaId: string; readonly node: string });

/** Asks the primary of that epoch to hand over to the target. */
export type HandOverStep = Because & {
  readonly kind: 'ask-hand-over';
  readonly epoch: number;
  readonly target: string;
  /** Of the target. */
  readonly node: string;
};

export type CopiesStep =
  | HandOverStep
  | (Because & { readonly kind: 'assign-copies'; readonly assignments: readonly Assignment[]; readonly precondition: Precondition });

export interface Plan<Step> {
  readonly steps: readonly Step[];
  readonly conditions: readonly ConditionDraft[];
  /** Look again after this time even if nothing is reported until then. */
  readonly recheckAfterMs?: number | undefined;
}
