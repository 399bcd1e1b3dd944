/** How a voter outside the in-sync set joins while writes go on. */
import { expect, test } from 'vitest';
import type { Configuration } from './configuration.ts';
import type { ReplicaEvent } from './events.ts';
import { startReplica, type Replica } from './replica.ts';
import { run } from './step-fixture.ts';

const alone: Configuration = {
  version: '7',
  epoch: 2n,
  primary: 'a',
  inSync: ['a'],
  minInSync: 1,
  handOverTo: undefined,
  members: ['a', 'b'].map((replicaId) => ({ replicaId, node: replicaId, kind: 'Voter' })),
};

const leading = (): Replica =>
  run(
    startReplica({ shard: 's', replicaId: 'a', epoch: 1n }),
    { kind: 'configuration-seen', configuration: alone },
    { kind: 'epoch-persisted', epoch: 2n },
  )[0];
/** Written, durable and shown at the primary. */
const written = (upTo: bigint): readonly ReplicaEvent[] => [
  { kind: 'proposed', entries: 1 },
  { kind: 'persisted', epoch: 2n, upTo },
  { kind: 'applied', upTo },
];
const appended = (upTo: bigint): ReplicaEvent => ({
  kind: 'received',
  now: 0,
  message: { shard: 's', epoch: 2n, from: 'b', to: 'a', kind: 'appended', upTo, applied: upTo },
});

/** b answers to each entry only when the primary has committed the next one. */
const near = (): Replica => run(leading(), ...written(1n), appended(0n))[0];

test('nothing more is committed without a copy that is near, until its answer has come and it joins', () => {
  const [waiting] = run(near(), ...written(2n));
  expect(waiting.committed).toBe(1n);
  const [joining, effects] = run(waiting, appended(1n));
  expect(effects).toContainEqual(expect.objectContaining({ kind: 'change-in-sync', inSync: ['a', 'b'] }));
  expect(run(joining, appended(2n))[0].committed).toBe(2n);
});

test('one that stands still meanwhile is given up, and not waited for again before it has a new connection', () => {
  const [given] = run(near(), ...written(2n), { kind: 'fell-silent', replica: 'b' });
  expect(given.committed).toBe(2n);
  expect(run(given, appended(1n), ...written(3n))[0].committed).toBe(3n);
  expect(run(given, { kind: 'connected', replica: 'b' }, appended(1n), ...written(3n))[0].committed).toBe(2n);
});

test('one that was given up joins when it catches up by itself', () => {
  const [given] = run(near(), ...written(2n), { kind: 'fell-silent', replica: 'b' });
  expect(run(given, appended(2n))[1]).toContainEqual(expect.objectContaining({ kind: 'change-in-sync', inSync: ['a', 'b'] }));
});

test('who lacks more is not waited for', () => {
  const [full] = run(
    leading(),
    { kind: 'proposed', entries: 300 },
    { kind: 'persisted', epoch: 2n, upTo: 300n },
    { kind: 'applied', upTo: 300n },
    appended(0n),
    ...written(301n),
  );
  expect(full.committed).toBe(301n);
});
