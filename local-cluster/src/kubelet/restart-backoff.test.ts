import { expect, test } from 'vitest';
import { afterExit, noBackoff } from './restart-backoff.ts';

test('the first restart is at once, later ones wait twice as long each, at most five minutes', () => {
  const delays: number[] = [];
  let backoff = noBackoff;
  for (let exit = 0; exit < 9; exit++) {
    backoff = afterExit(backoff, 1000, 300_000);
    delays.push(backoff.delayMs / 1000);
  }
  expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
  expect(backoff.restarts).toBe(9);
});

test('ten minutes of running wipe the slate', () => {
  const looping = afterExit(afterExit(noBackoff, 1000, 300_000), 1000, 300_000);
  expect(afterExit(looping, 600_000, 300_000).delayMs).toBe(0);
});
