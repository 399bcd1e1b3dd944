/**
 * What a replica wants done. The runner keeps three orders: what touches the disk happens in the order given; a message marked
 * `when-durable` leaves after everything that was to be written before it is durable; answers come after what precedes them.
 */
import type { Position } from './log-shape.ts';
import type { Message } from './messages.ts';

export type Effect =
  | { readonly kind: 'persist-epoch'; readonly epoch: bigint }
  | { readonly kind: 'truncate'; readonly from: bigint }
  /** Append and sync. A primary is told by `persisted`. */
  | { readonly kind: 'append'; readonly epoch: bigint; readonly entries: readonly Position[] }
  | { readonly kind: 'install-snapshot'; readonly from: string; readonly position: Position }
  | { readonly kind: 'send'; readonly message: Message; readonly when: 'at-once' | 'when-durable' }
  /** Apply entries up to here to the documents, then report `applied`. */
  | { readonly kind: 'apply'; readonly upTo: bigint }
  /** Answer writes up to here: those that wait for the commit, or those that wait until every in-sync replica shows them. */
  | { readonly kind: 'answer-writes'; readonly upTo: bigint; readonly level: 'committed' | 'applied-everywhere' }
  /** Compare-and-swap the in-sync set on `expected`; report `change-answered` with its epoch and attempt. */
  | {
      readonly kind: 'change-in-sync';
      readonly attempt: number;
      readonly epoch: bigint;
      readonly expected: string;
      readonly inSync: readonly string[];
    }
  /** Read the object with a quorum; report `configuration-read`. */
  | { readonly kind: 'read-configuration'; readonly epoch: bigint; readonly number: number }
  /** Send this replica a snapshot of what is applied, then a `snapshot` message with its position. */
  | { readonly kind: 'transfer-snapshot'; readonly to: string }
  /** Nothing is ordered any more: writes that wait are told the newer epoch. */
  | { readonly kind: 'step-down'; readonly newerEpoch: bigint }
  /** Tell the operator that `target` holds all there is and may be named primary. */
  | { readonly kind: 'report-drained'; readonly target: string }
  | { readonly kind: 'resume-writes' }
  /** Tell the operator and the primary that this copy must not be promoted. */
  | { readonly kind: 'report-damage'; readonly because: string };

export type Step<State> = readonly [State, readonly Effect[]];
