import { describe, expect, test } from 'vitest';
import type { Configuration } from './configuration.ts';
import { origin } from './log-shape.ts';
import { mayServe } from './serving-reads.ts';
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
    expect(mayServe(told, recent, at(999))).toEqual({ kind: 'ask-primary' });
    expect(mayServe(told, recent, at(undefined))).toEqual({ kind: 'ask-primary' });
    const confirmed = run(told, from('a', { kind: 'fresh', clock: 3001, committed: 0n }, 2n, 'b', 4000))[0];
    expect(mayServe(confirmed, recent, at(999))).toEqual({ kind: 'serve' });
    expect(mayServe(run(told, from('a', { kind: 'fresh', clock: 3000, committed: 0n }, 2n, 'b', 4000))[0], recent, at(999))).toEqual({
      kind: 'ask-primary',
    });
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
