import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Readers } from './readers.ts';

test('an act waits for exactly those who were inside when it was asked for', () => {
  const step = fc.oneof(
    fc.constant({ kind: 'enter' } as const),
    fc.record({ kind: fc.constant('leave' as const), who: fc.nat(9) }),
    fc.constant({ kind: 'ask' } as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const readers = new Readers();
      const inside = new Map<number, Disposable>();
      const asked: { readonly before: Set<number>; done: boolean }[] = [];
      let serial = 0;
      for (const each of steps) {
        if (each.kind === 'enter') inside.set((serial += 1), readers.enter());
        if (each.kind === 'leave') {
          const who = [...inside.keys()][each.who] ?? 0;
          inside.get(who)?.[Symbol.dispose]();
          inside.delete(who);
          for (const { before } of asked) before.delete(who);
        }
        if (each.kind === 'ask') {
          const entry = { before: new Set(inside.keys()), done: false };
          asked.push(entry);
          readers.afterThese(() => (entry.done = true));
        }
        expect(asked.map(({ done }) => done)).toEqual(asked.map(({ before }) => before.size === 0));
      }
    }),
  );
});
