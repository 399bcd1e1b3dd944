import type { DamageRegister } from './damage-register.ts';
import type { LogState } from './log-state.ts';
import { recordBytes, type LogRecord } from './record.ts';
import { prefixToCopy } from './retention.ts';
import { readRecordAt } from './segment-reader.ts';
import type { Segment, Segments } from './segments.ts';

/** Copies of one step, which new writes wait for. */
const stepBytes = 1024 * 1024;

interface Candidate {
  readonly replica: string;
  readonly sequence: number;
}

/** Finds the live entries that keep old segments alive, a step at a time. */
export class CopyForward {
  readonly #state: LogState;
  readonly #segments: Segments;
  readonly #copyForwardBytes: number;
  readonly #damages: DamageRegister;
  #candidates: Candidate[] = [];
  /** Last segment to clear. */
  #through = 0;

  constructor(options: {
    readonly state: LogState;
    readonly segments: Segments;
    readonly copyForwardBytes: number;
    readonly damages: DamageRegister;
  }) {
    this.#state = options.state;
    this.#segments = options.segments;
    this.#copyForwardBytes = options.copyForwardBytes;
    this.#damages = options.damages;
  }

  /** The next entries to write again; none when nothing is held back too much. */
  async next(full: readonly Segment[]): Promise<readonly LogRecord[]> {
    if (this.#candidates.length === 0) this.#choose(full);
    const copies: LogRecord[] = [];
    let bytes = 0;
    while (bytes < stepBytes) {
      const candidate = this.#candidates.pop();
      if (candidate === undefined) break;
      const copy = await this.#copyOf(candidate);
      if (copy === undefined) continue;
      copies.push(copy);
      bytes += recordBytes(copy);
    }
    return copies;
  }

  #choose(full: readonly Segment[]): void {
    this.#through = full[prefixToCopy(full, this.#copyForwardBytes) - 1]?.number ?? 0;
    if (this.#through === 0) return;
    for (const replica of this.#state.replicas) {
      const index = this.#state.index(replica);
      if (index === undefined || this.#damages.all.has(replica)) continue;
      for (let sequence = index.last; sequence >= index.first; sequence -= 1) {
        if (index.at(sequence).segment <= this.#through) this.#candidates.push({ replica, sequence });
      }
    }
  }

  /** Undefined when the entry has been released, truncated or dropped since it was chosen. */
  async #copyOf({ replica, sequence }: Candidate): Promise<LogRecord | undefined> {
    const index = this.#state.index(replica);
    if (index === undefined || this.#damages.all.has(replica) || sequence < index.first || sequence > index.last) return undefined;
    const location = index.at(sequence);
    const segment = this.#segments.get(location.segment);
    if (segment === undefined || segment.number > this.#through) return undefined;
    try {
      return { ...(await readRecordAt({ segment, location, replica, sequence })), kind: 'copied' };
    } catch (error) {
      this.#damages.found(error);
      return undefined;
    }
  }
}
