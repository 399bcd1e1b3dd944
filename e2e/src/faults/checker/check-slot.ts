/**
 * Whether what was read from a slot is what its level promises. A slot has one writer that sends one request after the other, so a value
 * names its place in the order of writes, and each read has an interval of places that it may show. Pure.
 *
 * - final and linearizable: nothing older than what was acknowledged before the read began, nor than what an earlier such read showed.
 * - session: nothing older than what the same session wrote or saw.
 * - default: nothing older than what was acknowledged `staleMs` before; and while nothing that silences nodes goes on, nothing older
 *   than the last write with wait=true.
 *
 * Deletes are not told apart, so an absence counts as the newest one that it may be when it is judged, and as the oldest when others are.
 */
import { inSeconds } from '../tell-time.ts';
import { foundBy, inWords, outcomeAt, sameOutcome, type SlotHistory, type SlotRead, type SlotWrite } from './slot-history.ts';
import type { Violation, ViolationKind } from './violation.ts';

export interface SlotChecks {
  /** Of the design, with slack for the harness's own delays. */
  readonly staleMs: number;
  /** False while nodes cannot hear one another, and for as long after as a replica may not have noticed. */
  calm(fromMs: number, toMs: number): boolean;
}

export interface SlotVerdict {
  readonly violations: readonly Violation[];
  /** Default reads that showed less than the last write with wait=true while nodes could not hear one another; within the bound. */
  readonly staleWithinBound: number;
  readonly reads: number;
}

interface Floor {
  readonly index: number;
  readonly broken: ViolationKind;
}

export function checkSlot(history: SlotHistory, checks: SlotChecks): SlotVerdict {
  const violations: Violation[] = [];
  let staleWithinBound = 0;
  const reads = history.reads.toSorted((a, b) => a.answeredMs - b.answeredMs);
  for (const id of history.ids) {
    const placed = reads.map((read) => ({ read, ...placesOf(history, read, id) }));
    placed.forEach(({ read, newest }, order) => {
      if (newest === undefined) {
        violations.push(violation('a value that nobody wrote', history, read, id, 0));
        return;
      }
      const broken = floors(history, read, placed.slice(0, order), checks).find((floor) => newest < floor.index);
      if (broken) violations.push(violation(named(broken, history), history, read, id, broken.index));
      else if (read.level === 'default' && newest < lastAcknowledged(history, read.invokedMs, waited)) staleWithinBound++;
    });
  }
  return { violations, staleWithinBound, reads: reads.length };
}

interface PlacedRead {
  readonly read: SlotRead;
  readonly oldest: number | undefined;
}

function floors(history: SlotHistory, read: SlotRead, earlier: readonly PlacedRead[], checks: SlotChecks): readonly Floor[] {
  const seen = (which: (other: SlotRead) => boolean): number => {
    const before = earlier.filter((other) => other.read.answeredMs < read.invokedMs && which(other.read));
    return before.reduce((highest, other) => Math.max(highest, other.oldest ?? 0), 0);
  };
  switch (read.level) {
    case 'final':
      return [{ index: lastAcknowledged(history, read.invokedMs), broken: 'an acknowledged write is lost or undone' }];
    case 'linearizable':
      return [
        { index: lastAcknowledged(history, read.invokedMs), broken: 'a linearizable read is stale' },
        { index: seen((other) => other.level === 'linearizable'), broken: 'linearizable reads went back' },
      ];
    case 'session': {
      const own = (write: SlotWrite): boolean => write.session === read.session;
      return [
        { index: lastAcknowledged(history, read.invokedMs, own), broken: 'a session does not see its own write' },
        { index: seen((other) => other.session !== undefined && other.session === read.session), broken: 'a session went back' },
      ];
    }
    case 'default':
      return [
        { index: lastAcknowledged(history, read.invokedMs - checks.staleMs), broken: 'a default read is too stale' },
        ...(checks.calm(read.invokedMs, read.answeredMs)
          ? [
              {
                index: lastAcknowledged(history, read.invokedMs, waited),
                broken: 'a default read does not see a write with wait=true',
              } as const,
            ]
          : []),
      ];
  }
}

const waited = (write: SlotWrite): boolean => write.waited;

/** Place of the last write that was acknowledged before `beforeMs`. */
function lastAcknowledged(history: SlotHistory, beforeMs: number, which: (write: SlotWrite) => boolean = () => true): number {
  return history.writes.findLastIndex((write) => write.acknowledgedMs !== undefined && write.acknowledgedMs < beforeMs && which(write)) + 1;
}

/** The newest and the oldest place that what a read shows may have, of writes sent before it was answered. */
function placesOf(
  history: SlotHistory,
  read: SlotRead,
  id: number,
): { readonly newest: number | undefined; readonly oldest: number | undefined } {
  const found = foundBy(read, id);
  const sent = history.writes.filter((write) => write.invokedMs <= read.answeredMs).length;
  const places = Array.from({ length: sent + 1 }, (_, index) => index).filter((index) => sameOutcome(outcomeAt(history, index), found));
  return { newest: places.at(-1), oldest: places[0] };
}

function named(floor: Floor, history: SlotHistory): ViolationKind {
  const deleted = outcomeAt(history, floor.index).kind === 'absent';
  return floor.broken === 'an acknowledged write is lost or undone' && deleted ? 'a deleted point came back' : floor.broken;
}

const writesTold = 3;

function violation(kind: ViolationKind, history: SlotHistory, read: SlotRead, id: number, floor: number): Violation {
  const around = history.writes.slice(Math.max(0, floor - writesTold), floor + writesTold);
  return {
    kind,
    atMs: read.answeredMs,
    ids: [id],
    story: [
      ...around.map(tellWrite),
      `${span(read.invokedMs, read.answeredMs)} ${read.level} ${read.how} of ${id} through ${read.through}${read.session ? `, session ${read.session}` : ''}: ${inWords(foundBy(read, id))}`,
    ],
  };
}

function tellWrite(write: SlotWrite): string {
  const wrote = write.outcome.kind === 'absent' ? 'delete' : inWords(write.outcome);
  const told = write.acknowledgedMs === undefined ? 'outcome unknown' : 'acknowledged';
  return `${span(write.invokedMs, write.acknowledgedMs)} ${wrote}, wait=${write.waited}, through ${write.through}: ${told}`;
}

function span(fromMs: number, toMs: number | undefined): string {
  return `${inSeconds(fromMs)}–${inSeconds(toMs)} s`;
}
