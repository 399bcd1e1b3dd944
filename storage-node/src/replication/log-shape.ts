/**
 * Which epoch wrote which sequence of a replica's log; the bodies stay on the disk. A position names a whole prefix: two logs that hold
 * the same position are equal up to it.
 */
import assert from 'node:assert/strict';

export interface Position {
  readonly sequence: bigint;
  readonly epoch: bigint;
}

/** Where every log begins. */
export const origin: Position = { sequence: 0n, epoch: 0n };

/** From `first` up to the next run, entries are of `epoch`. Both grow from run to run. */
export interface EpochRun {
  readonly epoch: bigint;
  readonly first: bigint;
}

export interface LogShape {
  readonly runs: readonly EpochRun[];
  readonly last: bigint;
  /** Entries up to here are known by a snapshot only. */
  readonly snapshot: Position;
}

export const emptyLog: LogShape = { runs: [], last: 0n, snapshot: origin };

/** A log that begins behind a snapshot. */
export function logAfter(snapshot: Position): LogShape {
  return { runs: [], last: snapshot.sequence, snapshot };
}

/** Epoch of an entry; undefined where this log cannot say. */
export function epochAt(log: LogShape, sequence: bigint): bigint | undefined {
  if (sequence === log.snapshot.sequence) return log.snapshot.epoch;
  if (sequence < log.snapshot.sequence || sequence > log.last) return undefined;
  return log.runs.findLast(({ first }) => first <= sequence)?.epoch;
}

export function holds(log: LogShape, { sequence, epoch }: Position): boolean {
  return epochAt(log, sequence) === epoch;
}

export function positionAt(log: LogShape, sequence: bigint): Position {
  const epoch = epochAt(log, sequence);
  assert(epoch !== undefined, `sequence ${sequence} is not in the log`);
  return { sequence, epoch };
}

export function extended(log: LogShape, entries: readonly Position[]): LogShape {
  let { runs, last } = log;
  for (const { sequence, epoch } of entries) {
    assert(sequence === last + 1n, 'a log has no gaps');
    const before = runs.at(-1)?.epoch ?? log.snapshot.epoch;
    assert(epoch >= before, 'epochs grow along a log');
    if (epoch > before || runs.length === 0) runs = [...runs, { epoch, first: sequence }];
    last = sequence;
  }
  return { ...log, runs, last };
}

/** Without `from` and what follows. */
export function truncated(log: LogShape, from: bigint): LogShape {
  assert(from > log.snapshot.sequence, 'a snapshot holds committed entries only');
  if (from > log.last) return log;
  return { ...log, runs: log.runs.filter(({ first }) => first < from), last: from - 1n };
}

/** Positions of `first` to `last`, both included. */
export function slice(log: LogShape, first: bigint, last: bigint): readonly Position[] {
  const positions: Position[] = [];
  for (let sequence = first; sequence <= last; sequence++) positions.push(positionAt(log, sequence));
  return positions;
}

/** Without the entries up to `upTo`, which a snapshot or the documents hold. */
export function released(log: LogShape, upTo: bigint): LogShape {
  if (upTo <= log.snapshot.sequence) return log;
  return {
    ...log,
    snapshot: positionAt(log, upTo),
    runs: log.runs.filter((_, index) => (log.runs[index + 1]?.first ?? log.last + 1n) > upTo + 1n),
  };
}

/** Where the run that holds `sequence` begins in this log. */
export function runStart(log: LogShape, sequence: bigint): bigint {
  const first = log.runs.findLast((run) => run.first <= sequence)?.first ?? 1n;
  return first > log.snapshot.sequence ? first : log.snapshot.sequence + 1n;
}
