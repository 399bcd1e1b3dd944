/** The volume of a node, as its PersistentVolumeClaim and the class of that tell. */
import type { Precondition } from './step.ts';

export interface ObservedVolume {
  readonly precondition: Precondition;
  readonly isDeleting: boolean;
  /** No PersistentVolume has been bound to the claim yet. */
  readonly isPending: boolean;
  /** Its PersistentVolume is gone, and what was in it. */
  readonly isLost: boolean;
  /** Why it is not as it should be, its size and class apart. */
  readonly difference: string | undefined;
  /** Undefined for a pool that has no storage. */
  readonly size: VolumeSize | undefined;
}

export interface VolumeSize {
  /** By the pool. */
  readonly wanted: Quantity;
  /** By the claim. */
  readonly asked: Quantity;
  /** Undefined while the claim is not bound. */
  readonly actual: Quantity | undefined;
  /** Its StorageClass; empty for none. */
  readonly className: string;
  /** By the pool; undefined where it leaves that to the cluster. */
  readonly classWanted: string | undefined;
  /** The class exists and allows expansion. */
  readonly mayGrow: boolean;
  /** What Kubernetes says of a change that is under way or has failed. */
  readonly resize: Resize | undefined;
}

export interface Quantity {
  readonly text: string;
  readonly bytes: number;
}

export interface Resize {
  /** Type of the claim's condition, such as FileSystemResizePending. */
  readonly type: string;
  readonly message: string;
  readonly isFailing: boolean;
  readonly since: Date | undefined;
}
