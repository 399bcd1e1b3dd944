/**
 * Applies committed entries in their order, in rounds; the next round takes whatever was committed meanwhile. What is not durable here is
 * not applied, whatever others hold: documents must never reach further than the log.
 */
import assert from 'node:assert/strict';
import { decodeOperation } from '../shard/operation-codec.ts';
import type { ReplicaState } from '../shard/replica-state.ts';
import type { Entry, EntryStore } from './entry-store.ts';

const roundMax = 256n;
const roundBytes = 8 * 1024 * 1024;

export interface ApplierOptions {
  readonly entries: EntryStore;
  readonly state: ReplicaState;
  /** Last sequence of the log as it was found. */
  readonly durable: bigint;
  readonly onApplied: (upTo: bigint) => void;
  readonly onFailure: (error: unknown) => void;
}

export class Applier {
  readonly #options: ApplierOptions;
  #committed: bigint;
  #durable: bigint;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#committed = options.state.appliedSequence;
    this.#durable = options.durable;
  }

  committed(upTo: bigint): void {
    if (upTo > this.#committed) this.#committed = upTo;
    this.#go();
  }

  durable(upTo: bigint): void {
    if (upTo > this.#durable) this.#durable = upTo;
    this.#go();
  }

  /** Resolves when all that was asked for is applied. */
  async untilIdle(): Promise<void> {
    await this.#running;
  }

  /** Ends after the round under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /** Entries from `from` on are not in the log any more. */
  truncated(from: bigint): void {
    if (from <= this.#durable) this.#durable = from - 1n;
  }

  get #target(): bigint {
    return this.#committed < this.#durable ? this.#committed : this.#durable;
  }

  #go(): void {
    if (this.#running === undefined && !this.#closed && this.#options.state.appliedSequence < this.#target) this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { state, entries, onApplied, onFailure } = this.#options;
    try {
      while (!this.#closed && state.appliedSequence < this.#target) {
        await state.untilIndexed();
        const first = state.appliedSequence + 1n;
        const target = this.#target;
        const last = target < first + roundMax - 1n ? target : first + roundMax - 1n;
        const round = await entries.read(first, last, roundBytes);
        assert(round.length > 0, `entry ${first} is committed and not in the log`);
        for (const sameEpoch of byEpoch(round)) await state.apply(sameEpoch.map(decoded), sameEpoch[0]?.epoch ?? 0n);
        onApplied(state.appliedSequence);
      }
    } catch (error) {
      this.#closed = true; // what a round has done by half is not done again
      onFailure(error);
    } finally {
      this.#running = undefined;
    }
  }
}

/** Entries of one apply share an epoch, which their answers name. */
function byEpoch(entries: readonly Entry[]): Iterable<readonly Entry[]> {
  return Map.groupBy(entries, ({ epoch }) => epoch).values();
}

function decoded({ sequence, requestId, operation, resolved }: Entry) {
  return { sequence, requestId, operation: resolved ?? decodeOperation(operation) };
}
