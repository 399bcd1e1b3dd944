/** Whether a replica may answer a read now: the replication protocol decides, and readers ask it before they take their view. */
import type { Position } from '../replication/log-shape.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';

export interface ReadGate {
  /**
   * Resolves when this replica may answer a read of that level, with the position that a view taken from now on reflects at least.
   * Throws NotPrimaryError, or ShardUnavailableError that says why, when another replica must be asked, and
   * HistoryLostError when none can answer: a session has seen what is not in the history in force. Rejects with the signal's reason.
   */
  admit(level: ReadLevel, signal?: AbortSignal): Promise<Position>;
}
