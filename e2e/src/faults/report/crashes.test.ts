import { expect, test } from 'vitest';
import { crashesIn } from './crashes.ts';

test('what was logged as fatal, and what was thrown', () => {
  const log = [
    '{"level":30,"time":"2026-01-02T03:04:05.000Z","msg":"storage node started"}',
    '{"level":60,"time":"2026-01-02T03:04:06.000Z","err":{"message":"entry 68 is missing"},"msg":"cannot go on"}',
    '{"level":60,"time":"2026-01-02T03:04:07.000Z","err":{"message":"ENOSPC: no space left on device"},"msg":"cannot go on"}',
    '{"level":30,"time":"2026-01-0',
    'TypeError: x is not a function',
    '    at somewhere',
    '',
    'Node.js v24.0.0',
  ].join('\n');
  expect(crashesIn('default/a', log)).toEqual([
    { pod: 'default/a', time: '2026-01-02T03:04:06.000Z', because: 'cannot go on: entry 68 is missing' },
    { pod: 'default/a', time: undefined, because: 'TypeError: x is not a function' },
  ]);
});
