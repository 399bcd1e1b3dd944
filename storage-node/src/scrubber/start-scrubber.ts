import { setTimeout as delay } from 'node:timers/promises';
import { defaultPace } from './scrub-plan.ts';
import { Scrubber, type ScrubberOptions } from './scrubber.ts';

/** Scrubs in the background until it is disposed, which waits for the step under way. */
export function startScrubber(parts: Omit<ScrubberOptions, 'pace' | 'now' | 'sleep' | 'random'>): AsyncDisposable {
  const stopping = new AbortController();
  const scrubber = new Scrubber({
    ...parts,
    pace: defaultPace,
    now: () => performance.now(),
    sleep: (ms, signal) => delay(ms, undefined, { signal, ref: false }),
    random: Math.random,
  });
  const running = scrubber.run(stopping.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
    },
  };
}
