import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const preload = new URL('pod-source-address.ts', import.meta.url).href;

test.for([
  ['net.connect', `require('node:net').connect({ host, port })`],
  ['net.connect with positions', `require('node:net').connect(port, host)`],
  ['fetch', `fetch('http://' + host + ':' + port).catch(() => {})`],
  ['http2', `require('node:http2').connect('http://' + host + ':' + port).on('error', () => {})`],
])('%s comes from the address of the Pod', async ([, program = '']) => {
  const arrived = Promise.withResolvers<string | undefined>();
  const server = createServer((socket) => {
    arrived.resolve(socket.remoteAddress);
    socket.resetAndDestroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const script = `process.on('uncaughtException', () => {}); const host = '127.0.0.1', port = ${port}; ${program}`;
    const env = { ...process.env, LISTEN_HOST: '127.1.2.3' };
    await promisify(execFile)(process.execPath, ['--import', preload, '--eval', script], { env });
    expect(await arrived.promise).toBe('127.1.2.3');
  } finally {
    server.close();
  }
});
