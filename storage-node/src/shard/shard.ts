/** One replica of a shard as the coordinator sees it, whether it is in this process or behind a peer connection. */
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../model/query.ts';
import type { PointRecord, ScoredPoint } from '../model/point.ts';
import type { WriteOperation } from '../model/write-operation.ts';
import type { Position } from '../replication/log-shape.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';

/** When a write is answered: once nothing can undo it, or once every in-sync replica shows it too. */
export type WriteLevel = 'committed' | 'applied';

/** Place in the log of the entry that holds the write. */
export type WriteResult = Position;

export interface Answer<Value> {
  readonly value: Value;
  /** The value reflects everything up to here at least. */
  readonly position: Position;
}

/**
 * Reads throw NotPrimaryError or ShardUnavailableError where another replica must be asked for that level, and reject with the signal's
 * reason.
 */
export interface Shard {
  /**
   * Appends one batch as one log entry. `requestId` names the client's request: the same id takes effect once.
   * Throws NotPrimaryError where this replica may not order writes; nothing has then been logged.
   */
  write(operation: WriteOperation, requestId: string, level: WriteLevel): Promise<WriteResult>;
  /** Best first: descending for Cosine and Dot, ascending for Euclid and Manhattan; equal scores by id. */
  search(request: SearchRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly ScoredPoint[]>>;
  /** In the order of `ids`; unknown ids are left out, duplicates folded. */
  retrieve(request: RetrieveRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly PointRecord[]>>;
  /** Ascending by id; at most `limit`. */
  scroll(request: ScrollRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly PointRecord[]>>;
  count(request: CountRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<number>>;
}
