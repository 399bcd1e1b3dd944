/** Every metric and label that the dashboard asks for is one that a process really gives. */
import { createMetrics } from '@vectorcluster/operator/metrics.ts';
import { createNodeMetrics } from '@vectorcluster/storage-node/metrics.ts';
import { createLinkMetrics } from '@vectorcluster/storage-node/peer/link/metrics.ts';
import { createRequestMetrics } from '@vectorcluster/storage-node/rpc/metrics.ts';
import { createSnapshotMetrics } from '@vectorcluster/storage-node/snapshot/metrics.ts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { expressions } from '../src/dashboard.ts';

const metric = z.object({ name: z.string(), labelNames: z.array(z.string()).default([]) });

function given(): ReadonlyMap<string, readonly string[]> {
  const node = createNodeMetrics();
  node.sizeIs(() => Promise.reject(new Error('nobody asks')));
  createRequestMetrics(node.registry);
  createLinkMetrics(node.registry);
  createSnapshotMetrics(node.registry);
  const registries = [node.registry, createMetrics().registry];
  const metrics = z.array(metric).parse(registries.flatMap((registry) => registry.getMetricsAsArray()));
  return new Map(metrics.map(({ name, labelNames }) => [name, labelNames]));
}

/** Labels that Prometheus adds: of the target, and of Pods by the chart's PodMonitor. */
const ofTargets = ['namespace', 'pod', 'container', 'vectorcluster_io_cluster', 'le'];
const metrics = given();

test.for(expressions().map((expression) => [expression] as const))('%s', ([expression]) => {
  const named = expression.match(/\b(?:vectorcluster|nodejs|process)_\w+(?=\{)/g) ?? [];
  const known = named.map((name) => metrics.get(name) ?? metrics.get(name.replace(/_(bucket|count|sum)$/, '')));
  expect(named).not.toEqual([]);
  expect(known).not.toContain(undefined);
  const grouped = [...expression.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', '));
  const selected = [...expression.matchAll(/\b(\w+)=~?"/g)].map(([, label = '']) => label);
  expect([...ofTargets, ...known.flatMap((labels) => labels ?? [])]).toEqual(expect.arrayContaining([...grouped, ...selected]));
});
