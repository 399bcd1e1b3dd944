import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pacer } from './pacer.ts';

const turn = async (): Promise<void> => {};
const unread = { bytesPerSecondBesideReads: 1, reads: () => 0 };

test('no second carries more than the rate, but for what was saved up before it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1_000, max: 1_000_000 }),
      fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 100_000 }), pauseMs: fc.integer({ min: 0, max: 2_000 }) }), { maxLength: 40 }),
      async (bytesPerSecond, passes) => {
        let now = 0;
        const sleep = async (ms: number): Promise<void> => {
          now += ms;
        };
        const pacer = new Pacer({ ...unread, bytesPerSecond, now: () => now, sleep, turn });
        const sent: { readonly at: number; readonly bytes: number }[] = [];
        for (const { bytes, pauseMs } of passes) {
          now += pauseMs;
          await pacer.pass(bytes, new AbortController().signal);
          sent.push({ at: now, bytes });
        }
        for (const [index, { at }] of sent.entries()) {
          const later = sent.slice(index + 1);
          for (const [step, end] of later.entries()) {
            const between = later.slice(0, step + 1).reduce((sum, { bytes }) => sum + bytes, 0);
            // A quarter of a second may be saved up while nothing goes.
            expect(between).toBeLessThanOrEqual(((end.at - at + 250) / 1000) * bytesPerSecond + 1e-3);
          }
        }
      },
    ),
  );
});

test('without a limit nothing waits', async () => {
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  const pacer = new Pacer({ ...unread, bytesPerSecond: Infinity, now: () => 0, sleep, turn });
  await pacer.pass(2 ** 40, new AbortController().signal);
  expect(slept).toEqual([]);
});

test.for<[turnMs: number, restMs: number]>([
  [0, 0],
  [2, 0],
  [3, 3],
  [49, 49],
  [5_000, 50],
])('while the thread takes %d ms for a turn, each message rests %d ms', async ([turnMs, restMs]) => {
  let now = 0;
  let slept = 0;
  const pacer = new Pacer({
    ...unread,
    bytesPerSecond: Infinity,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
      slept += ms;
    },
    turn: async () => {
      now += turnMs;
    },
  });
  for (let message = 0; message < 3; message += 1) await pacer.pass(1, new AbortController().signal);
  expect(slept).toBe(3 * restMs);
});

test('beside reads it is slower and saves up only what a late timer takes, until a second after the last one', async () => {
  let now = 0;
  let reads = 0;
  let slept = 0;
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
    slept += ms;
  };
  const pacer = new Pacer({ bytesPerSecond: Infinity, bytesPerSecondBesideReads: 1_000, reads: () => reads, now: () => now, sleep, turn });
  const passed = async (): Promise<number> => {
    slept = 0;
    await pacer.pass(100, new AbortController().signal);
    return slept;
  };
  expect(await passed()).toBe(0);
  reads = 1;
  expect(await passed()).toBe(96);
  now += 500;
  expect(await passed()).toBe(96);
  now = 999;
  expect(await passed()).toBe(96);
  expect(await passed()).toBe(0);
});

test('all that pass at once share the rate', async () => {
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => void slept.push(ms);
  let reads = 0;
  const pacer = new Pacer({ bytesPerSecond: Infinity, bytesPerSecondBesideReads: 1_000, reads: () => reads, now: () => 0, sleep, turn });
  reads = 1;
  await Promise.all([1, 2, 3].map(async () => await pacer.pass(100, new AbortController().signal)));
  expect(slept).toEqual([96, 196, 296]);
});
