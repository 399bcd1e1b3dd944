/** What a node's data take of its volume, and what room is left, looked at now and then. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../logger.ts';
import { roomOf } from '../snapshot/disk-room.ts';
import type { VolumeFacts } from './report-source.ts';

/** Walking a large directory is not free, and nobody decides by the second on it. */
const lookMs = 30_000;

export class VolumeUse implements Disposable {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;
  #facts: VolumeFacts | undefined;

  constructor(directory: string, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
    this.#timer = setInterval(() => void this.#look(), lookMs).unref();
    void this.#look();
  }

  /** Undefined until it is known. */
  get facts(): VolumeFacts | undefined {
    return this.#facts;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const [usedBytes, { freeBytes }] = await Promise.all([sizeOf(this.#directory), roomOf(this.#directory)]);
      this.#facts = { usedBytes, freeBytes };
    } catch (error) {
      this.#logger.warn({ err: error }, 'the size of the volume cannot be read');
    }
  }
}

/** Of all files below; those that go away meanwhile count nothing. */
export async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile())
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}
