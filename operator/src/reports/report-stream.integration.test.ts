import { once } from 'node:events';
import { constants, createServer } from 'node:http2';
import { expect, test } from 'vitest';
import { readReports } from './report-stream.ts';

test.for([
  ['ends without a word', constants.NGHTTP2_NO_ERROR],
  ['breaks', constants.NGHTTP2_INTERNAL_ERROR],
] as const)('a stream that %s is closed: its node may be gone', async ([, code]) => {
  const dying = createServer().listen(0, '127.0.0.1');
  dying.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.on('error', () => {}).close(code);
  });
  await once(dying, 'listening');
  const address = dying.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const identity = { namespace: 'default', cluster: 'shop' };
  const options = { address: '127.0.0.1', port, identity, onReport: () => {}, silenceMs: 60_000 };
  expect(await readReports(options, new AbortController().signal)).toMatchObject({ kind: 'closed' });
  dying.close();
});
