/**
 * What happened to one slot: a set of points that one client writes and deletes as a whole, one request after the other. After a request
 * of unknown outcome nothing is written to the slot again, so that at most the last write is in doubt. Pure.
 */
import type { Outcome } from '../../history.ts';

/** What a read promises, weakest first; `final` is linearizable and comes when every fault is over. */
export type Level = 'default' | 'session' | 'linearizable' | 'final';

export interface SlotWrite {
  readonly outcome: Outcome;
  readonly invokedMs: number;
  /** Undefined: the outcome is unknown. */
  readonly acknowledgedMs?: number | undefined;
  /** wait=true: acknowledged when every in-sync replica shows it. */
  readonly waited: boolean;
  readonly session?: string | undefined;
  readonly through: string;
}

export interface SlotRead {
  readonly level: Level;
  readonly how: string;
  readonly invokedMs: number;
  readonly answeredMs: number;
  /** Points that were asked for and are not in it were absent. */
  readonly generations: ReadonlyMap<number, number>;
  readonly session?: string | undefined;
  readonly through: string;
}

export interface SlotHistory {
  readonly ids: readonly number[];
  readonly writes: readonly SlotWrite[];
  readonly reads: readonly SlotRead[];
}

/** Write 0 is the absence before the first one. */
export function outcomeAt(history: SlotHistory, index: number): Outcome {
  return history.writes[index - 1]?.outcome ?? { kind: 'absent' };
}

export function foundBy(read: SlotRead, id: number): Outcome {
  const generation = read.generations.get(id);
  return generation === undefined ? { kind: 'absent' } : { kind: 'generation', generation };
}

export function sameOutcome(a: Outcome, b: Outcome): boolean {
  return a.kind === 'absent' ? b.kind === 'absent' : b.kind === 'generation' && a.generation === b.generation;
}

export function inWords(outcome: Outcome): string {
  return outcome.kind === 'absent' ? 'nothing' : `generation ${outcome.generation}`;
}
