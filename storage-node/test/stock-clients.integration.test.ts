import { afterAll, beforeAll } from 'vitest';
import { clientContract } from './contract/client-contract.ts';
import { startTestServers, type TestServers } from './test-servers.ts';

let servers: TestServers;
beforeAll(async () => {
  servers = await startTestServers();
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});

clientContract(
  () => servers.url,
  () => servers.grpcUrl,
);
