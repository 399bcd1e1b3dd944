import { afterAll, beforeAll } from 'vitest';
import { grpcContract } from './contract/grpc-contract.ts';
import { restContract } from './contract/rest-contract.ts';
import { startTestServers, type TestServers } from './test-servers.ts';

let servers: TestServers;
beforeAll(async () => {
  servers = await startTestServers();
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});

restContract(() => servers.url);
grpcContract(() => servers.grpcUrl);
