/** Whether what a read returned was ever so, all of it at one moment, and late enough for the level it was read at. */
import type { ShardHistory } from '../checks/shard-history.ts';
import { Violation } from '../checks/violation.ts';

export interface SeenRead {
  readonly what: string;
  readonly invariant: string;
  /** Of one shard. */
  readonly seen: readonly (readonly [key: bigint, value: string | undefined])[];
  /** The read reflects at least this. */
  readonly atLeast: bigint;
}

/** The sequence that the read reflects at least; throws Violation when what it shows was never so, or not late enough. */
export function checkRead(history: ShardHistory, { what, invariant, seen, atLeast }: SeenRead): bigint {
  let ranges: (readonly [bigint, bigint])[] = [[0n, history.applied]];
  for (const [key, value] of seen) {
    const when = [...history.when(key, value)];
    ranges = ranges.flatMap(([first, last]) =>
      when.flatMap(([from, to]): (readonly [bigint, bigint])[] => {
        const low = from > first ? from : first;
        const high = to < last ? to : last;
        return low <= high ? [[low, high]] : [];
      }),
    );
  }
  const latest = ranges.at(-1)?.[1];
  const told = seen.map(([key, value]) => `${key}=${value ?? 'nothing'}`).join(', ');
  if (latest === undefined)
    throw new Violation(seen.length > 1 ? 'I18' : invariant, `${what} saw ${told}, which was never so at one moment`);
  if (latest < atLeast)
    throw new Violation(invariant, `${what} saw ${told}, which was so until entry ${latest}, and entry ${atLeast} was to be seen`);
  const [first = latest] = ranges.flatMap(([from, to]) => (to >= atLeast ? [from] : []));
  return first;
}
