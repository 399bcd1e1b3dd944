import { expect, test } from 'vitest';
import { isTimeToTell } from './going-away.ts';

test.for<[what: string, agoMs: number, openCalls: number, hasCalled: boolean, isTold: boolean]>([
  ['who has only just been seen is not told', 199, 3, true, false],
  ['a call that makes as many as ever is the moment', 200, 3, true, true],
  ['with fewer the client may be about to send another', 599, 2, true, false],
  ['a client that never has as many again is told with any call', 600, 1, true, true],
  ['between calls nobody is told', 999, 0, false, false],
  ['who does not call is told all the same', 1_000, 0, false, true],
  ['so is who waits for an answer all the time', 1_000, 3, false, true],
])('%s', ([, agoMs, openCalls, hasCalled, isTold]) => {
  expect(isTimeToTell({ sinceMs: 5_000, openCalls, mostCalls: 3 }, 5_000 + agoMs, hasCalled)).toBe(isTold);
});
