/** A client that upserts, overwrites and deletes its own slots. Each is a batch over several shards. */
import type { Outcome } from '../../history.ts';
import type { SlotBoard } from './slot-board.ts';
import type { SlotRecord } from './slot-record.ts';
import { call, type CallResult, type RequestCounter, type Through } from './stock-client.ts';

/** What is written: all points of a slot, their payload alone, or their absence. */
export type SlotChange = { readonly kind: 'upsert' | 'set-payload'; readonly generation: number } | { readonly kind: 'delete' };

/** One way to write a slot. */
export interface SlotTransport {
  readonly through: Through;
  readonly send: (slot: SlotRecord, change: SlotChange, wait: boolean) => Promise<void>;
}

export interface SlotClientOptions {
  readonly board: SlotBoard;
  readonly counter: RequestCounter;
  readonly nextId: () => number;
  readonly random: () => number;
  readonly session?: string;
  /** The way that the next request takes. */
  readonly transport: () => SlotTransport;
}

const pointsPerSlot = 6;
const openSlots = 8;
const writesPerSlot = 80;
const deleteShare = 0.2;
const payloadShare = 0.2;
const waitShare = 0.75;

export class SlotClient {
  readonly #options: SlotClientOptions;
  readonly #open: SlotRecord[] = [];
  #generation = 0;

  constructor(options: SlotClientOptions) {
    this.#options = options;
    while (this.#open.length < openSlots) this.#open.push(this.#newSlot());
  }

  /** One write, with what follows from its outcome. */
  async step(): Promise<SlotRecord> {
    const { random, counter, session, board } = this.#options;
    const index = Math.floor(random() * this.#open.length);
    const slot = this.#open[index] ?? this.#newSlot();
    const change = this.#choose(slot);
    const outcome: Outcome = change.kind === 'delete' ? { kind: 'absent' } : { kind: 'generation', generation: change.generation };
    const waited = random() < waitShare;
    const { through, send } = this.#options.transport();
    const acknowledged = slot.begin({ outcome, invokedMs: counter.now(), waited, session, through: through.name });
    const result = await call({ operation: change.kind, through, counter }, () => send(slot, change, waited));
    if (result.kind === 'answered') acknowledged(result.answeredMs);
    board.touch(slot);
    if (mayComeAgain(result) || slot.writes.length >= writesPerSlot) {
      board.close(slot);
      this.#open[index] = this.#newSlot();
    }
    return slot;
  }

  #choose(slot: SlotRecord): SlotChange {
    const { random } = this.#options;
    const chance = random();
    if (slot.last.kind === 'absent') return { kind: 'upsert', generation: ++this.#generation };
    if (chance < deleteShare) return { kind: 'delete' };
    return { kind: chance < deleteShare + payloadShare ? 'set-payload' : 'upsert', generation: ++this.#generation };
  }

  #newSlot(): SlotRecord {
    return this.#options.board.open(Array.from({ length: pointsPerSlot }, this.#options.nextId));
  }
}

/** A failed call, and an attempt that was given up: either may take effect later, so that nothing may be written behind it. */
function mayComeAgain(result: CallResult<unknown>): boolean {
  return result.kind === 'failed' || result.doubts.length > 0;
}
