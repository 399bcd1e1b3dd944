import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { identityMetadata, type ClusterIdentity } from '@vectorcluster/proto/cluster-identity.ts';
import { ReportService, type WatchResponse } from '@vectorcluster/proto/gen/vectorcluster/peer/v1/report_pb.ts';
import { callServerStream } from '@vectorcluster/proto/grpc-client.ts';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asReported, ReportReader } from '../../test/report-reader.ts';
import { ReportingNode } from '../../test/reporting-node.ts';
import { startPeerServer } from '../peer/peer-server.ts';
import { UnknownShardError } from '../peer/encoding/refusal.ts';
import { createReportMetrics } from './metrics.ts';
import { createReports } from './reports.ts';

const identity = { namespace: 'default', cluster: 'shop' };
const eventually = { timeout: 15_000, interval: 10 };

let cleanup: AsyncDisposableStack;
beforeEach(() => void (cleanup = new AsyncDisposableStack()));
afterEach(async () => await cleanup.disposeAsync());

async function serve(source: ReportingNode) {
  const registry = new Registry();
  const reports = createReports({ source, identity, metrics: createReportMetrics(registry) });
  const server = await startPeerServer({
    host: '127.0.0.1',
    port: 0,
    identity,
    shard: (uid) => {
      throw new UnknownShardError(uid);
    },
    observe: async () => await Promise.resolve(),
    services: [reports.service],
    drainTimeoutMs: 5_000,
    onBug: () => {},
  });
  let closing: Promise<void> | undefined;
  const close = async () => {
    reports[Symbol.dispose]();
    closing ??= server.close();
    await closing;
  };
  cleanup.defer(close);
  const sent = async () => (await registry.getSingleMetric('vectorcluster_reports_sent_total')?.get())?.values[0]?.value ?? 0;
  const readers = async () => (await registry.getSingleMetric('vectorcluster_report_readers')?.get())?.values[0]?.value;
  return { port: server.port, close, sent, readers };
}

function watch(port: number, as: ClusterIdentity = identity) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  cleanup.defer(() => client.close());
  const call = callServerStream(client, ReportService.method.watch, {}, { metadata: identityMetadata(as) });
  const reader = new ReportReader();
  const ended = Promise.withResolvers<ServiceError>();
  call.on('data', (report: WatchResponse) => reader.read(report));
  call.on('error', ended.resolve);
  return { call, reader, ended: ended.promise };
}

test('a reader hears everything, then what matters at once, and heartbeats', async () => {
  const node = new ReportingNode();
  node.set('a');
  node.set('b', { because: 'it has not heard its primary', serves: false });
  const { port } = await serve(node);
  const { reader } = watch(port);
  await expect.poll(() => reader.reports.length, eventually).toBe(1);
  node.set('a', { role: 'leading', epoch: 2n, points: 12 });
  node.drop('b');
  await expect.poll(() => reader.reports.length, eventually).toBe(2);
  expect([...reader.replicas.values()]).toEqual(Array.from(node.replicas(), asReported));
  await expect.poll(() => reader.reports.length, eventually).toBeGreaterThan(3);
});

test('a reader that takes nothing for a while gets the newest state, not the history', async () => {
  const node = new ReportingNode();
  const { port, sent } = await serve(node);
  const { call, reader } = watch(port);
  await expect.poll(() => reader.reports.length, eventually).toBe(1);
  call.pause();
  const rounds = await sendMuch(node);
  const sentWhilePaused = await sent();
  expect(sentWhilePaused).toBeLessThan(rounds / 2);
  call.resume();
  await expect.poll(() => reader.replicas.get('r499')?.epoch, eventually).toBe(BigInt(rounds));
  expect([...reader.replicas.values()]).toEqual(Array.from(node.replicas(), asReported));
  expect(reader.reports.length).toBeLessThan(sentWhilePaused + 5);
});

test('a new stream begins anew', async () => {
  const node = new ReportingNode();
  node.set('a');
  const { port, readers } = await serve(node);
  const first = watch(port);
  await expect.poll(() => first.reader.reports.length, eventually).toBeGreaterThan(0);
  first.call.cancel();
  expect((await first.ended).code).toBe(status.CANCELLED);
  await expect.poll(readers, eventually).toBe(0);
  node.set('a', { applied: 5n });
  const second = watch(port);
  await expect.poll(() => second.reader.replicas.get('a')?.applied, eventually).toBe(5n);
});

test('operators of other clusters are refused', async () => {
  const { port } = await serve(new ReportingNode());
  const error = await watch(port, { namespace: 'default', cluster: 'other' }).ended;
  expect([error.code, error.details]).toEqual([
    status.FAILED_PRECONDITION,
    'this node belongs to cluster default/shop, the call is for default/other',
  ]);
});

test('more readers than operators there can be are refused', async () => {
  const { port, readers } = await serve(new ReportingNode());
  const watchers = Array.from({ length: 8 }, () => watch(port));
  await expect.poll(() => watchers.every(({ reader }) => reader.reports.length > 0), eventually).toBe(true);
  expect((await watch(port).ended).code).toBe(status.RESOURCE_EXHAUSTED);
  watchers[0]?.call.cancel();
  await expect.poll(readers, eventually).toBe(7);
  const { reader } = watch(port);
  await expect.poll(() => reader.reports.length, eventually).toBeGreaterThan(0);
});

test('a node that stops ends its streams and does not wait for readers', async () => {
  const { port, close } = await serve(new ReportingNode());
  const { reader, ended } = watch(port);
  await expect.poll(() => reader.reports.length, eventually).toBe(1);
  await close();
  expect((await ended).code).toBe(status.UNAVAILABLE);
});

test('not even for one that takes nothing', async () => {
  const node = new ReportingNode();
  const { port, close, sent } = await serve(node);
  const { call, reader } = watch(port);
  await expect.poll(() => reader.reports.length, eventually).toBe(1);
  call.pause();
  expect(await sendMuch(node)).toBeGreaterThan(await sent());
  await close();
});

const because = 'x'.repeat(2000);

/** Each round changes a megabyte: what fits into windows and buffers is full after a few. Returns the number of rounds. */
async function sendMuch(node: ReportingNode): Promise<number> {
  const rounds = 60;
  for (let round = 1; round <= rounds; round += 1) {
    for (let i = 0; i < 500; i += 1) node.set(`r${i}`, { because, epoch: BigInt(round) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rounds;
}
