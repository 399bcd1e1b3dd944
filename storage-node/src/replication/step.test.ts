import { describe, expect, test } from 'vitest';
import type { Configuration } from './configuration.ts';
import type { Effect } from './effects.ts';
import type { ReplicaEvent } from './events.ts';
import { emptyLog, extended, origin, positionAt, released, truncated } from './log-shape.ts';
import { startReplica, type Replica } from './replica.ts';
import { step } from './step.ts';
import { appended, configuration, from, replicaOf, run, serving } from './step-fixture.ts';

/** Hands each the messages of the other until they have nothing to say any more, and tells all that they wanted done. */
function talk(primary: Replica, follower: Replica, first: readonly Effect[]): readonly Effect[] {
  const both = new Map([primary, follower].map((each) => [each.replicaId, each]));
  const all: Effect[] = [];
  const waiting = [...first];
  for (let effect = waiting.shift(); effect; effect = waiting.shift()) {
    const receiver = effect.kind === 'send' ? both.get(effect.message.to) : undefined;
    if (effect.kind !== 'send' || receiver === undefined) continue;
    expect(all.length).toBeLessThan(100);
    const [next, effects] = step(receiver, { kind: 'received', message: effect.message, now: 0 });
    both.set(next.replicaId, next);
    waiting.push(...effects);
    all.push(...effects);
  }
  return all;
}

const kinds = (effects: readonly Effect[]): readonly string[] =>
  effects.map((each) => (each.kind === 'send' ? each.message.kind : each.kind));

describe('a primary', () => {
  test('says nothing before its epoch is durable', () => {
    expect(kinds(step(replicaOf('a'), { kind: 'configuration-seen', configuration })[1])).toEqual(['persist-epoch']);
  });

  test('does not lead in an epoch that is on its disk', () => {
    expect(run(replicaOf('a', 2n), { kind: 'configuration-seen', configuration })[0].role.kind).toBe('following');
  });

  test('answers at commit, and again when every in-sync replica shows it; a learner changes nothing', () => {
    const logged = run(serving(), appended('b', 0n), { kind: 'proposed', entries: 1 }, { kind: 'persisted', epoch: 2n, upTo: 1n });
    expect(kinds(run(logged[0], appended('c', 1n))[1])).not.toContain('apply');
    const [committed, effects] = run(logged[0], appended('b', 1n, 0n));
    expect(effects).toContainEqual({ kind: 'answer-writes', upTo: 1n, level: 'committed' });
    const everywhere = { kind: 'answer-writes', upTo: 1n, level: 'applied-everywhere' };
    expect(run(committed, { kind: 'applied', upTo: 1n })[1]).not.toContainEqual(everywhere);
    expect(run(committed, { kind: 'applied', upTo: 1n }, appended('b', 1n))[1]).toContainEqual(everywhere);
  });

  test('sends a snapshot when its log no longer has what is lacking', () => {
    const spoken = run(serving(), appended('c', 0n))[0];
    const logged = run(spoken, { kind: 'proposed', entries: 3 }, { kind: 'persisted', epoch: 2n, upTo: 3n }, appended('b', 3n))[0];
    const trimmed = run(logged, { kind: 'applied', upTo: 3n }, { kind: 'log-released', upTo: 2n })[0];
    expect(run(trimmed, from('c', { kind: 'mismatch', firstPossible: 1n }))[1]).toContainEqual({ kind: 'transfer-snapshot', to: 'c' });
  });

  test('reports a hand-over only when all is committed, and goes on when it is abandoned', () => {
    const logged = run(serving(), { kind: 'proposed', entries: 1 }, { kind: 'persisted', epoch: 2n, upTo: 1n })[0];
    const [asked, none] = run(logged, { kind: 'hand-over-asked', target: 'b' });
    expect(kinds(none)).not.toContain('report-drained');
    const [drained, effects] = run(asked, appended('b', 1n));
    expect(effects).toContainEqual({ kind: 'report-drained', target: 'b' });
    expect(() => step(drained, { kind: 'proposed', entries: 1 })).toThrow('writes are proposed to a primary that serves');
    expect(run(drained, { kind: 'hand-over-abandoned' })[1]).toEqual([{ kind: 'resume-writes' }]);
  });

  test('leads in the epoch in which it is named again, though one who follows knew of it before', () => {
    const deposed = run(serving(), from('b', { kind: 'refused' }, 3n))[0];
    expect(deposed).toMatchObject({ epoch: 2n, role: { kind: 'following' } });
    const again: Configuration = { ...configuration, version: '8', epoch: 3n };
    expect(run(deposed, { kind: 'configuration-seen', configuration: again })[0].role.kind).toBe('leading');
  });

  test('finds where to go on with a copy whose log begins behind all that it knows to be committed', () => {
    const log = extended(
      emptyLog,
      [1n, 2n, 3n, 4n].map((sequence) => ({ sequence, epoch: 1n })),
    );
    const seen = { kind: 'configuration-seen', configuration } as const;
    const [primary, sent] = run(startReplica({ shard: 's', replicaId: 'a', epoch: 1n, log, applied: 1n }), seen, {
      kind: 'epoch-persisted',
      epoch: 2n,
    });
    const behind = startReplica({ shard: 's', replicaId: 'b', epoch: 1n, log: released(log, 3n), applied: 3n });
    expect(talk(primary, behind, sent)).toContainEqual({ kind: 'answer-writes', upTo: 4n, level: 'committed' });
  });
});

const append = (entries: number, committed: bigint): ReplicaEvent => {
  const positions = Array.from({ length: entries }, (_, index) => ({ sequence: BigInt(index + 1), epoch: 2n }));
  return from('a', { kind: 'append', previous: { sequence: 0n, epoch: 0n }, entries: positions, inherited: 0n, committed }, 2n, 'b');
};

describe('a follower', () => {
  test('acknowledges behind what it wrote', () => {
    expect(kinds(run(replicaOf('b'), append(2, 1n))[1])).toEqual(['persist-epoch', 'append', 'apply', 'appended']);
  });

  test('cuts what an older epoch left above the inherited log, though nothing came in its place', () => {
    const log = extended(emptyLog, [{ sequence: 1n, epoch: 1n }]);
    const behind = startReplica({ shard: 's', replicaId: 'b', epoch: 1n, log });
    expect(run(behind, append(0, 0n))[1]).toContainEqual({ kind: 'truncate', from: 1n });
  });

  test('takes a snapshot only when it has less', () => {
    const [replica, effects] = run(replicaOf('b'), from('a', { kind: 'snapshot', position: { sequence: 5n, epoch: 2n } }, 2n, 'b'));
    expect(kinds(effects)).toContain('install-snapshot');
    const installed = { kind: 'snapshot-installed', epoch: 2n, position: { sequence: 5n, epoch: 2n } } as const;
    const [after, told] = run(replica, installed);
    expect({ applied: after.applied, told: kinds(told) }).toEqual({ applied: 5n, told: ['appended'] });
    expect(kinds(run(after, from('a', { kind: 'snapshot', position: { sequence: 4n, epoch: 2n } }, 2n, 'b'))[1])).toEqual(['appended']);
  });

  test('that is damaged says nothing any more', () => {
    const [barred, effects] = run(replicaOf('b'), { kind: 'damage-found', because: 'checksum' });
    expect(kinds(effects)).toEqual(['report-damage']);
    expect(run(barred, append(1, 0n))[1]).toEqual([]);
  });
});

test.for<[string, ReplicaEvent]>([
  ['of another shard', { kind: 'received', now: 0, message: { shard: 't', epoch: 9n, from: 'b', to: 'a', kind: 'refused' } }],
  ['for another replica id', { kind: 'received', now: 0, message: { shard: 's', epoch: 9n, from: 'b', to: 'a1', kind: 'refused' } }],
  ['of an older epoch', from('b', { kind: 'appended', upTo: 0n, applied: 0n }, 1n)],
  ['that claims what was never logged', from('b', { kind: 'appended', upTo: 9n, applied: 9n })],
])('a message %s changes nothing', ([, event]) => {
  const replica = serving();
  expect(step(replica, event)).toEqual([replica, []]);
});

test('a log knows the epoch of each entry, cut at either end', () => {
  const log = extended(
    emptyLog,
    [1n, 1n, 3n, 4n].map((epoch, index) => ({ epoch, sequence: BigInt(index + 1) })),
  );
  expect(positionAt(truncated(log, 3n), 2n).epoch).toBe(1n);
  expect(extended(truncated(log, 3n), [{ sequence: 3n, epoch: 4n }]).runs).toEqual([
    { epoch: 1n, first: 1n },
    { epoch: 4n, first: 3n },
  ]);
  expect(released(log, 3n)).toMatchObject({ snapshot: { sequence: 3n, epoch: 3n }, last: 4n });
  expect(positionAt(released(log, 3n), 4n).epoch).toBe(4n);
  expect(() => positionAt(released(log, 3n), 2n)).toThrow('sequence 2 is not in the log');
});

test('a copy that is offered a snapshot of what it has says how far it is', () => {
  const entries = [{ sequence: 1n, epoch: 2n }];
  const appending = from('a', { kind: 'append', previous: origin, entries, inherited: 0n, committed: 0n }, 2n, 'b');
  const offered = from('a', { kind: 'snapshot', position: { sequence: 1n, epoch: 2n } }, 2n, 'b');
  expect(run(replicaOf('b'), appending, offered)[1]).toMatchObject([{ kind: 'send', message: { kind: 'appended', upTo: 1n } }]);
});

test('a copy without which nothing inherited could be committed joins before it shows that', () => {
  const alone: Configuration = { ...configuration, inSync: ['a'], minInSync: 2 };
  const inherited = extended(emptyLog, [{ sequence: 1n, epoch: 1n }]);
  const primary = startReplica({ shard: 's', replicaId: 'a', epoch: 1n, log: inherited });
  const led = run(primary, { kind: 'configuration-seen', configuration: alone }, { kind: 'epoch-persisted', epoch: 2n })[0];
  expect(kinds(run(led, appended('b', 1n, 0n))[1])).toContain('change-in-sync');
});

test('a copy joins when it shows what all others were waited for to show', () => {
  const two: Configuration = { ...configuration, inSync: ['a'], members: configuration.members.slice(0, 2) };
  const lone = run(replicaOf('a'), { kind: 'configuration-seen', configuration: two }, { kind: 'epoch-persisted', epoch: 2n })[0];
  const written = run(lone, { kind: 'proposed', entries: 1 }, { kind: 'persisted', epoch: 2n, upTo: 1n }, { kind: 'applied', upTo: 1n })[0];
  expect(kinds(run(written, appended('b', 1n, 0n))[1])).not.toContain('change-in-sync');
  expect(kinds(run(written, appended('b', 1n, 0n), appended('b', 1n, 1n))[1])).toContain('change-in-sync');
});

test('a follower that has let go of what its new primary begins with goes on behind what it knows to be final', () => {
  const log = released(
    extended(
      emptyLog,
      [1n, 2n, 3n, 4n].map((sequence) => ({ sequence, epoch: 1n })),
    ),
    3n,
  );
  const follower = startReplica({ shard: 's', replicaId: 'b', epoch: 1n, log, applied: 3n });
  const entries = [2n, 3n, 4n, 5n].map((sequence) => ({ sequence, epoch: 1n }));
  const behind = { kind: 'append', previous: { sequence: 1n, epoch: 1n }, entries, inherited: 5n, committed: 1n } as const;
  const [next, effects] = run(follower, from('a', behind, 2n, 'b'));
  expect(effects).toContainEqual({ kind: 'append', epoch: 2n, entries: [{ sequence: 5n, epoch: 1n }] });
  expect(effects.flatMap((each) => (each.kind === 'send' ? [each.message] : []))).toMatchObject([{ kind: 'appended', upTo: 5n }]);
  const [, old] = run(next, from('a', { ...behind, entries: entries.slice(0, 1) }, 2n, 'b'));
  expect(old.flatMap((each) => (each.kind === 'send' ? [each.message] : []))).toMatchObject([{ kind: 'appended', upTo: 5n }]);
});
