/** A follower whose process is about to end says so, and writers wait neither for its end nor until it is missed. */
import { expect, test } from 'vitest';
import type { Replica } from './replica.ts';
import { appended, configuration, from, run, serving } from './step-fixture.ts';

const leaving = from('b', { kind: 'leaving' });
const alone = { ...configuration, version: '8', inSync: ['a'] };
const asks = (inSync: readonly string[]) => expect.objectContaining({ kind: 'change-in-sync', inSync });
const written = (upTo: bigint) =>
  [
    { kind: 'proposed', entries: 1 },
    { kind: 'persisted', epoch: 2n, upTo },
  ] as const;

/** b has left the set, and its process is still there. */
const without = (): Replica =>
  run(serving(), appended('b', 0n), leaving, {
    kind: 'change-answered',
    epoch: 2n,
    attempt: 1,
    outcome: { kind: 'done', configuration: alone },
  })[0];

test('it is taken out of the set, and its acknowledgements count until it certainly is', () => {
  const [left, effects] = run(serving(), appended('b', 0n), leaving);
  expect(effects).toContainEqual(asks(['a']));
  expect(run(left, ...written(1n))[0].committed).toBe(0n);
  expect(run(left, ...written(1n), appended('b', 1n))[0].committed).toBe(1n);
});

test('it is asked for again when another change came first', () => {
  const [conflicting] = run(serving(), appended('b', 0n), leaving, {
    kind: 'change-answered',
    epoch: 2n,
    attempt: 1,
    outcome: { kind: 'conflict' },
  });
  const read = { kind: 'configuration-read', epoch: 2n, number: 2, configuration: { ...configuration, version: '9' } } as const;
  expect(run(conflicting, read)[1]).toContainEqual(asks(['a']));
});

test('it does not come back while it goes on acknowledging', () => {
  expect(without().role).toMatchObject({ change: undefined });
  const [state] = run(without(), ...written(1n), appended('b', 1n));
  expect(state.role).toMatchObject({ change: undefined });
  expect(state.committed).toBe(1n);
});

test('writers do not wait for it to join any more', () => {
  const [state] = run(without(), ...written(1n), appended('b', 0n), ...written(2n));
  expect(state.committed).toBe(2n);
});

test('it comes back when it has connected again', () => {
  const connected = { kind: 'connected', replica: 'b' } as const;
  expect(run(without(), ...written(1n), connected, appended('b', 1n))[1]).toContainEqual(asks(['a', 'b']));
});
