/** The measurement from the first VectorCluster to the second operator, as findings. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '@vectorcluster/kube/client.ts';
import { distribution } from '../distribution.ts';
import type { Finding } from '../finding.ts';
import { quantile } from '../quantile.ts';
import { apiCalls, type ApiCalls, type Between } from './api-calls.ts';
import { changeToStatus } from './change-to-status.ts';
import { OperatorProcess, type OperatorProcessOptions } from './operator-process.ts';
import { populate } from './populate.ts';
import { histogramQuantile, sumOf } from './prometheus-text.ts';
import type { Scale } from './scale.ts';
import type { StorageNodesProcess } from './storage-nodes-process.ts';
import type { View } from './view.ts';

export interface MeasureOptions {
  readonly client: KubeClient;
  readonly view: View;
  readonly nodes: StorageNodesProcess;
  readonly scale: Scale;
  readonly changes: number;
  /** Clusters that are asked for at once. */
  readonly batch: number;
  readonly operator: OperatorProcessOptions;
  readonly log: (text: string) => void;
  /** Ends it early, with its reason. */
  readonly signal: AbortSignal;
}

const quietWithinMs = 90_000;
const idleMs = 15_000;
const goals = { residentMiB: 256, p50Ms: 10, p99Ms: 50 };

export async function measureOperator(options: MeasureOptions): Promise<readonly Finding[]> {
  const grown = await firstOperator(options);
  return [...grown, ...(await secondOperator(options))];
}

async function firstOperator(options: MeasureOptions): Promise<readonly Finding[]> {
  await using operator = await OperatorProcess.start(options.operator);
  const signal = AbortSignal.any([options.signal, operator.failed]);
  return await measureFirst({ ...options, signal }, operator);
}

async function measureFirst(
  { client, view, nodes, scale, changes, batch, log, signal }: MeasureOptions,
  operator: OperatorProcess,
): Promise<readonly Finding[]> {
  const empty = await operator.metrics();
  const cpuAtFirst = await operator.cpuSeconds();
  const { batchesMs } = await populate({ client, view, scale, batch, log, signal });
  const cpuToReady = (await operator.cpuSeconds()) - cpuAtFirst;
  // Since it was asked last, which was before the first cluster.
  const pauseMs = sumOf(await operator.metrics(), 'nodejs_eventloop_lag_max_seconds') * 1000;
  const full = await operator.untilQuiet(quietWithinMs);
  const reporting = sumOf(full, 'vectorcluster_operator_nodes_reporting');
  log(`all is ready and quiet; ${reporting} storage nodes report`);
  const idle = await idleCpu(operator, nodes);
  log(`idle: operator ${idle.operator.toFixed(1)} % of a core, all storage nodes ${idle.nodes.toFixed(1)} %`);
  const before = await operator.metrics();
  const { answersMs, plainMs } = await changeToStatus({ client, view, scale, changes, signal });
  const after = await operator.untilQuiet(quietWithinMs);
  log(`plain patch until seen: ${distribution(plainMs)}`);
  log(`change seen until status seen: ${distribution(answersMs)}`);
  const growing = { before: empty, after: full };
  const changing = { before, after };
  const calls = apiCalls(changing);
  log(`calls while growing: ${told(apiCalls(growing))}`);
  log(`calls while ${changes} changes: ${told(calls)}`);
  const resident = await operator.residentMiB();
  const beyond = (share: number) => quantile(answersMs, share) - quantile(plainMs, share);
  return [
    finding(
      `${scale.clusters} clusters and their ${scale.clusters * scale.shardsPerCluster} shards Ready`,
      '',
      seconds(batchesMs.reduce((sum, ms) => sum + ms, 0)),
    ),
    finding(`… of them the first and the last ${batch}`, '', `${seconds(batchesMs.at(0) ?? 0)}, ${seconds(batchesMs.at(-1) ?? 0)}`),
    finding('operator CPU until then', '', `${cpuToReady.toFixed(1)} s`),
    finding('API calls until then', '', `${apiCalls(growing).writes} writes, ${apiCalls(growing).reads} reads`),
    finding('reconcile p99 until then', '', ms(reconcileP99(growing))),
    finding('operator, longest time without a look at its sockets', '', ms(pauseMs)),
    finding(
      'storage nodes reporting',
      String(scale.clusters * scale.nodesPerCluster),
      String(reporting),
      reporting === scale.clusters * scale.nodesPerCluster,
    ),
    finding('operator CPU, idle', '', `${idle.operator.toFixed(1)} % of a core`),
    finding('change → status beyond API latency, p50', `≤ ${goals.p50Ms} ms`, ms(beyond(0.5)), beyond(0.5) <= goals.p50Ms, changes),
    finding('change → status beyond API latency, p99', `≤ ${goals.p99Ms} ms`, ms(beyond(0.99)), beyond(0.99) <= goals.p99Ms, changes),
    finding('reconcile p99 while changing', '', ms(reconcileP99(changing)), undefined, changes),
    finding(
      'API calls per change',
      '',
      `${(calls.writes / changes).toFixed(2)} writes, ${(calls.reads / changes).toFixed(2)} reads`,
      undefined,
      changes,
    ),
    finding('operator RSS, then', `≤ ${goals.residentMiB} MiB`, `${resident.now.toFixed(0)} MiB`, resident.now <= goals.residentMiB),
    finding('operator RSS, highest', `≤ ${goals.residentMiB} MiB`, `${resident.peak.toFixed(0)} MiB`, resident.peak <= goals.residentMiB),
  ];
}

/** A process that knows nothing lists everything and looks at every object. */
async function secondOperator({ scale, operator: how, log }: MeasureOptions): Promise<readonly Finding[]> {
  const start = performance.now();
  await using operator = await OperatorProcess.start(how);
  const leadsMs = performance.now() - start;
  const after = await operator.untilQuiet(quietWithinMs);
  const calls = apiCalls({ before: [], after });
  const reconciles = sumOf(after, 'vectorcluster_queue_run_seconds_count');
  const resident = await operator.residentMiB();
  log(`calls of the second operator: ${told(calls)}`);
  const over = `${scale.clusters} clusters unchanged, an operator starts`;
  return [
    finding(`${over}: leads after`, '', seconds(leadsMs)),
    finding(`${over}: writes`, '0', `${calls.writes} (${reconciles} reconciles)`, calls.writes === 0),
    finding(`${over}: CPU`, '', `${(await operator.cpuSeconds()).toFixed(1)} s`),
    finding(`${over}: RSS, highest`, `≤ ${goals.residentMiB} MiB`, `${resident.peak.toFixed(0)} MiB`, resident.peak <= goals.residentMiB),
  ];
}

async function idleCpu(operator: OperatorProcess, nodes: StorageNodesProcess) {
  const cpu = () => Promise.all([operator.cpuSeconds(), nodes.cpuSeconds()]);
  const [before, start] = [await cpu(), performance.now()];
  await sleep(idleMs);
  const after = await cpu();
  const percent = (index: 0 | 1) => ((after[index] - before[index]) / (performance.now() - start)) * 100_000;
  return { operator: percent(0), nodes: percent(1) };
}

function reconcileP99(between: Between): number {
  return histogramQuantile(between, { name: 'vectorcluster_queue_run_seconds', share: 0.99 }) * 1000;
}

function told({ writes, reads, kinds }: ApiCalls): string {
  return `${writes} writes, ${reads} reads: ${kinds.join(', ')}`;
}

function finding(what: string, goal: string, seen: string, met?: boolean, runs = 1): Finding {
  return { what, goal, seen, runs, met };
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(1)} s`;
}
