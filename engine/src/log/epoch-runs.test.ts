import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EpochRuns } from './epoch-runs.ts';

const change = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), epoch: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(12), epoch: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('release' as const), at: fc.integer({ min: -2, max: 8 }) }),
  fc.record({ kind: fc.constant('truncate' as const), back: fc.integer({ min: -2, max: 8 }) }),
);

test('the runs are those of a plain list of epochs through pushes, late epochs, releases and truncations', () => {
  fc.assert(
    fc.property(fc.nat(6), fc.array(change, { maxLength: 30 }), (known, changes) => {
      let first = 5;
      let epochs: (number | undefined)[] = Array.from({ length: known }, () => undefined);
      const runs = new EpochRuns(first, first + known - 1);
      for (const each of changes) {
        const last = first + epochs.length - 1;
        switch (each.kind) {
          case 'push':
            runs.push(last + 1, BigInt(each.epoch));
            epochs.push(each.epoch);
            break;
          case 'set':
            if (each.at >= epochs.length) break;
            runs.set(first + each.at, BigInt(each.epoch));
            epochs = epochs.with(each.at, each.epoch);
            break;
          case 'release': {
            const released = Math.max(0, Math.min(each.at + 1, epochs.length));
            runs.releaseUpTo(first + each.at);
            epochs = epochs.slice(released);
            first += released;
            break;
          }
          case 'truncate': {
            const from = last + 1 - each.back;
            runs.truncateFrom(from);
            epochs = epochs.slice(0, Math.max(0, from - first));
            if (from < first) first = from;
          }
        }
      }
      const expected = epochs.flatMap((epoch, at) =>
        epoch === undefined || epochs[at - 1] === epoch ? [] : { epoch: BigInt(epoch), first: BigInt(first + at) },
      );
      expect(runs.list).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});
