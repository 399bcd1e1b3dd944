/**
 * Replay of records of which some may be missing: decides which replicas are still whole.
 *
 * Where records were lost, any replica may have lost one. It is cleared by its next record or by the next extents when the change number
 * goes on without a gap; it is damaged when the number does not, unless what was lost has been released since; and it is damaged when
 * nothing more is heard of it, because what was lost may have been its last entries.
 */
import { LogCorruptionError } from './log.ts';
import type { LogState } from './log-state.ts';
import type { LogRecord, ReplicaExtent } from './record.ts';
import type { PlacedRecord } from './segment-walk.ts';

/** Where records are missing, or begin to. */
export interface Loss {
  readonly file: string;
  readonly offset: number;
  readonly what: string;
}

interface LostEntries {
  readonly upTo: number;
  readonly loss: Loss;
}

const foundBefore = 'the replica was found damaged before';

export class Replay {
  readonly #state: LogState;
  /** Replicas that were known at a loss, of which no record has been seen since. */
  readonly #doubts = new Map<string, Loss>();
  /** Replicas of which entries up to a sequence are gone, or are not what is held. */
  readonly #lost = new Map<string, LostEntries>();
  readonly #damaged = new Map<string, LogCorruptionError>();
  /** A loss that no extents have followed: replicas may have begun in it of which nothing is known. */
  #open: Loss | undefined;

  constructor(state: LogState) {
    this.#state = state;
  }

  lose(loss: Loss): void {
    this.#open = loss;
    for (const replica of this.#state.replicas) if (!this.#doubts.has(replica)) this.#doubts.set(replica, loss);
  }

  /** The first extents of the oldest file: what there was before it. */
  begin(extents: readonly ReplicaExtent[], file: string): void {
    for (const extent of extents) {
      this.#state.begin(extent);
      if (extent.damaged) this.#markDamaged(extent.replica, { file, offset: 0, what: foundBefore });
    }
  }

  apply({ record, offset, length }: PlacedRecord, segment: { readonly number: number; readonly name: string }): void {
    const location = { segment: segment.number, offset, length };
    const here = { file: segment.name, offset };
    if (record.kind === 'extents') return this.#settle(record.extents, here);
    const wrong = this.#state.apply(record, location);
    if (wrong !== undefined) this.#rebase(record, { ...here, what: wrong });
    if (wrong !== undefined && record.kind === 'entry') this.#state.apply(record, location);
    this.#note(record, here);
  }

  /**
   * Damaged replicas with the place of their damage; fresh when the log does not say so yet. Of `formatted` replicas nothing may be left in
   * the log to show that there was.
   */
  finish(
    formatted: readonly string[],
    oldestFile: string,
  ): { readonly damaged: ReadonlyMap<string, LogCorruptionError>; readonly fresh: boolean } {
    const before = this.#damaged.size;
    for (const [replica, loss] of this.#doubts) this.#markDamaged(replica, loss);
    for (const [replica, { loss }] of this.#lost) this.#markDamaged(replica, loss);
    for (const replica of this.#state.replicas) {
      const sequence = this.#state.index(replica)?.firstUnplaced();
      if (sequence === undefined) continue;
      this.#markDamaged(replica, { file: oldestFile, offset: 0, what: `entry ${sequence} should be here or later and is not` });
    }
    const known = new Set([...this.#state.replicas, ...this.#damaged.keys()]);
    for (const replica of formatted) if (this.#open !== undefined && !known.has(replica)) this.#markDamaged(replica, this.#open);
    return { damaged: this.#damaged, fresh: this.#damaged.size > before };
  }

  #note(record: Exclude<LogRecord, { kind: 'extents' }>, here: Omit<Loss, 'what'>): void {
    const { replica } = record;
    switch (record.kind) {
      case 'entry':
        this.#doubts.delete(replica);
        return;
      case 'truncate':
        this.#doubts.delete(replica);
        this.#lostOnlyUpTo(replica, record.sequence - 1);
        return;
      case 'begin':
      case 'drop':
        this.#clear(replica);
        return;
      case 'damaged':
        this.#markDamaged(replica, { ...here, what: foundBefore });
        return;
      case 'release':
        this.#releaseLost(replica, record.upTo);
        return;
      case 'copied':
    }
  }

  /** The replica is not what is held of it: what comes before the record is lost. */
  #rebase(record: LogRecord, here: Loss): void {
    if (record.kind !== 'entry' && record.kind !== 'truncate' && record.kind !== 'copied') return;
    const { replica, sequence, change } = record;
    const loss = this.#doubts.get(replica) ?? this.#open ?? here;
    if (record.kind === 'copied') {
      // Entries that follow it may be lost as well.
      if (this.#state.index(replica) === undefined) this.#restart(replica, { next: sequence + 1, change }, loss);
      this.#doubts.set(replica, loss);
      return;
    }
    this.#restart(replica, { next: sequence, change: record.kind === 'entry' ? change - 1 : change }, loss);
  }

  #restart(replica: string, at: { readonly next: number; readonly change: number }, loss: Loss): void {
    this.#clear(replica);
    this.#state.reset(replica, at);
    if (at.next > 1) this.#lost.set(replica, { upTo: at.next - 1, loss });
  }

  /** Extents tell all there is: after them nothing is in doubt. */
  #settle(extents: readonly ReplicaExtent[], here: Omit<Loss, 'what'>): void {
    const listed = new Set(extents.map(({ replica }) => replica));
    for (const replica of this.#state.replicas) {
      if (listed.has(replica)) continue;
      const doubt = this.#doubts.get(replica);
      if (doubt !== undefined) {
        this.#state.forget(replica);
        this.#clear(replica);
      } else this.#lost.set(replica, { upTo: Infinity, loss: { ...here, what: `replica ${replica} is not where it should be listed` } });
    }
    for (const replica of this.#damaged.keys()) if (!listed.has(replica)) this.#clear(replica);
    for (const extent of extents) this.#settleOne(extent, { ...here, what: `of replica ${extent.replica} other entries should be there` });
    this.#open = undefined;
  }

  #settleOne(extent: ReplicaExtent, here: Loss): void {
    const { replica, first, last, change, damaged } = extent;
    if (damaged) {
      this.#markDamaged(replica, { ...here, what: foundBefore });
      return;
    }
    const index = this.#state.index(replica);
    const same = index !== undefined && index.last === last && this.#state.change(replica) === change;
    if (!same || (index.first > first && !this.#lost.has(replica))) {
      this.#restart(replica, { next: last + 1, change }, this.#doubts.get(replica) ?? this.#open ?? here);
      if (last < first) this.#clear(replica);
      return;
    }
    this.#doubts.delete(replica);
    this.#state.release(replica, first - 1);
    this.#releaseLost(replica, first - 1);
  }

  #markDamaged(replica: string, { file, offset, what }: Loss): void {
    this.#clear(replica);
    this.#state.markDamaged(replica);
    this.#damaged.set(replica, new LogCorruptionError(file, offset, what, [replica]));
  }

  #clear(replica: string): void {
    this.#doubts.delete(replica);
    this.#lost.delete(replica);
    this.#damaged.delete(replica);
  }

  #releaseLost(replica: string, upTo: number): void {
    if ((this.#lost.get(replica)?.upTo ?? Infinity) <= upTo) this.#lost.delete(replica);
  }

  #lostOnlyUpTo(replica: string, upTo: number): void {
    const lost = this.#lost.get(replica);
    if (lost === undefined || upTo >= lost.upTo) return;
    if (upTo === 0) this.#lost.delete(replica);
    else this.#lost.set(replica, { ...lost, upTo });
  }
}
