/** What happens to a replica. Times are its own monotonic clock in milliseconds. */
import type { Configuration } from './configuration.ts';
import type { Position } from './log-shape.ts';
import type { Message } from './messages.ts';

export type ReplicaEvent =
  /** By watch: true once, perhaps no more. */
  | { readonly kind: 'configuration-seen'; readonly configuration: Configuration }
  /** Answer to `read-configuration`, a quorum read; epoch and number are those of the question. */
  | { readonly kind: 'configuration-read'; readonly epoch: bigint; readonly number: number; readonly configuration: Configuration }
  /** Answer to `change-in-sync`. Unknown: the request or its reply was lost, and the request may still arrive. */
  | { readonly kind: 'change-answered'; readonly epoch: bigint; readonly attempt: number; readonly outcome: ChangeOutcome }
  /** The epoch, and all that was appended before it, is durable. */
  | { readonly kind: 'epoch-persisted'; readonly epoch: bigint }
  | { readonly kind: 'proposed'; readonly entries: number }
  /** What this primary appended in `epoch` is durable up to here. */
  | { readonly kind: 'persisted'; readonly epoch: bigint; readonly upTo: bigint }
  | { readonly kind: 'applied'; readonly upTo: bigint }
  | { readonly kind: 'received'; readonly message: Message; readonly now: number }
  /** The snapshot that a message announced is complete, checked and durable. */
  | { readonly kind: 'snapshot-installed'; readonly epoch: bigint; readonly position: Position }
  /** The log forgot entries up to here, which are applied and in no retention. */
  | { readonly kind: 'log-released'; readonly upTo: bigint }
  /** A replica has been silent for too long, or its connection is gone and did not come back. Repeated as long as that lasts. */
  | { readonly kind: 'fell-silent'; readonly replica: string }
  /** A connection to a replica is new: what was under way on the old one is lost. */
  | { readonly kind: 'connected'; readonly replica: string }
  /** `question` is a number that none had before, not even in an earlier process. */
  | { readonly kind: 'freshness-wanted'; readonly question: number; readonly now: number }
  /** The question under way has not been answered for long. */
  | { readonly kind: 'answers-missed' }
  | { readonly kind: 'hand-over-asked'; readonly target: string }
  /** No new epoch came within the bound on how long writes may wait. */
  | { readonly kind: 'hand-over-abandoned' }
  | { readonly kind: 'damage-found'; readonly because: string };

export type ChangeOutcome =
  | { readonly kind: 'done'; readonly configuration: Configuration }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unknown' };
