/** How much of a replica's log is kept for others to catch up from: the last so many bytes, unless they are too old. */

export interface RetentionLimits {
  readonly bytes: number;
  readonly ms: number;
  /** Kept, however old, for a replica that a snapshot is on its way to. */
  readonly transferBytes: number;
}

interface Stretch {
  upTo: bigint;
  bytes: number;
  /** When its first entry was appended. */
  readonly at: number;
}

/** Entries are forgotten in stretches of this size, so that there are few. */
const stretchBytes = 256 * 1024;
const stretchMs = 10_000;

export class Retention {
  #stretches: Stretch[] = [];
  #bytes = 0;
  /** Everything up to here may go. */
  #floor: bigint;

  /** Entries up to `floor` were in the log before, and nobody knows how large they are or how old. */
  constructor(floor: bigint) {
    this.#floor = floor;
  }

  appended(upTo: bigint, bytes: number, now: number): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && last.bytes < stretchBytes && now - last.at < stretchMs) {
      last.upTo = upTo;
      last.bytes += bytes;
    } else this.#stretches.push({ upTo, bytes, at: now });
    this.#bytes += bytes;
  }

  /** Last sequence that need not be kept any more. `held`: what comes behind it is kept for a transfer. */
  floor(limits: RetentionLimits, now: number, held?: bigint): bigint {
    for (let oldest = this.#stretches[0]; oldest !== undefined; oldest = this.#stretches[0]) {
      if (this.#bytes <= limits.bytes && now - oldest.at <= limits.ms) break;
      if (held !== undefined && oldest.upTo > held && this.#bytes <= limits.transferBytes) break;
      this.#stretches.shift();
      this.#bytes -= oldest.bytes;
      if (oldest.upTo > this.#floor) this.#floor = oldest.upTo;
    }
    return this.#floor;
  }
}
