import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock, settle } from '../test/manual-clock.ts';
import { TooManyRequestsError } from './errors.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

function queueAt(clock: ManualClock, options: Partial<WorkQueueOptions> = {}): WorkQueue {
  return new WorkQueue({ concurrency: 2, now: clock.now, schedule: clock.schedule, random: () => 1, ...options });
}

/** A worker whose runs the test ends. */
function heldWorker() {
  const started: string[] = [];
  const held = new Map<string, PromiseWithResolvers<void>>();
  const worker = (key: string): Promise<void> => {
    started.push(key);
    const run = Promise.withResolvers<void>();
    held.set(key, run);
    return run.promise;
  };
  return {
    started,
    worker,
    finish: (key: string) => held.get(key)?.resolve(),
    fail: (key: string, error: Error) => held.get(key)?.reject(error),
  };
}

describe('one key', () => {
  test('added many times while it waits runs once, without a timer', async () => {
    const clock = new ManualClock();
    const queue = queueAt(clock);
    const { started, worker } = heldWorker();
    void queue.run(worker, new AbortController().signal);
    for (let i = 0; i < 5; i++) queue.add('a');
    await settle();
    expect(started).toEqual(['a']);
    expect(clock.pendingMs).toEqual([]);
  });

  test('added while it runs, runs once more afterwards and never beside itself', async () => {
    const queue = queueAt(new ManualClock());
    const { started, worker, finish } = heldWorker();
    void queue.run(worker, new AbortController().signal);
    queue.add('a');
    await settle();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(started).toEqual(['a']);
    finish('a');
    await settle();
    expect(started).toEqual(['a', 'a']);
    finish('a');
    await settle();
    expect(started).toEqual(['a', 'a']);
  });

  test('that each of its runs adds again is slowed down, and others are not', async () => {
    const clock = new ManualClock();
    const queue = queueAt(clock, { pace: { burst: 3, intervalMs: 100 } });
    const runs: string[] = [];
    const worker = async (key: string): Promise<void> => {
      runs.push(key);
      if (key === 'a') queue.add(key);
    };
    void queue.run(worker, new AbortController().signal);
    queue.add('a');
    await settle();
    expect([runs, clock.pendingMs]).toEqual([['a', 'a', 'a'], [100]]);
    queue.add('b');
    await settle();
    expect(runs).toEqual(['a', 'a', 'a', 'b']);
  });

  test('backs off exponentially up to the maximum, and starts over after a success', async () => {
    const clock = new ManualClock();
    const delays: number[] = [];
    let failing = true;
    const queue = queueAt(clock, { baseDelayMs: 10, maxDelayMs: 45, onFailure: ({ retryAfterMs }) => delays.push(retryAfterMs) });
    void queue.run(async () => {
      if (failing) throw new Error('no');
    }, new AbortController().signal);
    queue.add('a');
    await clock.advance(10 + 20 + 40 + 45);
    expect(delays).toEqual([10, 20, 40, 45, 45]);
    failing = false;
    await clock.advance(45);
    failing = true;
    queue.add('a');
    await settle();
    expect(delays.at(-1)).toBe(10);
  });

  test('added during its backoff runs at once, and the backoff is off', async () => {
    const clock = new ManualClock();
    let runs = 0;
    const queue = queueAt(clock, { baseDelayMs: 1000 });
    void queue.run(async () => {
      runs += 1;
      if (runs === 1) throw new Error('no');
    }, new AbortController().signal);
    queue.add('a');
    await settle();
    queue.add('a');
    await settle();
    expect(runs).toBe(2);
    expect(clock.pendingMs).toEqual([]);
  });

  test('waits as long as the API server asks when it answers 429', async () => {
    const clock = new ManualClock();
    const queue = queueAt(clock);
    const error = new TooManyRequestsError({ status: 429, reason: 'TooManyRequests', message: 'later', retryAfterSeconds: 7 });
    void queue.run(() => Promise.reject(error), new AbortController().signal);
    queue.add('a');
    await settle();
    expect(clock.pendingMs).toEqual([7000]);
  });

  test('is requeued after the time its worker asks for; the earlier of two times stands', async () => {
    const clock = new ManualClock();
    const queue = queueAt(clock);
    const startedAt: number[] = [];
    void queue.run(async () => {
      startedAt.push(clock.now());
      return { requeueAfterMs: 100 };
    }, new AbortController().signal);
    queue.addAfter('a', 30);
    queue.addAfter('a', 70);
    await clock.advance(130);
    expect(startedAt).toEqual([30, 130]);
  });
});

test('no more keys run at once than the concurrency, oldest first', async () => {
  const queue = queueAt(new ManualClock());
  const { started, worker, finish } = heldWorker();
  void queue.run(worker, new AbortController().signal);
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
  await settle();
  expect(started).toEqual(['a', 'b']);
  finish('b');
  await settle();
  expect(started).toEqual(['a', 'b', 'c']);
});

test('runs that find nothing to do leave the process its turn after 10 ms', async () => {
  let now = 0;
  const turns: (() => void)[] = [];
  const nextTurn = (callback: () => void): void => void turns.push(callback);
  const queue = queueAt(new ManualClock(), { concurrency: 1, now: () => now, nextTurn });
  const ran: string[] = [];
  const worker = (key: string): Promise<void> => {
    ran.push(key);
    now += 4;
    return Promise.resolve();
  };
  void queue.run(worker, new AbortController().signal);
  for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key);
  await settle();
  expect([ran, turns.length]).toEqual([['a', 'b', 'c'], 1]);
  turns.pop()?.();
  await settle();
  expect([ran, turns.length]).toEqual([['a', 'b', 'c', 'd', 'e'], 1]);
});

test('run ends when stopped and the last worker is back, starts nothing more and leaves no timer', async () => {
  const clock = new ManualClock();
  const queue = queueAt(clock);
  const stop = new AbortController();
  const { started, worker, finish } = heldWorker();
  let ended = false;
  const running = queue.run(worker, stop.signal).then(() => {
    ended = true;
    return ended;
  });
  queue.add('a');
  queue.addAfter('later', 1000);
  await settle();
  queue.add('a');
  stop.abort();
  await settle();
  expect(ended).toBe(false);
  finish('a');
  await running;
  expect(started).toEqual(['a']);
  expect(clock.pendingMs).toEqual([]);
});

test('keys added before run is called are worked on', async () => {
  const queue = queueAt(new ManualClock());
  const { started, worker } = heldWorker();
  queue.add('a');
  await settle();
  void queue.run(worker, new AbortController().signal);
  await settle();
  expect(started).toEqual(['a']);
});

type Step =
  | { readonly kind: 'add'; readonly key: string }
  | { readonly kind: 'finish' | 'fail'; readonly key: string }
  | { readonly kind: 'after'; readonly key: string; readonly ms: number }
  | { readonly kind: 'pass'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), key }),
  fc.record({ kind: fc.constantFrom('finish' as const, 'fail' as const), key }),
  fc.record({ kind: fc.constant('after' as const), key, ms: fc.integer({ min: 0, max: 500 }) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 500 }) }),
);

test('laws: one worker per key, no more than the concurrency, and every add is followed by a run that starts after it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, concurrency) => {
      const clock = new ManualClock();
      const queue = queueAt(clock, { concurrency });
      const running = new Map<string, PromiseWithResolvers<void>>();
      const unseen = new Set<string>();
      const violations: string[] = [];
      let draining = false;
      const stop = new AbortController();
      const ended = queue.run(async (started) => {
        if (running.has(started)) violations.push(`two workers on ${started}`);
        if (running.size >= concurrency) violations.push(`${running.size + 1} workers at once`);
        unseen.delete(started);
        if (draining) return;
        const run = Promise.withResolvers<void>();
        running.set(started, run);
        await run.promise.finally(() => running.delete(started));
      }, stop.signal);
      for (const one of steps) {
        switch (one.kind) {
          case 'pass':
            await clock.advance(one.ms);
            break;
          case 'finish':
            running.get(one.key)?.resolve();
            break;
          case 'fail':
            running.get(one.key)?.reject(new Error('planned'));
            break;
          case 'add':
            unseen.add(one.key);
            queue.add(one.key);
            break;
          case 'after':
            unseen.add(one.key);
            queue.addAfter(one.key, one.ms);
            break;
        }
        await settle();
      }
      draining = true;
      for (const run of running.values()) run.resolve();
      await clock.advance(100_000);
      expect(violations).toEqual([]);
      expect([...unseen]).toEqual([]);
      expect(queue.length).toBe(0);
      stop.abort();
      await ended;
    }),
    { numRuns: 200 },
  );
});
