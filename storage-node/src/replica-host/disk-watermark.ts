/**
 * Writes of clients are refused from 90 % of the disk on, until it is at 85 % again, so that the log and the documents never meet a full
 * disk. Copies of shards that other nodes lead go on a little longer; then they stop following rather than end the process.
 */
import { statfs } from 'node:fs/promises';
import type { Logger } from '../logger.ts';

const checkMs = 1_000;

interface Mark {
  readonly refuseFrom: number;
  readonly acceptBelow: number;
}

export const writesMark: Mark = { refuseFrom: 0.9, acceptBelow: 0.85 };
export const followingMark: Mark = { refuseFrom: 0.95, acceptBelow: 0.92 };

/** Whether to refuse, given whether it did before. */
export function refusesAt(usedShare: number, refusedBefore: boolean, { refuseFrom, acceptBelow }: Mark): boolean {
  return refusedBefore ? usedShare >= acceptBelow : usedShare >= refuseFrom;
}

export class DiskWatermark implements Disposable {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;
  #refuses = false;
  #isFull = false;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.#check(), checkMs).unref();
  }

  /** Why no writes are taken, if none are. */
  get refusal(): string | undefined {
    return this.#refuses ? 'the disk of this node is 90 % full: free space, grow the volume or add nodes' : undefined;
  }

  /** There is no room to follow others either. */
  get isFull(): boolean {
    return this.#isFull;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    try {
      const share = await usedShare(this.#path);
      this.#refuses = refusesAt(share, this.#refuses, writesMark);
      const isFull = refusesAt(share, this.#isFull, followingMark);
      if (isFull && !this.#isFull) this.#logger.warn({ usedShare: share }, 'the disk is full: copies here stop following their primaries');
      this.#isFull = isFull;
    } catch (error) {
      this.#logger.warn({ err: error }, 'the size of the disk cannot be read');
    }
  }
}

/** Share of the file system that ordinary users cannot write to any more, 0 to 1. */
async function usedShare(path: string): Promise<number> {
  const { blocks, bavail } = await statfs(path);
  return blocks === 0 ? 0 : 1 - bavail / blocks;
}
