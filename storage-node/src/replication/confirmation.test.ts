import { describe, expect, test } from 'vitest';
import type { Effect } from './effects.ts';
import type { ReplicaEvent } from './events.ts';
import { emptyLog, extended } from './log-shape.ts';
import type { Body } from './messages.ts';
import { isAsking, startReplica, type Replica } from './replica.ts';
import { appended, configuration, from, replicaOf, run, serving } from './step-fixture.ts';

const wanted = (question: number, now: number): ReplicaEvent => ({ kind: 'freshness-wanted', question, now });
const missed: ReplicaEvent = { kind: 'answers-missed' };
const seen: ReplicaEvent = { kind: 'configuration-seen', configuration };
const toB = (sender: string, body: Body, epoch = 2n) => from(sender, body, epoch, 'b');
const fresh = (question: number, inForce: readonly string[], committed = 0n): Body => ({ kind: 'fresh', question, committed, inForce });
const confirmed = (question: number): Body => ({ kind: 'confirmed', question });

/** What was said, and to whom. */
const said = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((each) => (each.kind === 'send' ? [`${each.message.kind} ${each.message.to}`] : []));
const freshOf = ({ role }: Replica) => (role.kind === 'barred' ? undefined : role.fresh);

/** In force are itself and b; everything inherited is committed. */
const ready = (): Replica => run(serving(), appended('b', 0n))[0];
/** Follows a in epoch 2. */
const follower = (): Replica => run(replicaOf('b'), seen)[0];

describe('a copy that asks', () => {
  test('puts its question to the primary, and next time at once to all whom that one named', () => {
    const [asking, first] = run(follower(), wanted(1, 100));
    expect(said(first)).toEqual(['ask a']);
    const [named, second] = run(asking, toB('a', fresh(1, ['a', 'b', 'c'], 7n)));
    expect(said(second)).toEqual(['ask c']);
    expect(freshOf(named)).toBeUndefined();
    const answered = run(named, toB('c', confirmed(1)))[0];
    expect(freshOf(answered)).toMatchObject({ asOf: 100, committed: 7n });
    expect(said(run(answered, wanted(2, 200))[1])).toEqual(['ask a', 'ask c']);
  });

  test('takes answers in any order, and needs nobody whom the primary names no more', () => {
    const known = run(follower(), wanted(1, 100), toB('a', fresh(1, ['a', 'b', 'c'])), toB('c', confirmed(1)), wanted(2, 200))[0];
    expect(freshOf(run(known, toB('c', confirmed(2)), toB('a', fresh(2, ['a', 'b', 'c'])))[0])).toMatchObject({ asOf: 200 });
    expect(freshOf(run(known, toB('a', fresh(2, ['a', 'b'])))[0])).toMatchObject({ asOf: 200 });
  });

  test.for<[string, ReplicaEvent]>([
    ['to an older question', toB('a', fresh(0, ['a', 'b']))],
    ['to a question of an earlier process', toB('a', fresh(77, ['a', 'b']))],
    ['of an older epoch', toB('a', fresh(1, ['a', 'b']), 1n)],
  ])('does not take an answer %s', ([, answer]) => {
    const [after] = run(follower(), wanted(1, 100), answer);
    expect({ fresh: freshOf(after), isAsking: isAsking(after) }).toEqual({ fresh: undefined, isAsking: true });
  });

  test('has one question under way: whoever wants to know meanwhile shares the next', () => {
    const [asking, effects] = run(follower(), wanted(1, 100), wanted(2, 200));
    expect(effects).toEqual([]);
    expect(freshOf(run(asking, toB('a', fresh(1, ['a', 'b'])))[0])).toMatchObject({ asOf: 100 });
  });

  test('asks again for what is missing, and the primary always, who may name others now', () => {
    const waiting = run(follower(), wanted(1, 100), toB('a', fresh(1, ['a', 'b', 'c', 'd'])), toB('c', confirmed(1)))[0];
    const [again, effects] = run(waiting, missed);
    expect(said(effects)).toEqual(['ask a', 'ask d']);
    expect(freshOf(run(again, toB('a', fresh(1, ['a', 'b', 'c'])))[0])).toMatchObject({ asOf: 100 });
    expect(run(follower(), missed)).toEqual([follower(), []]);
  });

  test('asks its primary as soon as it knows one', () => {
    const [asking, none] = run(replicaOf('b', 2n), wanted(1, 100));
    expect(none).toEqual([]);
    expect(said(run(asking, seen)[1])).toContain('ask a');
  });

  test('forgets its question and how fresh it was when another epoch begins', () => {
    const known = run(follower(), wanted(1, 100), toB('a', fresh(1, ['a', 'b'])), wanted(2, 200))[0];
    const later = run(known, { kind: 'configuration-seen', configuration: { ...configuration, version: '8', epoch: 3n, primary: 'c' } })[0];
    expect({ fresh: freshOf(later), isAsking: isAsking(later) }).toEqual({ fresh: undefined, isAsking: false });
  });
});

describe('whoever is asked', () => {
  test('a copy says at once that it knows no newer epoch', () => {
    const [, effects] = run(follower(), toB('c', { kind: 'ask', question: 5 }));
    expect(effects).toMatchObject([{ kind: 'send', when: 'at-once', message: { kind: 'confirmed', to: 'c', question: 5, epoch: 2n } }]);
  });

  test('a copy that knows a newer epoch refuses, one that knows only an older one says nothing and takes no epoch from the question', () => {
    expect(said(run(follower(), toB('c', { kind: 'ask', question: 5 }, 1n))[1])).toEqual(['refused c']);
    expect(run(replicaOf('b'), toB('c', { kind: 'ask', question: 5 }))).toEqual([replicaOf('b'), []]);
  });

  test('a primary says what is committed and who may be in force, once it knows what was acknowledged before it', () => {
    const log = extended(emptyLog, [{ sequence: 1n, epoch: 1n }]);
    const inherits = startReplica({ shard: 's', replicaId: 'a', epoch: 1n, log });
    const asked = run(inherits, seen, from('c', { kind: 'ask', question: 4 }), { kind: 'epoch-persisted', epoch: 2n })[0];
    const [again, none] = run(asked, from('c', { kind: 'ask', question: 5 }));
    expect(none).toEqual([]);
    const [committed, effects] = run(again, appended('b', 1n));
    const answers = effects.flatMap((each) => (each.kind === 'send' && each.message.kind === 'fresh' ? [each.message] : []));
    expect(answers).toMatchObject([{ to: 'c', question: 5, committed: 1n, inForce: ['a', 'b'] }]);
    expect(said(run(committed, from('c', { kind: 'ask', question: 6 }))[1])).toEqual(['fresh c']);
  });
});

describe('a primary that asks', () => {
  test('needs the word of everyone who may be in force', () => {
    const [asking, effects] = run(ready(), wanted(1, 100));
    expect(said(effects)).toEqual(['ask b']);
    expect(freshOf(run(asking, from('b', confirmed(1)))[0])).toMatchObject({ asOf: 100, inForce: ['a', 'b'] });
  });

  test('does not wait for one who left the set', () => {
    const [shrinking] = run(ready(), wanted(1, 100), { kind: 'fell-silent', replica: 'b' });
    expect(isAsking(shrinking)).toBe(true);
    const alone = { ...configuration, version: '8', inSync: ['a'] };
    const attempt = shrinking.role.kind === 'leading' ? (shrinking.role.change?.attempt ?? 0) : 0;
    const done = { kind: 'change-answered', epoch: 2n, attempt, outcome: { kind: 'done', configuration: alone } } as const;
    expect(freshOf(run(shrinking, done)[0])).toMatchObject({ asOf: 100, inForce: ['a'] });
  });
});
