/** How far it is: on one line of a terminal, elsewhere a line now and then. */
import type { WriteStream } from 'node:tty';

const width = 24;
const every = 10;

export class ProgressLine {
  readonly #out: Pick<WriteStream, 'write' | 'isTTY'>;
  readonly #of: number;

  constructor(out: Pick<WriteStream, 'write' | 'isTTY'>, of: number) {
    this.#out = out;
    this.#of = of;
  }

  show(done: number, words: string): void {
    if (!this.#out.isTTY) {
      if (done % every === 0 && done < this.#of) this.#out.write(`${done}/${this.#of} seeds, ${words}\n`);
      return;
    }
    const filled = Math.round((done / this.#of) * width);
    this.#out.write(`\r[${'='.repeat(filled)}${' '.repeat(width - filled)}] ${done}/${this.#of} seeds, ${words}\x1b[K`);
  }

  clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K');
  }
}
