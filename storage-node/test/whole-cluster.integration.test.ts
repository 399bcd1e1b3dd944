/** The same contract that holds for one process, over a cluster: the operator, three nodes, six shards, and a Service before them. */
import { LocalClusterUnderTest } from '@vectorcluster/e2e/local-cluster-under-test.ts';
import { afterAll, beforeAll } from 'vitest';
import { clientContract } from './contract/client-contract.ts';

let cluster: LocalClusterUnderTest;
let address: string;
beforeAll(async () => {
  cluster = await LocalClusterUnderTest.start();
  address = await cluster.address();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

clientContract(
  () => `http://${address}:6333`,
  () => `http://${address}:6334`,
);
