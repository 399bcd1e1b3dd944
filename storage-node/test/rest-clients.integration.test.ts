import { afterAll, beforeAll } from 'vitest';
import { restContract } from './contract/rest-contract.ts';
import { startTestServer, type TestServer } from './rest-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

restContract(() => server.url);
