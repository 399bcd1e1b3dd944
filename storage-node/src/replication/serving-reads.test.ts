import { describe, expect, test } from 'vitest';
import type { Configuration } from './configuration.ts';
import { origin } from './log-shape.ts';
import { mayServe, type ReadLevel } from './serving-reads.ts';
import { step } from './step.ts';
import { configuration, from, replicaOf, run, serving } from './step-fixture.ts';

const session = (sequence: bigint, epoch: bigint) => ({ kind: 'session', token: { sequence, epoch } }) as const;

const at = (othersHeardAt: number | undefined) => ({ now: 5000, heardAt: 5000, othersHeardAt, begunAt: 5000 });

const append = { kind: 'append', previous: origin, entries: [], inherited: 0n, committed: 4n } as const;
const told = (committed: bigint) => run(replicaOf('b'), from('a', { ...append, committed }, 2n, 'b'))[0];

describe('who must not answer any more', () => {
  const recent = { kind: 'recent', silenceMs: 2000 } as const;

  test('who leaves an epoch tells its primary', () => {
    const following = run(replicaOf('b'), from('a', append, 2n, 'b'))[0];
    const newer: Configuration = { ...configuration, version: '8', epoch: 3n, primary: 'c' };
    const [, effects] = step(following, { kind: 'configuration-seen', configuration: newer });
    const refused = effects.flatMap((each) => (each.kind === 'send' && each.message.kind === 'refused' ? [each.message] : []));
    expect(refused).toMatchObject([{ to: 'a', epoch: 3n }]);
    expect(run(serving(), from('b', { kind: 'refused' }, 3n))[0].role.kind).toBe('following');
  });

  test('a primary that has not heard everyone in sync lately', () => {
    expect(mayServe(serving(), recent, { now: 5000, heardAt: 4000, othersHeardAt: 4000, begunAt: 5000 })).toEqual({ kind: 'serve' });
    expect(mayServe(serving(), recent, { now: 5000, heardAt: 2999, othersHeardAt: 2999, begunAt: 5000 })).toMatchObject({
      kind: 'elsewhere',
    });
    expect(mayServe(serving(), recent, { now: 5000, heardAt: undefined, othersHeardAt: undefined, begunAt: 5000 })).toMatchObject({
      kind: 'elsewhere',
    });
  });

  test('a copy that misses another one for long, before its primary has confirmed itself', () => {
    const told = run(replicaOf('b'), from('a', { ...append, committed: 0n }, 2n, 'b'))[0];
    expect(mayServe(told, recent, at(1000))).toEqual({ kind: 'serve' });
    expect(mayServe(told, recent, at(999))).toEqual({ kind: 'ask' });
    expect(mayServe(told, recent, at(undefined))).toEqual({ kind: 'ask' });
    const fresh = { kind: 'fresh', question: 1, committed: 0n, inForce: ['a', 'b'] } as const;
    const askedAt = (now: number) => run(told, { kind: 'freshness-wanted', question: 1, now }, from('a', fresh, 2n, 'b'))[0];
    expect(mayServe(askedAt(3001), recent, at(999))).toEqual({ kind: 'serve' });
    expect(mayServe(askedAt(3000), recent, at(999))).toEqual({ kind: 'ask' });
  });

  test('a primary whose log ended below what a session saw in an earlier epoch', () => {
    const time = { now: 0, heardAt: 0, othersHeardAt: 0, begunAt: 0 };
    const { epoch } = serving();
    expect(mayServe(serving(), session(9n, epoch - 1n), time)).toMatchObject({ kind: 'lost' });
    expect(mayServe(serving(), session(9n, epoch), time)).toEqual({ kind: 'wait', untilApplied: 9n });
  });

  test('a new copy of a shard that is not empty, even when any age will do', () => {
    const eventual = { kind: 'eventual' } as const;
    const time = { now: 1000, heardAt: 1000, othersHeardAt: 1000, begunAt: 1000 };
    expect(mayServe(replicaOf('b'), eventual, time)).toMatchObject({ kind: 'elsewhere' });
    expect(mayServe(told(4n), eventual, time)).toMatchObject({ kind: 'elsewhere' });
    expect(mayServe(told(0n), eventual, time)).toEqual({ kind: 'serve' });
  });

  test('a copy that lacks what it was told is committed waits', () => {
    const behind = run(replicaOf('b'), from('a', append, 2n, 'b'))[0];
    expect(mayServe(behind, recent, { now: 1000, heardAt: 1000, othersHeardAt: 1000, begunAt: 1000 })).toEqual({
      kind: 'wait',
      untilApplied: 4n,
    });
  });
});

describe('a copy that knows how fresh it was', () => {
  const entries = [{ sequence: 1n, epoch: 2n }];
  const wanted = { kind: 'freshness-wanted', question: 1, now: 900 } as const;
  const answer = { kind: 'fresh', question: 1, committed: 1n, inForce: ['a', 'b'] } as const;
  const applied = { kind: 'applied', upTo: 1n } as const;
  const behind = run(replicaOf('b'), from('a', { ...append, entries, committed: 1n }, 2n, 'b'), wanted, from('a', answer, 2n, 'b'))[0];
  const fresh = run(behind, applied)[0];
  const time = { now: 1050, heardAt: 1000, othersHeardAt: 1000, begunAt: 1050 };

  test.for<[ReadLevel, number, object]>([
    [{ kind: 'bounded', staleMs: 200 }, 1050, { kind: 'serve' }],
    [{ kind: 'bounded', staleMs: 100 }, 1050, { kind: 'ask' }],
    [{ kind: 'linearizable' }, 900, { kind: 'serve' }],
    [{ kind: 'linearizable' }, 901, { kind: 'ask' }],
    [session(2n, 2n), 1050, { kind: 'wait', untilApplied: 2n }],
    [session(1n, 1n), 1050, { kind: 'lost' }],
    [session(1n, 3n), 1050, { kind: 'elsewhere' }],
  ])('%o, begun at %s', ([level, begunAt, decision]) => {
    expect(mayServe(fresh, level, { ...time, begunAt })).toMatchObject(decision);
  });

  test('waits until it shows what was committed then', () => {
    expect(mayServe(behind, { kind: 'linearizable' }, { ...time, begunAt: 900 })).toEqual({ kind: 'wait', untilApplied: 1n });
  });

  test('does not answer by default when its primary was not heard lately', () => {
    expect(mayServe(fresh, { kind: 'recent', silenceMs: 2000 }, { ...time, now: 3001 })).toMatchObject({ kind: 'elsewhere' });
  });
});
