import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AwakeClock } from './awake-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it runs with the real clock while the process does', () => {
  let real = 5000;
  using clock = new AwakeClock(() => real);
  for (let i = 0; i < 40; i += 1) {
    real += 100;
    vi.advanceTimersByTime(100);
  }
  expect(clock.now()).toBe(4000);
  real += 30;
  expect(clock.now()).toBe(4030);
});

test('an hour in which the process was stopped is nobody else’s silence', () => {
  let real = 0;
  using clock = new AwakeClock(() => real);
  real += 3_600_000;
  expect(clock.now()).toBeLessThan(400);
  real += 10;
  expect(clock.now()).toBeLessThan(410);
});
