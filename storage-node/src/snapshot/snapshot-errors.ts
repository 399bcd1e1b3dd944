import { StorageNodeError } from '../errors.ts';

export type SnapshotFault =
  /** A part is not what its checksum says. */
  | 'checksum'
  /** Parts, or pieces of a file, that do not follow each other. */
  | 'order'
  /** A part is too large, or cut short. */
  | 'size'
  /** A row of a family that is not known, or bytes that are no rows. */
  | 'content'
  /** A file that is none of a replica's, wherever its name leads. */
  | 'file-name'
  /** Counts or digest at the end are others than those of the parts. */
  | 'summary'
  /** The source writes parts of a format that is not known here. */
  | 'format'
  | 'disk-full'
  | 'unknown-replica'
  | 'foreign-cluster';

/** A snapshot that is not taken, and nothing of the replica has been changed. */
export class SnapshotRefusedError extends StorageNodeError {
  override readonly name = 'SnapshotRefusedError';
  readonly fault: SnapshotFault;
  constructor(fault: SnapshotFault, because: string, options?: ErrorOptions) {
    super(`snapshot refused: ${because}`, options);
    this.fault = fault;
  }
}

/** This node has no snapshot of that replica to give. */
export class NoSnapshotError extends StorageNodeError {
  override readonly name = 'NoSnapshotError';
}
