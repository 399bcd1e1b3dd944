import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settle } from '../test/manual-clock.ts';
import { configMap } from '../test/scripted-api-server.ts';
import { configMaps } from './types/core.ts';
import { readWatch } from './watch.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function opened(signal = new AbortController().signal) {
  const body = new PassThrough();
  const events: string[] = [];
  let end: string | undefined;
  const open = (ending: AbortSignal): Promise<PassThrough> => {
    ending.addEventListener('abort', () => body.destroy());
    return Promise.resolve(body);
  };
  const ended = readWatch(configMaps, open, {
    signal,
    silenceTimeoutMs: 100,
    onEvent: (event) => events.push(`${event.kind} ${event.resourceVersion}`),
  }).then((result) => (end = result.kind));
  return { body, events, ended, end: () => end };
}

const line = (resourceVersion: string) => `${JSON.stringify({ type: 'ADDED', object: configMap('a', resourceVersion) })}\n`;

test('each event begins the time of silence anew', async () => {
  const { body, events, ended, end } = opened();
  for (const version of ['1', '2', '3']) {
    await settle();
    vi.advanceTimersByTime(60);
    body.write(line(version));
  }
  await settle();
  expect(events).toEqual(['added 1', 'added 2', 'added 3']);
  expect(end()).toBeUndefined();
  vi.advanceTimersByTime(100);
  expect(await ended).toBe('silent');
});

test('events of one chunk are delivered one after the other, empty lines are not events', async () => {
  const { body, events, ended } = opened();
  body.end(`${line('1')}\n\r\n${line('2')}`);
  expect(await ended).toBe('ended');
  expect(events).toEqual(['added 1', 'added 2']);
});

test('nothing after an error event is delivered', async () => {
  const { body, events, ended } = opened();
  body.write(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n${line('2')}`);
  expect(await ended).toBe('gone');
  expect(events).toEqual([]);
});

test('a kind of event that is not known moves the version on', async () => {
  const { body, events, ended } = opened();
  body.end(`${JSON.stringify({ type: 'COMPACTED', object: configMap('a', '9') })}\n`);
  await ended;
  expect(events).toEqual(['bookmark 9']);
});

test.for([
  ['no JSON', '<html>\n'],
  ['not an object', '[1]\n'],
  ['no object', '{"type":"ADDED"}\n'],
  ['no version', '{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n'],
  ['half a line', '{"type":"ADDED"'],
])('a body with %s has failed', async ([, text]) => {
  const { body, ended } = opened();
  body.end(text);
  expect(await ended).toBe('failed');
});

test('an aborted watch says so', async () => {
  const stop = new AbortController();
  const { ended } = opened(stop.signal);
  await settle();
  stop.abort();
  expect(await ended).toBe('aborted');
});
