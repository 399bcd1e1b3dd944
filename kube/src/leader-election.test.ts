import { expect, test } from 'vitest';
import { ManualClock, settle } from '../test/manual-clock.ts';
import { MemoryLeases } from '../test/memory-leases.ts';
import { LeaseLostError, runWithLease } from './leader-election.ts';

/** A candidate and what became of it, in words. */
function candidate(leases: MemoryLeases, clock: ManualClock, identity: string) {
  const stop = new AbortController();
  const story: string[] = [];
  const awaited = new Set<string>();
  const done = Promise.withResolvers<void>();
  const ended = runWithLease({
    client: leases.client,
    namespace: 'shop',
    name: 'operator',
    identity,
    signal: stop.signal,
    now: clock.now,
    sleep: clock.sleep,
    onWaiting: (holder) => void awaited.add(holder),
    onLeading: async (signal) => {
      story.push('leads');
      const aborted = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => aborted.resolve());
      await Promise.race([aborted.promise, done.promise]);
      story.push(signal.aborted ? 'stops' : 'is done');
    },
  }).then(
    () => story.push('ended'),
    (error: unknown) => story.push(error instanceof LeaseLostError ? 'lost' : String(error)),
  );
  return { story, awaited, stop, done, ended };
}

test('the first leads at once; the second when the first gives the lease back', async () => {
  const leases = new MemoryLeases();
  const clock = new ManualClock();
  const first = candidate(leases, clock, 'one');
  await settle();
  const second = candidate(leases, clock, 'two');
  await clock.advance(60_000);
  expect([first.story, second.story]).toEqual([['leads'], []]);
  expect([...first.awaited, ...second.awaited]).toEqual(['one']);
  first.stop.abort();
  await settle();
  expect(first.story).toEqual(['leads', 'stops', 'ended']);
  expect(leases.holder).toBe('');
  await clock.advance(2_000);
  expect(second.story).toEqual(['leads']);
});

test('a holder that has gone silent is succeeded after the duration it promised, not before', async () => {
  const leases = new MemoryLeases();
  const clock = new ManualClock();
  candidate(leases, clock, 'one');
  await settle();
  // The first one's clock stands still from here on.
  const others = new ManualClock();
  const second = candidate(leases, others, 'two');
  await others.advance(14_999);
  expect(second.story).toEqual([]);
  await others.advance(1);
  expect(second.story).toEqual(['leads']);
  expect(second.awaited, 'what is left of a process that is no more').toEqual(new Set());
  expect(leases.stored?.spec?.leaseTransitions).toBe(1);
});

test.for(['unavailable', 'hangs'] as const)(
  'a leader whose API server is %s stops at its deadline, before others may begin',
  async (fault) => {
    const leases = new MemoryLeases();
    const clock = new ManualClock();
    const { story } = candidate(leases, clock, 'one');
    await clock.advance(2_000);
    leases.fault = fault;
    await clock.advance(9_999);
    expect(story).toEqual(['leads']);
    await clock.advance(1);
    expect(story).toEqual(['leads', 'stops', 'lost']);
  },
);

test.for([7_000, 9_700])('an API server that is away for less than the deadline changes nothing: %i ms', async (ms) => {
  const leases = new MemoryLeases();
  const clock = new ManualClock();
  const { story } = candidate(leases, clock, 'one');
  await settle();
  leases.fault = 'unavailable';
  await clock.advance(ms);
  leases.fault = 'none';
  await clock.advance(60_000);
  expect(story).toEqual(['leads']);
});

test('a renewal whose answer was lost is found to be ours', async () => {
  const leases = new MemoryLeases();
  const clock = new ManualClock();
  const { story } = candidate(leases, clock, 'one');
  await settle();
  leases.fault = 'answers-lost';
  await clock.advance(2_000);
  leases.fault = 'none';
  await clock.advance(60_000);
  expect(story).toEqual(['leads']);
  expect(leases.holder).toBe('one');
});

test.for([
  ['another holds it', 'two'],
  ['it was given away', ''],
] as const)('a leader whose lease says that %s stops at the next renewal', async ([, holderIdentity]) => {
  const leases = new MemoryLeases();
  const clock = new ManualClock();
  const { story } = candidate(leases, clock, 'one');
  await settle();
  const { stored } = leases;
  if (stored === undefined) throw new Error('no lease');
  leases.stored = { ...stored, metadata: { ...stored.metadata, resourceVersion: 'other' }, spec: { ...stored.spec, holderIdentity } };
  await clock.advance(2_000);
  expect(story).toEqual(['leads', 'stops', 'lost']);
  expect(leases.holder).toBe(holderIdentity);
});

test('one that is stopped while it waits or while the server hangs ends without leading', async () => {
  const leases = new MemoryLeases();
  leases.fault = 'hangs';
  const { story, stop } = candidate(leases, new ManualClock(), 'one');
  await settle();
  stop.abort();
  await settle();
  expect(story).toEqual(['ended']);
});

test('work that is done gives the lease back', async () => {
  const leases = new MemoryLeases();
  const { story, done } = candidate(leases, new ManualClock(), 'one');
  await settle();
  done.resolve();
  await settle();
  expect(story).toEqual(['leads', 'is done', 'ended']);
  expect(leases.holder).toBe('');
});

test('a lease that could outlive its deadline is refused', async () => {
  const options = { client: new MemoryLeases().client, namespace: 'shop', name: 'x', identity: 'one', signal: AbortSignal.abort() };
  await expect(runWithLease({ ...options, onLeading: async () => {}, renewDeadlineMs: 15_000 })).rejects.toThrow(RangeError);
});
