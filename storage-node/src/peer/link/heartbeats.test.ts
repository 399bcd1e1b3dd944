import { describe, expect, test } from 'vitest';
import { Heartbeats } from './heartbeats.ts';
import { maxUnechoedBeats, silentBeats } from './link-limits.ts';

test('an echo proves that the heartbeat with its number arrived, and no later one', () => {
  const beats = new Heartbeats();
  expect(beats.lastEchoedAt).toBeUndefined();
  expect(beats.next(1000)).toEqual({ number: 1, echo: 0 });
  expect(beats.next(1500)).toEqual({ number: 2, echo: 0 });
  expect(beats.next(2000)).toEqual({ number: 3, echo: 0 });
  expect(beats.heard({ number: 0, echo: 2 }, 2100)).toEqual({ roundTripMs: 600 });
  expect(beats.lastEchoedAt).toBe(1500);
});

test('each new number is echoed at once, and in the next heartbeat; an echo is not', () => {
  const beats = new Heartbeats();
  expect(beats.heard({ number: 1, echo: 0 }, 0)).toEqual({ answer: { number: 0, echo: 1 } });
  expect(beats.heard({ number: 2, echo: 0 }, 500)).toEqual({ answer: { number: 0, echo: 2 } });
  expect(beats.next(700)).toEqual({ number: 1, echo: 2 });
  expect(beats.heard({ number: 0, echo: 1 }, 701)).toEqual({ roundTripMs: 1 });
});

test('an echo that is told again proves nothing new', () => {
  const beats = new Heartbeats();
  beats.next(1000);
  beats.heard({ number: 0, echo: 1 }, 1001);
  beats.next(1500);
  expect(beats.heard({ number: 1, echo: 1 }, 1600)).toEqual({ answer: { number: 0, echo: 1 } });
  expect(beats.lastEchoedAt).toBe(1000);
});

describe('what no partner would say', () => {
  test('an echo of what was never sent', () => {
    const beats = new Heartbeats();
    beats.next(0);
    expect(() => beats.heard({ number: 0, echo: 2 }, 1)).toThrow('echo of heartbeat 2, of which 1 were sent');
  });

  test.for([1, 3, 4_294_967_295])('number %i after number 1', (number) => {
    const beats = new Heartbeats();
    beats.heard({ number: 1, echo: 0 }, 0);
    expect(() => beats.heard({ number, echo: 0 }, 1)).toThrow(`heartbeat ${number} follows heartbeat 1`);
  });
});

test('silence is counted in beats of ours, not in time', () => {
  const beats = new Heartbeats();
  beats.next(0);
  // The process was stopped for an hour; what waits to be read comes after the beat.
  beats.next(3_600_000);
  beats.frameCame();
  for (let beat = 0; beat < silentBeats; beat++) beats.next(0);
  expect(() => beats.next(0)).toThrow('nothing came during');
});

test('one that sends but echoes nothing is given up too', () => {
  const beats = new Heartbeats();
  for (let beat = 0; beat < maxUnechoedBeats; beat++) {
    beats.next(0);
    beats.frameCame();
  }
  expect(() => beats.next(0)).toThrow('were not echoed');
});
