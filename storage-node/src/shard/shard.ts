/** One shard as the coordinator sees it, whether its replica is in this process or behind a peer connection. */
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../model/query.ts';
import type { PointRecord, ScoredPoint } from '../model/point.ts';
import type { WriteOperation } from '../model/write-operation.ts';

export interface WriteResult {
  readonly epoch: bigint;
  /** Sequence of the log entry that holds the write. */
  readonly sequence: bigint;
}

export interface Shard {
  /**
   * Appends one batch as one log entry and resolves once it is durable and applied, so that the next read sees it.
   * `requestId` names the client's request: the same id takes effect once.
   * Throws NotPrimaryError where this replica may not order writes; nothing has then been logged.
   */
  write(operation: WriteOperation, requestId: string): Promise<WriteResult>;
  /** Best first: descending for Cosine and Dot, ascending for Euclid and Manhattan; equal scores by id. */
  search(request: SearchRequest): Promise<readonly ScoredPoint[]>;
  /** In the order of `ids`; unknown ids are left out, duplicates folded. */
  retrieve(request: RetrieveRequest): Promise<readonly PointRecord[]>;
  /** Ascending by id; at most `limit`. */
  scroll(request: ScrollRequest): Promise<readonly PointRecord[]>;
  count(request: CountRequest): Promise<number>;
}
