import { expect, test } from 'vitest';
import { provenAfterMs } from './link-limits.ts';
import { Redial } from './redial.ts';

function recorded(chance: number) {
  const delays: number[] = [];
  let dialed = 0;
  const timers = { now: () => 0, random: () => chance, after: (delayMs: number) => (delays.push(delayMs), () => {}) };
  return { redial: new Redial(timers, () => void dialed++), delays, dialed: () => dialed };
}

test.for<[number, readonly number[]]>([
  [0, [25, 50, 100, 200, 400, 500, 500]],
  [1, [50, 100, 200, 400, 800, 1000, 1000]],
])('attempts come ever later, with chance %i', ([chance, expected]) => {
  const { redial, delays } = recorded(chance);
  for (let attempt = 0; attempt < 7; attempt++) redial.later(0);
  expect(delays).toEqual(expected);
});

test('after a good connection the next attempt comes soon, after one that broke at once it does not', () => {
  const { redial, delays } = recorded(1);
  for (const lastedMs of [0, 0, provenAfterMs - 1, provenAfterMs, 0]) redial.later(lastedMs);
  expect(delays).toEqual([50, 100, 200, 50, 100]);
});

test('a new address is dialed now', () => {
  const { redial, delays, dialed } = recorded(1);
  redial.later(0);
  redial.later(0);
  redial.now();
  redial.later(0);
  expect(dialed()).toBe(1);
  expect(delays).toEqual([50, 100, 50]);
});
