import { expect, test } from 'vitest';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { WorkQueue } from '@vectorcluster/kube/work-queue.ts';
import { createCaches } from './caches.ts';
import { watchNodesOfClusters } from './cluster-watches.ts';
import type { SightChange } from './sight-source.ts';

const unreachable = `
apiVersion: v1
kind: Config
current-context: none
contexts: [{ name: none, context: { cluster: none, user: none } }]
clusters: [{ name: none, cluster: { server: 'http://127.0.0.1:1' } }]
users: [{ name: none, user: {} }]
`;

const atOnce = (callback: () => void) => (callback(), () => {});

test.for<[string, readonly string[] | undefined, readonly string[]]>([
  ['a node that is seen again or no more wakes who waits for it', undefined, ['default/shop']],
  ['what a node says of its shards does not', ['shard'], []],
])('%s', async ([, shards, woken]) => {
  using client = KubeClient.fromKubeconfig(unreachable);
  const listeners: ((change: SightChange) => void)[] = [];
  const sights = { of: () => new Map(), onChange: (listener: (change: SightChange) => void) => (listeners.push(listener), () => {}) };
  const queue = new WorkQueue({ concurrency: 1, schedule: atOnce });
  watchNodesOfClusters({ caches: createCaches(client, { namespace: undefined }), sights }, queue);
  for (const listener of listeners) listener({ namespace: 'default', cluster: 'shop', node: 'n0', shards });
  queue.add('last');
  const keys: string[] = [];
  const stop = new AbortController();
  await queue.run(async (key) => {
    if (key === 'last') stop.abort();
    else keys.push(key);
  }, stop.signal);
  expect(keys).toEqual(woken);
});
