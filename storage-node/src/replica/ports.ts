/** What a replica's runner needs of the world: other nodes and the object that holds the configuration. */
import type { LinkMessage } from '../peer/link/link-message.ts';
import type { Configuration } from '../replication/configuration.ts';
import type { ChangeOutcome } from '../replication/events.ts';
import type { FetchedSnapshot } from '../snapshot/fetch-snapshot.ts';

export interface ReplicaNetwork {
  /** Resolves when there is room for more: true when it is on its way, false when it is lost for want of a connection. */
  send(node: string, message: LinkMessage): Promise<boolean>;
  /**
   * Own monotonic time, in milliseconds, of the newest sign of life of ours that the node has answered on the connection there is now or
   * was last; undefined when there never was one.
   */
  lastEchoedAt(node: string): number | undefined;
}

export interface ConfigurationStore {
  /** A quorum read. Resolves when there is an answer, however long the API server is away; undefined when the object is gone. */
  read(signal: AbortSignal): Promise<Configuration | undefined>;
  /** Compare-and-swap on version `expected`. Never rejects: what is not known is an outcome. */
  changeInSync(change: { readonly expected: string; readonly inSync: readonly string[] }): Promise<ChangeOutcome>;
}

/** Where a snapshot can be had. */
export interface SnapshotPlace {
  /** Replica that gives it, and the node that has it. */
  readonly from: string;
  readonly node: string;
  /** A snapshot that reaches less is of no use. */
  readonly atLeast: bigint;
}

export interface SnapshotInstaller {
  /** Brings it to this disk beside what the replica holds, which may take long. */
  fetch(place: SnapshotPlace, signal: AbortSignal): Promise<FetchedSnapshot>;
  /** Puts it in the place of all that the replica holds; reads wait meanwhile. A failure leaves a replica that must start again. */
  install(fetched: FetchedSnapshot): Promise<void>;
}
