/** What a check came upon. */
export type Finding =
  /** The replica lacks data or has wrong data: it must be built again from a peer. */
  | { readonly kind: 'damaged'; readonly replicaId: string; readonly because: string }
  /** A file that is derived from documents, and was removed: the replica stays and makes it again. */
  | { readonly kind: 'rebuild'; readonly replicaId: string; readonly because: string }
  /** Bytes that nobody needs any more. */
  | { readonly kind: 'unneeded'; readonly because: string };

/** A small part of a check; the scrubber rests between two of them. */
export interface ScrubStep {
  readonly bytes: number;
  readonly findings: readonly Finding[];
}
