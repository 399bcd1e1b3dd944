/** A cluster seen from outside: traces of a client's request across operator and nodes, and metrics that Prometheus can read. */
import { pods } from '@vectorcluster/kube/types/core.ts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LocalClusterUnderTest, namespace } from '../src/local-cluster-under-test.ts';
import { problemsOf } from '../src/prometheus-text.ts';
import { TraceReceiver } from '../src/trace-receiver.ts';

const clientTrace = '0af7651916cd43dd8448eb211c80319c';
const clientSpan = 'b7ad6b7169203331';

test('OTEL_EXPORTER_OTLP_ENDPOINT turns on traces, and /metrics is strict', async () => {
  await using receiver = await TraceReceiver.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.endpoint);
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json');
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '200');
  onTestFinished(() => void vi.unstubAllEnvs());
  await using cluster = await LocalClusterUnderTest.start();

  const url = await cluster.url();
  const send = async (method: string, path: string, value: unknown): Promise<void> => {
    const headers = { 'content-type': 'application/json', traceparent: `00-${clientTrace}-${clientSpan}-01` };
    const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(value) });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('"status":"ok"')]);
  };
  // One copy: what is on another node has to be asked there.
  await send('PUT', '/collections/c', { vectors: { size: 4, distance: 'Dot' }, shard_number: 6, replication_factor: 1 });
  const points = Array.from({ length: 30 }, (_, id) => ({ id, vector: [id, 1, 0, 0] }));
  await send('PUT', '/collections/c/points?wait=true', { points });
  await send('POST', '/collections/c/points/query', { query: [1, 0, 0, 0], limit: 3 });

  const nodeNames = (await cluster.kube.list(pods, { namespace })).items.map((pod) => pod.metadata.name);
  expect(nodeNames).toHaveLength(3);
  await expect.poll(() => new Set(receiver.spans.map((span) => span.instance)).size, { timeout: 20_000 }).toBe(4);
  const spansOfClient = () => receiver.spans.filter((span) => span.traceId === clientTrace);
  const calls = () =>
    spansOfClient()
      .filter((span) => span.parentSpanId === clientSpan)
      .map((span) => span.name);
  await expect.poll(() => receiver.spans.map((span) => span.name), { timeout: 20_000 }).toContain('peer.search');
  await expect.poll(() => calls().toSorted(), { timeout: 20_000 }).toEqual(['create collection', 'query points', 'upsert points']);
  const ofClient = spansOfClient();
  // Each span of another node has its parent on the node that called it.
  const bySpanId = new Map(ofClient.map((span) => [span.spanId, span]));
  const peers = ofClient.filter((span) => span.name.startsWith('peer.'));
  expect(new Set(peers.map((span) => span.name))).toEqual(new Set(['peer.search', 'peer.write']));
  expect(peers.filter((span) => bySpanId.get(span.parentSpanId ?? '')?.instance === span.instance)).toEqual([]);
  const ofOperator = receiver.spans.filter((span) => span.service === 'vectorcluster-operator').map((span) => span.name);
  expect(ofOperator).toEqual(expect.arrayContaining(['reconcile cluster', 'create-pod', 'create-shard']));

  const all = (await cluster.kube.list(pods)).items;
  for (const pod of all) {
    const port = pod.metadata.namespace === namespace ? 9090 : 9091;
    const text = await (await fetch(`http://${pod.status?.podIP}:${port}/metrics`)).text();
    expect({ pod: pod.metadata.name, problems: problemsOf(text) }).toEqual({ pod: pod.metadata.name, problems: [] });
    expect(text).toMatch(port === 9090 ? /^vectorcluster_shards 2$/m : /^vectorcluster_operator_leading 1$/m);
  }
});
