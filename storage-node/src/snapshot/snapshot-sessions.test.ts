import { expect, test } from 'vitest';
import { NoSnapshotError } from './snapshot-errors.ts';
import type { SnapshotReader } from './snapshot-reader.ts';
import { SnapshotSessions, type SessionLease, type SessionRequest } from './snapshot-sessions.ts';

/** Timers that the test lets run. */
class Alarms {
  readonly #set = new Set<() => void>();

  after = (_ms: number, run: () => void): Disposable => {
    this.#set.add(run);
    return { [Symbol.dispose]: () => void this.#set.delete(run) };
  };

  ring(): void {
    for (const run of this.#set) {
      this.#set.delete(run);
      run();
    }
  }
}

function world(sessionsMax = 2) {
  const alarms = new Alarms();
  const closed: string[] = [];
  let opened = 0;
  const sessions = new SnapshotSessions({
    source: {
      open: async (_, replicaId): Promise<SnapshotReader> => {
        if (replicaId === 'absent') throw new NoSnapshotError('not here');
        opened += 1;
        const name = `reader ${opened}`;
        return {
          position: { sequence: 1n, epoch: 1n },
          approximateBytes: 1,
          reached: 1,
          async *read() {},
          [Symbol.asyncDispose]: async () => void closed.push(name),
        };
      },
    },
    sessionsMax,
    keepMs: 60_000,
    newSessionId: () => `session ${opened}`,
    after: alarms.after,
  });
  return { sessions, alarms, closed };
}

const asked = (receiver: string, session?: string): SessionRequest => ({ shard: 'shard', replicaId: 'source', receiver, session });

async function lease(sessions: SnapshotSessions, request: SessionRequest): Promise<SessionLease> {
  const found = await sessions.lease(request);
  if (found.kind !== 'lease') throw new Error(`refused: ${found.kind}`);
  return found;
}

const end = async (held: SessionLease): Promise<void> => await held[Symbol.asyncDispose]();

test('after a cut the same receiver goes on with the same snapshot, until its time is up', async () => {
  const { sessions, alarms, closed } = world();
  const first = await lease(sessions, asked('a'));
  await end(first);
  const second = await lease(sessions, asked('a', first.session));
  expect(second.reader).toBe(first.reader);
  alarms.ring(); // it is being read: no time runs
  expect(closed).toEqual([]);
  await end(second);
  alarms.ring();
  await new Promise(setImmediate);
  expect(closed).toEqual(['reader 1']);
  expect(await sessions.lease(asked('a', first.session))).toEqual({ kind: 'session-gone' });
  expect(sessions.open).toBe(0);
});

test.for<[string, SessionRequest]>([
  ['another receiver', asked('b', 'session 1')],
  ['another replica', { ...asked('a', 'session 1'), replicaId: 'other' }],
  ['another shard', { ...asked('a', 'session 1'), shard: 'other' }],
  ['a session that never was', asked('a', 'session 77')],
])('%s gets nothing of a session', async ([, request]) => {
  const { sessions } = world();
  await end(await lease(sessions, asked('a')));
  expect(await sessions.lease(request)).toEqual({ kind: 'session-gone' });
});

test('as many as allowed are open, cut or not; one more is refused and told when to come again', async () => {
  const { sessions, closed } = world();
  await end(await lease(sessions, asked('a')));
  await lease(sessions, asked('b'));
  expect(await sessions.lease(asked('c'))).toEqual({ kind: 'busy', retryAfterSeconds: 5 });
  expect(closed).toEqual([]);
});

test('many that come at once are counted while they are being opened', async () => {
  const { sessions } = world();
  const found = await Promise.all(['a', 'b', 'c', 'd'].map((receiver) => sessions.lease(asked(receiver))));
  expect(found.filter(({ kind }) => kind === 'lease')).toHaveLength(2);
});

test('one that was sent to its end gives way to another, and can be gone on with until then', async () => {
  const { sessions, closed } = world();
  const first = await lease(sessions, asked('a'));
  first.completed();
  await end(first);
  await end(await lease(sessions, asked('a', first.session)));
  await lease(sessions, asked('b'));
  await lease(sessions, asked('c'));
  expect(closed).toEqual(['reader 1']);
  expect(await sessions.lease(asked('a', first.session))).toEqual({ kind: 'session-gone' });
});

test('a receiver has one snapshot of a shard: a new one takes the place of the old, also of one that is being read', async () => {
  const { sessions, closed } = world(1);
  const first = await lease(sessions, asked('a'));
  const beginning = lease(sessions, asked('a'));
  expect(first.signal.aborted).toBe(true);
  expect(closed).toEqual([]);
  await end(first);
  const second = await beginning;
  expect(closed).toEqual(['reader 1']);
  expect(second.session).toBe('session 2');
});

test('a receiver that comes back on a new connection ends the reading on the old one first', async () => {
  const { sessions } = world();
  const old = await lease(sessions, asked('a'));
  let isGranted = false;
  const granting = lease(sessions, asked('a', old.session)).then((found) => {
    isGranted = true;
    return found;
  });
  await new Promise(setImmediate);
  expect([old.signal.aborted, isGranted]).toEqual([true, false]);
  await end(old);
  const fresh = await granting;
  expect([fresh.reader === old.reader, fresh.signal.aborted]).toEqual([true, false]);
});

test('a replica that is not here takes no place', async () => {
  const { sessions } = world(1);
  await expect(sessions.lease({ ...asked('a'), replicaId: 'absent' })).rejects.toThrow(NoSnapshotError);
  await lease(sessions, asked('a'));
});

test('closing ends the reading under way, closes every snapshot and opens none', async () => {
  const { sessions, closed } = world();
  const read = await lease(sessions, asked('a'));
  await end(await lease(sessions, asked('b')));
  const closing = sessions[Symbol.asyncDispose]();
  expect(read.signal.aborted).toBe(true);
  await end(read);
  await closing;
  expect(closed.toSorted()).toEqual(['reader 1', 'reader 2']);
  expect(await sessions.lease(asked('c'))).toMatchObject({ kind: 'busy' });
});
