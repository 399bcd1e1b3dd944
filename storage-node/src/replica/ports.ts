/** What a replica's runner needs of the world: other nodes and the object that holds the configuration. */
import type { LinkMessage } from '../peer/link/link-message.ts';
import type { Configuration } from '../replication/configuration.ts';
import type { ChangeOutcome } from '../replication/events.ts';
import type { Position } from '../replication/log-shape.ts';

export interface ReplicaNetwork {
  /** Resolves when there is room for more: true when it is on its way, false when it is lost for want of a connection. */
  send(node: string, message: LinkMessage): Promise<boolean>;
  /**
   * Own monotonic time, in milliseconds, of the newest sign of life of ours that the node has answered on the connection it has now;
   * undefined while there is none.
   */
  lastEchoedAt(node: string): number | undefined;
}

export interface ConfigurationStore {
  /** A quorum read. Resolves when there is an answer, however long the API server is away; undefined when the object is gone. */
  read(signal: AbortSignal): Promise<Configuration | undefined>;
  /** Compare-and-swap on version `expected`. Never rejects: what is not known is an outcome. */
  changeInSync(change: { readonly expected: string; readonly inSync: readonly string[] }): Promise<ChangeOutcome>;
}

export interface SnapshotInstaller {
  /**
   * Replaces all that this replica holds by a snapshot of `from`, which is on `node`. Resolves with the position it reached, durably;
   * rejects when it was not possible now, with nothing changed, or when the replica had to be emptied: then `isEmptied` is set.
   */
  install(source: { readonly node: string; readonly from: string; readonly atLeast: Position }, signal: AbortSignal): Promise<Position>;
}
