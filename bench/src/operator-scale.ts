/**
 * The operator over many clusters: a real API server with fake nodes, the operator as a process, one process in the place of all storage
 * nodes. KUBECONFIG names the API server, which is used for nothing else; what was made there is deleted in the end.
 *
 *   node bench/src/operator-scale.ts [--clusters 1000] [--shards 5] [--copies 3] [--changes 300] [--batch 100] [--network 10.231] [--keep]
 *     [--log-level warn] [--operator FILE] [--operator-node-option=--cpu-prof]…
 *
 * FILE is the operator's main module: its sources when left out, or a bundle as an image has it. Pods get loopback addresses, which Kubernetes
 * refuses in EndpointSlices again and again; with `ip route add local 10.231.0.0/16 dev lo` they can be those of `--network 10.231`.
 */
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KubeClient } from '@vectorcluster/kube/client.ts';
import { printFindings } from './finding.ts';
import { measureOperator } from './operator-scale/measure-operator.ts';
import { operatorSources } from './operator-scale/operator-process.ts';
import { StorageNodesProcess } from './operator-scale/storage-nodes-process.ts';
import { openView } from './operator-scale/view.ts';
import { endWorld, makeWorld } from './operator-scale/world.ts';

const { values } = parseArgs({
  options: {
    clusters: { type: 'string', default: '1000' },
    shards: { type: 'string', default: '5' },
    copies: { type: 'string', default: '3' },
    changes: { type: 'string', default: '300' },
    batch: { type: 'string', default: '100' },
    network: { type: 'string' },
    keep: { type: 'boolean', default: false },
    operator: { type: 'string', default: operatorSources },
    'log-level': { type: 'string', default: 'warn' },
    'operator-node-option': { type: 'string', multiple: true, default: [] },
  },
});
if ((process.env['KUBECONFIG'] ?? '') === '') {
  process.stderr.write(
    'KUBECONFIG is not set: this needs a Kubernetes API server with kube-controller-manager, kube-scheduler and kwok beside it\n',
  );
  process.exit(2);
}

/** What V8 allows itself in a container of 512 MiB, which the chart gives the operator, and what its image says of young objects. */
const heapAsInstalled = ['--max-old-space-size=256', '--max-semi-space-size=4'];
/** What its image tells the C library. */
const environmentAsInstalled = { MALLOC_TRIM_THRESHOLD_: '131072' };

const operatorNamespace = 'operator-scale-system';
const scale = {
  clusters: Number(values.clusters),
  nodesPerCluster: 3,
  shardsPerCluster: Number(values.shards),
  copies: Number(values.copies),
};
const start = performance.now();
const log = (text: string): void => void process.stdout.write(`[${((performance.now() - start) / 1000).toFixed(0)} s] ${text}\n`);

using client = await KubeClient.fromEnvironment({ userAgent: 'operator-scale-bench' });
const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort(new Error(signal)));
try {
  await makeWorld(client, scale, { operatorNamespace, network: values.network });
  log('fake nodes are ready');
  await using nodes = await StorageNodesProcess.start();
  await using view = await openView(client, stopping.signal);
  const options = {
    client,
    view,
    nodes,
    scale,
    changes: Number(values.changes),
    batch: Number(values.batch),
    operator: {
      main: resolve(values.operator),
      namespace: operatorNamespace,
      environment: environmentAsInstalled,
      nodeOptions: [...heapAsInstalled, ...values['operator-node-option']],
      logLevel: values['log-level'],
    },
    log,
    signal: stopping.signal,
  };
  printFindings(await measureOperator(options));
} finally {
  process.stdout.write(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}\n`,
  );
  if (!values.keep) await endWorld(client, log);
  log('ended');
}
