import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause, type After } from './after.ts';

const atOnce: After = (_, act) => {
  queueMicrotask(act);
  return { [Symbol.dispose]: () => {} };
};

test('a signal that lives long is not left with what no longer waits for it', async () => {
  const { signal } = new AbortController();
  for (let tries = 0; tries < 3; tries += 1) await pause(atOnce, 250, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
