/** What is said between the thread of a snapshot and the one that sends it on. */
import type { Position } from '../replication/log-shape.ts';
import type { SnapshotPiece } from './snapshot-reader.ts';

export interface ThreadSnapshot {
  /** Of the node's database, which another thread has open. */
  readonly documentsFolder: string;
  readonly replicaId: string;
  readonly segmentsFolder: string | undefined;
  readonly partBytes?: number | undefined;
}

/** Each reading has a number of its own, so that pieces of one that was given up are known. */
export type ToThread =
  | { readonly kind: 'read'; readonly reading: number; readonly first: number }
  /** So many more pieces may come. */
  | { readonly kind: 'take'; readonly reading: number }
  | { readonly kind: 'stop'; readonly reading: number }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'opened'; readonly position: Position; readonly approximateBytes: number }
  /** Nothing was applied: there is no snapshot. */
  | { readonly kind: 'nothing'; readonly because: string }
  | { readonly kind: 'piece'; readonly reading: number; readonly piece: SnapshotPiece }
  | { readonly kind: 'ended'; readonly reading: number };

/** Pieces that are made before the receiver has taken those before them: a MiB or two. */
export const piecesAhead = 8;
