/**
 * Searches of one request in several shards of one node travel in one call: a call costs more than most of what it brings.
 *
 * Each shard still gets its own answer or failure, so whoever asked can try that one again. What belongs together is told by the request
 * object itself, of which a client's search makes one, and by the turn: searches asked for after an await go in another call.
 * Who no longer wants an answer leaves; the call is cancelled when all have left.
 */
import type { SearchOutcome } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { SearchRequest } from '../model/query.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';

export interface ShardSearch {
  readonly shard: string;
  readonly level: ReadLevel;
}

/** Resolves to one outcome a shard, in the order of `searches`. */
export type SendSearch = (
  searches: readonly ShardSearch[],
  request: SearchRequest,
  signal: AbortSignal,
) => Promise<readonly SearchOutcome[]>;

interface Batch {
  readonly searches: ShardSearch[];
  readonly outcomes: Promise<readonly SearchOutcome[]>;
  readonly cancelled: AbortController;
  /** Who still wants an answer. */
  waiting: number;
}

export class SearchBatches {
  readonly #gathering = new Map<SearchRequest, Map<string, Batch>>();

  /** `send` is that of the first shard asked for at this address. Rejects with the signal's reason. */
  async search(
    address: string,
    search: ShardSearch,
    request: SearchRequest,
    { send, signal }: { readonly send: SendSearch; readonly signal: AbortSignal | undefined },
  ): Promise<SearchOutcome> {
    signal?.throwIfAborted();
    const batch = this.#batch(address, request, send);
    const position = batch.searches.push(search) - 1;
    batch.waiting += 1;
    const outcomes = signal === undefined ? await batch.outcomes : await outcomesOrLeave(batch, signal);
    const outcome = outcomes[position];
    if (outcome === undefined) throw new TypeError(`the node at ${address} answered for fewer shards than it was asked`);
    return outcome;
  }

  #batch(address: string, request: SearchRequest, send: SendSearch): Batch {
    const batches = this.#gathering.get(request) ?? new Map<string, Batch>();
    this.#gathering.set(request, batches);
    const gathering = batches.get(address);
    if (gathering !== undefined) return gathering;
    const searches: ShardSearch[] = [];
    const cancelled = new AbortController();
    const whenGathered = async () => {
      await Promise.resolve(); // what else is asked for in this turn has joined by then
      this.#gathering.delete(request);
      return await send(searches, request, cancelled.signal);
    };
    const batch = { searches, outcomes: whenGathered(), cancelled, waiting: 0 };
    batches.set(address, batch);
    return batch;
  }
}

async function outcomesOrLeave(batch: Batch, signal: AbortSignal): Promise<readonly SearchOutcome[]> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = () => {
    batch.waiting -= 1;
    if (batch.waiting === 0) batch.cancelled.abort(signal.reason);
    reject(signal.reason);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([batch.outcomes, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
