import { ReplicaRole } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { createServer } from 'node:net';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PlayedNode, playedReplica, type PlayedNodeOptions } from '../../test/reports/played-node.ts';
import { PodList, storagePodObject } from '../../test/reports/pod-list.ts';
import { SwallowingProxy } from '../../test/reports/swallowing-proxy.ts';
import type { SightChange } from '../controllers/sight-source.ts';
import { createLogger } from '../logger.ts';
import { reachOf } from '../plan/node-sights.ts';
import { createReportMetrics } from './metrics.ts';
import { NodeReports } from './node-reports.ts';

const identity = { namespace: 'default', cluster: 'shop' };
const name = 'shop-data-0';
const eventually = { timeout: 15_000, interval: 10 };

let cleanup: AsyncDisposableStack;
beforeEach(() => void (cleanup = new AsyncDisposableStack()));
afterEach(async () => await cleanup.disposeAsync());

const startNode = async (options: Partial<PlayedNodeOptions> = {}) =>
  cleanup.use(await PlayedNode.start({ identity, node: name, podUid: 'uid-0', ...options }));

async function follow(port: number, pods = new PodList()) {
  const registry = new Registry();
  const changes: SightChange[] = [];
  const options = { pods, port, log: createLogger('silent'), metrics: createReportMetrics(registry), now: () => performance.now() };
  const reports = cleanup.use(new NodeReports(options));
  reports.onChange((change) => changes.push(change));
  const sight = () => reports.of('default', 'shop').get(name);
  const reach = () => {
    const seen = sight();
    return seen === undefined ? 'unknown' : reachOf(seen).kind;
  };
  /** Sum over all label values. */
  const metric = async (of: string, labels: Readonly<Record<string, string>> = {}) => {
    const found = await registry.getSingleMetric(`vectorcluster_operator_${of}`)?.get();
    const values = found?.values.filter((value) => Object.entries(labels).every(([key, wanted]) => value.labels[key] === wanted)) ?? [];
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  return { reports, pods, changes, sight, reach, metric };
}

test('a node is heard, all of it and then what changes, and shards are told', async () => {
  const node = await startNode({ first: { replicas: [playedReplica('s1'), playedReplica('s2')] } });
  const { pods, changes, reach, sight, metric } = await follow(node.port);
  pods.put(storagePodObject(name, 'uid-0', undefined));
  expect(reach()).toBe('unknown');
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(reach, eventually).toBe('yes');
  expect(node.requests).toMatchObject([{ keepAliveMs: 1000 }]);
  expect(changes).toEqual([{ ...identity, node: name, shards: undefined }]);
  expect([...(sight()?.replicas.keys() ?? [])]).toEqual(['replica of s1', 'replica of s2']);

  changes.length = 0;
  node.report({ replicas: [playedReplica('s1', { applied: 5n })] });
  node.report({ replicas: [playedReplica('s2', { role: ReplicaRole.LEADING, epoch: 2n })] });
  await expect.poll(() => changes, eventually).toEqual([{ ...identity, node: name, shards: ['s2'] }]);
  expect(sight()?.replicas.get('replica of s1')?.applied).toBe(5n);
  expect(await metric('nodes_reporting')).toBe(1);
  expect(await metric('reports_received_total')).toBeGreaterThanOrEqual(3);
});

test('a node that is killed is doubted at once, missed 400 ms later, and welcome when it is back', async () => {
  const node = await startNode();
  const { pods, changes, reach, metric } = await follow(node.port);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(reach, eventually).toBe('yes');

  const said: string[] = [];
  changes.length = 0;
  node.kill();
  await expect.poll(() => said.push(reach()) > 0 && reach(), eventually).toBe('missed');
  expect(new Set(said)).toContain('doubtful');
  // Told twice: when it closed, and when it had been away long enough.
  await expect.poll(() => changes, eventually).toHaveLength(2);

  await startNode({ port: node.port, first: { replicas: [playedReplica('s1')] } });
  await expect.poll(reach, eventually).toBe('yes');
  await expect.poll(() => changes, eventually).toHaveLength(3);
  expect(await metric('report_streams_ended_total', { ending: 'closed' })).toBeGreaterThan(1);
});

test('a node that nothing comes from is silent, then missed, and dialled anew', async () => {
  const node = await startNode();
  const proxy = cleanup.use(await SwallowingProxy.to('127.0.0.1', node.port));
  const { pods, changes, reach, sight } = await follow(proxy.port);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(reach, eventually).toBe('yes');
  changes.length = 0;
  proxy.isSwallowing = true;
  await expect.poll(() => sight()?.silentMs, eventually).toBeGreaterThan(2000);
  expect(sight()?.isConnected).toBe(true);
  await expect.poll(() => changes.length, eventually).toBe(1);
  // Told by silence alone: the connection is not given up yet.
  expect([reach(), sight()?.isConnected]).toEqual(['missed', true]);
  await expect.poll(() => sight()?.isConnected, eventually).toBe(false);
  proxy.isSwallowing = false;
  await expect.poll(reach, eventually).toBe('yes');
});

test('a stream stays open as long as heartbeats come', async () => {
  const node = await startNode();
  const { pods, changes, metric } = await follow(node.port);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  // Six seconds, longer than any silence that is borne.
  await expect.poll(() => metric('reports_received_total'), eventually).toBe(13);
  expect(await metric('report_streams_ended_total')).toBe(0);
  expect(changes).toHaveLength(1);
});

test('what a node says of a peer wakes its shards when the peer is missed by it', async () => {
  const node = await startNode();
  const { pods, changes, sight } = await follow(node.port);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(() => changes.length, eventually).toBe(1);
  const peers = [{ node: 'shop-data-1', connected: true, silentMs: 10n }];
  node.report({ peers });
  await expect.poll(() => sight()?.peers.size, eventually).toBe(1);
  changes.length = 0;
  node.report({ peers: [{ node: 'shop-data-1', connected: false, silentMs: 10n, closedForMs: 0n }] });
  const peer = () => {
    const contact = sight()?.peers.get('shop-data-1');
    return contact && reachOf(contact).kind;
  };
  await expect.poll(peer, eventually).toBe('doubtful');
  expect(changes).toHaveLength(1);
  await expect.poll(() => changes.length, eventually).toBe(2);
  expect(peer()).toBe('missed');
});

test.for<[string, Partial<PlayedNodeOptions>, string]>([
  ['a version without reports', { isOld: true }, 'mute'],
  ['a node of another cluster', { identity: { namespace: 'default', cluster: 'other' } }, 'foreign'],
  ['another Pod of this cluster', { podUid: 'uid-9' }, 'foreign'],
  ['nonsense in a report', { first: { replicas: [{ shard: '', replicaId: '' }] } }, 'mute'],
])('%s at the address is counted and never missed', async ([, options, ending]) => {
  const node = await startNode(options);
  const { pods, changes, reach, metric } = await follow(node.port);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(() => metric('report_streams_ended_total', { ending }), eventually).toBeGreaterThan(3);
  expect(await metric('report_streams_ended_total')).toBe(await metric('report_streams_ended_total', { ending }));
  expect(reach()).toBe('unknown');
  expect(changes).toEqual([]);
  node.kill();
  await expect.poll(reach, eventually).toBe('missed');
});

test('a program that speaks no HTTP/2 is nobody of ours', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).end('220 mail.example.org\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => void server.close());
  const address = server.address();
  const { pods, reach } = await follow(typeof address === 'object' && address !== null ? address.port : 0);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(reach, eventually).toBe('missed');
});

test('an operator that begins while a node is silent misses it as well', async () => {
  const node = await startNode();
  const proxy = cleanup.use(await SwallowingProxy.to('127.0.0.1', node.port));
  proxy.isSwallowing = true;
  const { pods, changes, reach, metric } = await follow(proxy.port);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(reach, eventually).toBe('missed');
  await expect.poll(() => changes, eventually).toHaveLength(1);
  expect(await metric('report_streams_ended_total')).toBe(0);
});

test('a Pod that is gone, or another of its name, is forgotten', async () => {
  const node = await startNode({ first: { replicas: [playedReplica('s1')] } });
  const { pods, changes, reach, sight } = await follow(node.port);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(reach, eventually).toBe('yes');
  pods.put(storagePodObject(name, 'uid-1', undefined));
  expect(sight()).toBeUndefined();
  await expect.poll(() => node.readers, eventually).toBe(0);
  pods.put(storagePodObject(name, 'uid-0', '127.0.0.1'));
  await expect.poll(reach, eventually).toBe('yes');
  changes.length = 0;
  pods.remove(name);
  expect(changes).toEqual([{ ...identity, node: name, shards: undefined }]);
  expect(sight()).toBeUndefined();
});
