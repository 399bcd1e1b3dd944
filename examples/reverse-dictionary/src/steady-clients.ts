/** Clients that write and read without a break, and try again as applications do when a connection is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { QdrantClient } from '@qdrant/js-client-rest';
import { dimension } from './data.ts';
import { collection } from './load.ts';

const firstId = 1_000_000;
const retries = 3;
const firstPauseMs = 100;
const limit = 3;

export class SteadyClients {
  /** Ids of points whose write was acknowledged. */
  readonly acknowledged: number[] = [];
  /** When each write was acknowledged and each search answered, by performance.now(). */
  readonly writtenAtMs: number[] = [];
  readonly readAtMs: number[] = [];
  /** Requests that failed once, and what remained failed after it was tried again. */
  failedOnce = 0;
  failed = 0;
  readonly #client: QdrantClient;

  constructor(client: QdrantClient) {
    this.#client = client;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#write(signal), this.#read(signal)]);
  }

  async #write(signal: AbortSignal): Promise<void> {
    for (let id = firstId; !signal.aborted; id++) {
      const points = [{ id, vector: vectorOf(id), payload: { word: `write ${id}` } }];
      if (!(await this.#tryAgain(() => this.#client.upsert(collection, { wait: true, points })))) continue;
      this.acknowledged.push(id);
      this.writtenAtMs.push(performance.now());
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    for (let turn = 0; !signal.aborted; turn++) {
      const answered = await this.#tryAgain(() => this.#client.query(collection, { query: vectorOf(turn), limit }));
      if (answered) this.readAtMs.push(performance.now());
    }
  }

  /** False when all attempts failed: nothing was promised then, the write may be there or not. */
  async #tryAgain(send: () => Promise<unknown>): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        await send();
        return true;
      } catch {
        this.failedOnce++;
        if (attempt === retries) {
          this.failed++;
          return false;
        }
        await sleep(firstPauseMs * 2 ** attempt);
      }
    }
  }
}

/** Longest time between two of them. */
export function longestPauseMs(timesMs: readonly number[]): number {
  return Math.max(0, ...timesMs.map((at, index) => at - (timesMs[index - 1] ?? at)));
}

function vectorOf(seed: number): number[] {
  return Array.from({ length: dimension }, (_, axis) => Math.sin(seed + axis));
}
