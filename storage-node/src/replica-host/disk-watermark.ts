/** Writes are refused from 90 % of the disk on, until it is at 85 % again, so that the log and the documents never meet a full disk. */
import { statfs } from 'node:fs/promises';
import type { Logger } from '../logger.ts';

const refuseFrom = 0.9;
const acceptBelow = 0.85;
const checkMs = 1_000;

/** Whether to refuse, given whether it did before. */
export function refusesAt(usedShare: number, refusedBefore: boolean): boolean {
  return refusedBefore ? usedShare >= acceptBelow : usedShare >= refuseFrom;
}

export class DiskWatermark implements Disposable {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;
  #refuses = false;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.#check(), checkMs).unref();
  }

  /** Why no writes are taken, if none are. */
  get refusal(): string | undefined {
    return this.#refuses ? 'the disk of this node is 90 % full: free space, grow the volume or add nodes' : undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    try {
      this.#refuses = refusesAt(await usedShare(this.#path), this.#refuses);
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
