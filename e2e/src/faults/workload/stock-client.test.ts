import { expect, test } from 'vitest';
import { judge } from './stock-client.ts';

const lost = (code: string): Error => Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('lost'), { code }) });

test.for<[string, unknown, string, 'perhaps' | 'no', boolean]>([
  ['a refused connection', lost('ECONNREFUSED'), 'connection refused', 'no', true],
  ['a lost one', lost('ECONNRESET'), 'connection lost (ECONNRESET)', 'perhaps', true],
  [
    '503',
    { status: 503, data: { status: { error: 'shard 17 waits' } } },
    'HTTP 503: {"status":{"error":"shard N waits"}}',
    'perhaps',
    true,
  ],
  ['429', { status: 429, data: {} }, 'HTTP 429: {}', 'no', true],
  ['400', { status: 400, data: {} }, 'HTTP 400: {}', 'no', false],
  ['silence', { name: 'QdrantClientTimeoutError' }, 'no answer in time', 'perhaps', true],
  [
    'silence over gRPC',
    { name: 'ConnectError', code: 1, message: '[canceled] This operation was aborted', cause: { code: 20 } },
    'no answer in time',
    'perhaps',
    true,
  ],
  ['gRPC UNAVAILABLE', { code: 14, message: 'gone' }, 'gRPC 14: gone', 'perhaps', true],
  ['gRPC RESOURCE_EXHAUSTED', { code: 8, message: 'full' }, 'gRPC 8: full', 'no', true],
  ['gRPC INVALID_ARGUMENT', { code: 3, message: 'bad' }, 'gRPC 3: bad', 'perhaps', false],
])('%s', ([, error, reason, tookEffect, again]) => {
  expect(judge(error)).toEqual({ reason, tookEffect, again });
});
