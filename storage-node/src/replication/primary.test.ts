import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { newPrimary, step, type Primary, type PrimaryEffect, type PrimaryEvent } from './primary.ts';

function primary(changed: Partial<Parameters<typeof newPrimary>[0]> = {}): Primary {
  return newPrimary({ replica: 'a', epoch: 3n, inSync: ['a'], minInSync: 1, logged: 10n, committed: 10n, ...changed });
}

function run(start: Primary, events: readonly PrimaryEvent[]): readonly [Primary, readonly PrimaryEffect[]] {
  const effects: PrimaryEffect[] = [];
  let state = start;
  for (const event of events) {
    const [next, caused] = step(state, event);
    state = next;
    effects.push(...caused);
  }
  return [state, effects];
}

const acknowledged = (replica: string, upTo: bigint, epoch = 3n): PrimaryEvent => ({ kind: 'acknowledged', replica, epoch, upTo });

test.for<[title: string, start: Primary, events: readonly PrimaryEvent[], effects: readonly PrimaryEffect[]]>([
  [
    'a proposal is persisted after what is logged',
    primary(),
    [{ kind: 'proposed', entries: 2 }],
    [{ kind: 'persist', epoch: 3n, first: 11n, last: 12n }],
  ],
  [
    'alone, what is durable is committed',
    primary(),
    [
      { kind: 'proposed', entries: 2 },
      { kind: 'persisted', upTo: 12n },
    ],
    [
      { kind: 'persist', epoch: 3n, first: 11n, last: 12n },
      { kind: 'commit', upTo: 12n },
    ],
  ],
  [
    'alone, what an older epoch left is committed at once when it is durable',
    primary({ committed: 8n, logged: 9n }),
    [
      { kind: 'proposed', entries: 1 },
      { kind: 'persisted', upTo: 10n },
    ],
    [
      { kind: 'persist', epoch: 3n, first: 10n, last: 10n },
      { kind: 'commit', upTo: 10n },
    ],
  ],
  [
    'the slowest of the in-sync set decides',
    primary({ inSync: ['a', 'b', 'c'] }),
    [
      { kind: 'proposed', entries: 3 },
      { kind: 'persisted', upTo: 13n },
      acknowledged('b', 13n),
      acknowledged('c', 11n),
      acknowledged('c', 13n),
    ],
    [
      { kind: 'persist', epoch: 3n, first: 11n, last: 13n },
      { kind: 'commit', upTo: 11n },
      { kind: 'commit', upTo: 13n },
    ],
  ],
  [
    'others count before the own disk',
    primary({ inSync: ['a', 'b'] }),
    [{ kind: 'proposed', entries: 1 }, acknowledged('b', 11n), { kind: 'persisted', upTo: 11n }],
    [
      { kind: 'persist', epoch: 3n, first: 11n, last: 11n },
      { kind: 'commit', upTo: 11n },
    ],
  ],
  [
    'with others, entries of an older epoch commit only behind one of this epoch',
    primary({ inSync: ['a', 'b'], committed: 7n }),
    [acknowledged('b', 10n), { kind: 'proposed', entries: 1 }, { kind: 'persisted', upTo: 11n }, acknowledged('b', 11n)],
    [
      { kind: 'persist', epoch: 3n, first: 11n, last: 11n },
      { kind: 'commit', upTo: 11n },
    ],
  ],
  [
    'a replica outside the set influences nothing',
    primary({ inSync: ['a', 'b'] }),
    [{ kind: 'proposed', entries: 1 }, { kind: 'persisted', upTo: 11n }, acknowledged('learner', 11n)],
    [{ kind: 'persist', epoch: 3n, first: 11n, last: 11n }],
  ],
  [
    'below minInSync nothing is committed',
    primary({ minInSync: 2 }),
    [
      { kind: 'proposed', entries: 1 },
      { kind: 'persisted', upTo: 11n },
    ],
    [{ kind: 'persist', epoch: 3n, first: 11n, last: 11n }],
  ],
  [
    'an acknowledgement that is old or repeated changes nothing',
    primary({ inSync: ['a', 'b'] }),
    [
      { kind: 'proposed', entries: 1 },
      { kind: 'persisted', upTo: 11n },
      acknowledged('b', 11n, 2n),
      acknowledged('b', 11n),
      acknowledged('b', 11n),
      acknowledged('b', 9n),
    ],
    [
      { kind: 'persist', epoch: 3n, first: 11n, last: 11n },
      { kind: 'commit', upTo: 11n },
    ],
  ],
  ['an acknowledgement of a newer epoch deposes', primary(), [acknowledged('b', 1n, 4n)], [{ kind: 'step-down', newerEpoch: 4n }]],
  [
    'a newer epoch deposes, others do not',
    primary(),
    [
      { kind: 'epoch-seen', epoch: 2n },
      { kind: 'epoch-seen', epoch: 3n },
      { kind: 'epoch-seen', epoch: 5n },
    ],
    [{ kind: 'step-down', newerEpoch: 5n }],
  ],
  [
    'an epoch adopted while entries are under way orders the next ones and still commits those',
    primary(),
    [
      { kind: 'proposed', entries: 2 },
      { kind: 'epoch-adopted', epoch: 4n },
      { kind: 'persisted', upTo: 12n },
      { kind: 'proposed', entries: 1 },
    ],
    [
      { kind: 'persist', epoch: 3n, first: 11n, last: 12n },
      { kind: 'commit', upTo: 12n },
      { kind: 'persist', epoch: 4n, first: 13n, last: 13n },
    ],
  ],
])('%s', ([, start, events, effects]) => {
  expect(run(start, events)[1]).toEqual(effects);
});

describe('bugs are told, not lived with', () => {
  test.for<[string, () => unknown]>([
    ['a primary outside its in-sync set', () => primary({ inSync: ['b'] })],
    ['more committed than logged', () => primary({ committed: 11n })],
    ['an empty proposal', () => step(primary(), { kind: 'proposed', entries: 0 })],
    ['more durable than proposed', () => step(primary(), { kind: 'persisted', upTo: 11n })],
    ['an epoch that does not grow', () => step(primary(), { kind: 'epoch-adopted', epoch: 3n })],
  ])('%s', ([, act]) => {
    expect(act).toThrow(Error);
  });
});

test('whatever happens, commits grow and never pass what every in-sync replica holds', () => {
  const replicas = ['a', 'b', 'c'];
  const event = fc.oneof(
    fc.record({ kind: fc.constant('proposed' as const), entries: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      kind: fc.constant('acks' as const),
      replica: fc.constantFrom(...replicas, 'learner'),
      behind: fc.bigInt({ min: 0n, max: 4n }),
    }),
  );
  fc.assert(
    fc.property(
      fc.subarray(replicas.slice(1)),
      fc.integer({ min: 1, max: 3 }),
      fc.array(event, { maxLength: 40 }),
      (others, minInSync, events) => {
        const inSync = ['a', ...others];
        let state = primary({ inSync, minInSync });
        const holds = new Map([['a', 10n]]);
        for (const each of events) {
          const upTo = each.kind === 'acks' && state.proposed > each.behind ? state.proposed - each.behind : 0n;
          const happened: PrimaryEvent = each.kind === 'proposed' ? each : acknowledged(each.replica, upTo);
          if (each.kind === 'acks' && upTo > (holds.get(each.replica) ?? 0n)) holds.set(each.replica, upTo);
          const [next, effects] = step(state, happened);
          expect(next.committed).toBeGreaterThanOrEqual(state.committed);
          for (const effect of effects) {
            if (effect.kind !== 'commit') continue;
            expect(inSync.length).toBeGreaterThanOrEqual(minInSync);
            for (const replica of inSync) expect(holds.get(replica) ?? 0n).toBeGreaterThanOrEqual(effect.upTo);
          }
          state = next;
        }
      },
    ),
  );
});
