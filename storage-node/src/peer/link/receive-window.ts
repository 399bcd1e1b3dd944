/**
 * How much the other side may send: bytes of messages that came and whose handling is not finished stay below a window.
 *
 * Credits, and not a paused stream: heartbeats share the stream with the messages, so it must always be read. The sender stops by
 * itself, and what it has sent before that is small enough to be kept.
 *
 * A message longer than the window could never come; the rest of it is granted once nothing else is being handled. So the receiver
 * holds a window, or one long message, and not both times many.
 */
import { LinkError } from './link-error.ts';
import { windowBytes } from './link-limits.ts';

export class ReceiveWindow {
  readonly #window: number;
  #arrived = 0;
  #handled = 0;
  /** Both sides know it without a word. */
  #granted: number;

  constructor(window = windowBytes) {
    this.#window = window;
    this.#granted = window;
  }

  get unhandledBytes(): number {
    return this.#arrived - this.#handled;
  }

  /** Throws LinkError when the other side takes more than it was granted. */
  arrived(messageBytes: number): void {
    this.#arrived += messageBytes;
    if (this.#arrived > this.#granted) {
      throw new LinkError('window exceeded', `${this.#arrived} bytes came, ${this.#granted} were granted`);
    }
  }

  handled(messageBytes: number): void {
    this.#handled += messageBytes;
  }

  /** Total to grant now, when it is worth a frame. `open` is a message of which `filledBytes` came and `missingBytes` did not. */
  grant(open: { readonly filledBytes: number; readonly missingBytes: number }): number | undefined {
    const onlyOpen = this.unhandledBytes === open.filledBytes;
    const usual = this.#handled + this.#window;
    const needed = open.missingBytes > 0 && onlyOpen ? this.#arrived + open.missingBytes : 0;
    const isDue = usual >= this.#granted + this.#window / 4 || needed > this.#granted;
    if (!isDue) return undefined;
    this.#granted = Math.max(usual, needed, this.#granted);
    return this.#granted;
  }
}
