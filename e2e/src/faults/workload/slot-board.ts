/** All slots: where readers find something to read, and where histories are checked once nothing is written to them any more. */
import { checkSlot, type SlotChecks } from '../checker/check-slot.ts';
import type { Violation } from '../checker/violation.ts';
import { anyOf } from './connections.ts';
import { SlotRecord } from './slot-record.ts';

export interface SlotBoardOptions {
  readonly now: () => number;
  readonly checks: SlotChecks;
  readonly onViolations: (violations: readonly Violation[]) => void;
}

/** Closed slots are read for so long, since what comes back late comes within seconds. */
const lingerMs = 20_000;
const recentMax = 10;
const recentShare = 0.6;

export class SlotBoard {
  /** Of all reads that were checked. */
  checkedReads = 0;
  staleWithinBound = 0;
  readonly #options: SlotBoardOptions;
  readonly #live: SlotRecord[] = [];
  readonly #recent: SlotRecord[] = [];
  readonly #checked: SlotRecord[] = [];
  #next = 1;

  constructor(options: SlotBoardOptions) {
    this.#options = options;
  }

  open(ids: readonly number[]): SlotRecord {
    const slot = new SlotRecord(this.#next++, ids);
    this.#live.push(slot);
    return slot;
  }

  close(slot: SlotRecord): void {
    slot.closedMs ??= this.#options.now();
  }

  /** It was written just now: what goes wrong shows there first. */
  touch(slot: SlotRecord): void {
    this.#recent.unshift(slot);
    this.#recent.length = Math.min(this.#recent.length, recentMax);
  }

  /** One to read from, rather of those that change; undefined while there is none. */
  any(random: () => number): SlotRecord | undefined {
    const among = random() < recentShare ? this.#recent : this.#live;
    return among.length === 0 ? undefined : anyOf(among, random);
  }

  get all(): readonly SlotRecord[] {
    return [...this.#checked, ...this.#live];
  }

  /** Checks what is old enough, and forgets its reads. */
  sweep(): void {
    const olderMs = this.#options.now() - lingerMs;
    for (const slot of this.#live.filter(({ closedMs = Infinity }) => closedMs < olderMs)) {
      this.#live.splice(this.#live.indexOf(slot), 1);
      this.#checked.push(slot);
      this.check(slot);
    }
  }

  check(slot: SlotRecord): void {
    const verdict = checkSlot(slot, this.#options.checks);
    slot.reads = [];
    this.checkedReads += verdict.reads;
    this.staleWithinBound += verdict.staleWithinBound;
    if (verdict.violations.length > 0) this.#options.onViolations(verdict.violations);
  }
}
