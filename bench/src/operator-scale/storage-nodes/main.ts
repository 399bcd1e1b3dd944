/**
 * In the place of all storage nodes and of whoever makes volumes, one process: `node main.ts`, with KUBECONFIG. It says `ready` on its
 * standard output when its watches are up, and runs until SIGTERM.
 */
import { labels } from '@vectorcluster/crds/labels.ts';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { Informer } from '@vectorcluster/kube/informer.ts';
import { persistentVolumeClaims, pods } from '@vectorcluster/kube/types/core.ts';
import { vectorShards } from '@vectorcluster/kube/types/vectorcluster.ts';
import { PlayedNodes } from './played-nodes.ts';
import { Registrations } from './registrations.ts';
import { Volumes } from './volumes.ts';

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());

using client = await KubeClient.fromEnvironment({ userAgent: 'operator-scale-storage-nodes' });
const podCache = new Informer(client, pods, { labelSelector: labels.cluster });
const shardCache = new Informer(client, vectorShards);
const claimCache = new Informer(client, persistentVolumeClaims, { labelSelector: labels.cluster });
const volumes = new Volumes(client);
const registrations = new Registrations({ client, onFailure: complain });
await using played = new PlayedNodes({ onStarted: (node) => registrations.started(node), onFailure: complain });

podCache.onChange(({ kind, object }) => (kind === 'deleted' ? played.gone(object) : played.seen(object)));
shardCache.onChange(({ kind, object }) => (kind === 'deleted' ? registrations.gone(object) : registrations.seen(object)));
claimCache.onChange(({ kind, object }) => {
  if (kind !== 'deleted') volumes.provide(object).catch(complain);
});
const caches = [podCache, shardCache, claimCache];
for (const cache of caches) cache.start(stopping.signal);
await Promise.all(caches.map((cache) => cache.synced()));
process.stdout.write('ready\n');
await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
await Promise.all(caches.map((cache) => cache[Symbol.asyncDispose]()));

function complain(error: unknown): void {
  if (!stopping.signal.aborted) process.stderr.write(`storage nodes: ${String(error)}\n`);
}
