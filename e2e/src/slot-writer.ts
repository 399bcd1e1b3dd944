/** A client that upserts and deletes its own slots, over and over, and keeps the history of what it was told. */
import type { QdrantClient } from '@qdrant/js-client-rest';
import type { Outcome, Slot } from './history.ts';

export interface SlotWriterOptions {
  readonly client: QdrantClient;
  readonly collection: string;
  readonly dimension: number;
  readonly firstId: number;
  readonly random: () => number;
}

interface OwnSlot {
  ids: readonly number[];
  acknowledged: Outcome;
  uncertain?: Outcome;
}

const pointsPerSlot = 10;
const openSlots = 20;
const deleteShare = 0.3;

export class SlotWriter {
  readonly #options: SlotWriterOptions;
  readonly #open: OwnSlot[] = [];
  readonly #retired: OwnSlot[] = [];
  #nextId: number;
  #generation = 0;
  acknowledged = 0;
  failed = 0;

  constructor(options: SlotWriterOptions) {
    this.#options = options;
    this.#nextId = options.firstId;
    while (this.#open.length < openSlots) this.#open.push(this.#newSlot());
  }

  get slots(): readonly Slot[] {
    return [...this.#retired, ...this.#open];
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const index = Math.floor(this.#options.random() * this.#open.length);
      const slot = this.#open[index];
      if (!slot) return;
      const outcome: Outcome =
        this.#options.random() < deleteShare ? { kind: 'absent' } : { kind: 'generation', generation: ++this.#generation };
      try {
        await this.#send(slot.ids, outcome);
        slot.acknowledged = outcome;
        this.acknowledged++;
      } catch {
        this.failed++;
        slot.uncertain = outcome;
        this.#retired.push(slot);
        this.#open[index] = this.#newSlot();
      }
    }
  }

  async #send(ids: readonly number[], outcome: Outcome): Promise<void> {
    const { client, collection, dimension } = this.#options;
    if (outcome.kind === 'absent') {
      await client.delete(collection, { wait: true, points: [...ids] });
      return;
    }
    const { generation } = outcome;
    const vector = (id: number): number[] => Array.from({ length: dimension }, (_, axis) => Math.sin(id * 31 + axis + generation));
    await client.upsert(collection, { wait: true, points: ids.map((id) => ({ id, vector: vector(id), payload: { generation } })) });
  }

  #newSlot(): OwnSlot {
    const ids = Array.from({ length: pointsPerSlot }, () => this.#nextId++);
    return { ids, acknowledged: { kind: 'absent' } };
  }
}
