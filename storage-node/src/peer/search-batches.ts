/**
 * Searches of one request in several shards of one node travel in one call: a call costs more than most of what it brings.
 *
 * Each shard still gets its own answer or failure, so whoever asked can try that one again. What belongs together is told by the request
 * object itself, of which a client's search makes one, and by the turn: searches asked for after an await go in another call.
 */
import type { SearchOutcome } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/peer_pb.ts';
import type { SearchRequest } from '../model/query.ts';

/** Resolves to one outcome a shard, in the order of `shards`. */
export type SendSearch = (shards: readonly string[], request: SearchRequest) => Promise<readonly SearchOutcome[]>;

interface Batch {
  readonly shards: string[];
  readonly outcomes: Promise<readonly SearchOutcome[]>;
}

export class SearchBatches {
  readonly #gathering = new Map<SearchRequest, Map<string, Batch>>();

  /** `send` is that of the first shard asked for at this address. */
  async search(address: string, shard: string, request: SearchRequest, send: SendSearch): Promise<SearchOutcome> {
    const batch = this.#batch(address, request, send);
    const position = batch.shards.push(shard) - 1;
    const outcome = (await batch.outcomes)[position];
    if (outcome === undefined) throw new TypeError(`the node at ${address} answered for fewer shards than it was asked`);
    return outcome;
  }

  #batch(address: string, request: SearchRequest, send: SendSearch): Batch {
    const batches = this.#gathering.get(request) ?? new Map<string, Batch>();
    this.#gathering.set(request, batches);
    const gathering = batches.get(address);
    if (gathering !== undefined) return gathering;
    const shards: string[] = [];
    const whenGathered = async () => {
      await Promise.resolve(); // what else is asked for in this turn has joined by then
      this.#gathering.delete(request);
      return await send(shards, request);
    };
    const batch = { shards, outcomes: whenGathered() };
    batches.set(address, batch);
    return batch;
  }
}
