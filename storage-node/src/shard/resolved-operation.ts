/** What the log holds: writes whose filters are resolved to ids and whose points have rows, so that every replica does the same. */
import type { NamedVectors } from '../model/point.ts';
import type { PointId } from '../model/point-id.ts';

export interface ResolvedPoint {
  readonly id: PointId;
  readonly row: number;
  /** Lossless JSON of the payload, UTF-8. */
  readonly payload: Buffer;
  /** As they are stored: of unit length for Cosine. */
  readonly vectors: NamedVectors;
}

export type ResolvedOperation =
  | { readonly kind: 'upsert'; readonly points: readonly ResolvedPoint[] }
  | { readonly kind: 'delete'; readonly ids: readonly PointId[] }
  /** `payload` is lossless JSON of the keys to merge; null deletes a key. */
  | { readonly kind: 'set-payload'; readonly ids: readonly PointId[]; readonly payload: Buffer };

export interface CommittedOperation {
  readonly sequence: bigint;
  readonly requestId: string;
  readonly operation: ResolvedOperation;
}
