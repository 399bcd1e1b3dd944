/** One run: a local cluster of its own, clients that write and read all the time, faults by a plan, and what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus';
import { LocalClusterUnderTest, namespace } from '../local-cluster-under-test.ts';
import { untilServing } from '../serving.ts';
import type { Violation } from './checker/violation.ts';
import { ClusterView } from './cluster-view.ts';
import { Disturbances } from './disturbances.ts';
import { faultKinds, tellFault, type FaultKind } from './fault.ts';
import { finalReads, type FinalState } from './final-reads.ts';
import { Campaign, until } from './campaign.ts';
import { Injector } from './injector/injector.ts';
import { prepareMachine } from './injector/machine.ts';
import { planFaults } from './plan.ts';
import { crashesIn } from './report/crashes.ts';
import { reportOn, type Report } from './report/report.ts';
import { RequestLog } from './report/request-log.ts';
import { shardLookup } from './shard-lookup.ts';
import { inSeconds } from './tell-time.ts';
import { connect } from './workload/connections.ts';
import { collection, dimension } from './workload/points.ts';
import { startWorkload } from './workload/workload.ts';

export interface RunOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly copies: number;
  readonly shards: number;
  /** Only these kinds of faults; undefined: all that this machine can do. */
  readonly only?: ReadonlySet<FaultKind> | undefined;
  /** Where logs of all processes are kept. */
  readonly logFolder: string;
  /** A word about what happens, as it happens. */
  readonly onLine: (text: string) => void;
  /** Ends the faults early; what was done is checked all the same. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

/** What docs/consistency.md says of a cut network, 4 s, and what the harness may be late itself on a busy machine. */
const staleMs = 4500;
const warmUpMs = 3000;
const healWithinMs = 120_000;

export async function runFaults(options: RunOptions): Promise<Report> {
  const { onLine } = options;
  const startedMs = performance.now();
  const now = (): number => performance.now() - startedMs;
  const generator = xorshift128plus(options.seed + 1);
  const random = (): number => uniformFloat64(generator);

  await using cluster = await LocalClusterUnderTest.start();
  await using kept = new AsyncDisposableStack();
  kept.defer(() => cluster.keepLogs(options.logFolder));
  await using machine = await prepareMachine(cluster);
  machine.leftOut.forEach((what) => onLine(`left out: ${what}`));
  await using view = new ClusterView(cluster.kube, namespace, now);
  await view.synced();
  const connections = connect(await cluster.address(), view.nodes());
  const { client } = connections.service;
  await client.createCollection(collection, {
    vectors: { size: dimension, distance: 'Euclid' },
    shard_number: options.shards,
    replication_factor: options.copies,
  });
  await untilServing(client, collection);
  if (!(await until(() => view.settled(options.copies), healWithinMs)))
    throw new Error('the new collection never had all its copies in sync');
  const shardOf = await shardLookup(view.shards());

  const without = new Set([...machine.without, ...faultKinds.filter((kind) => options.only && !options.only.has(kind))]);
  const plan = planFaults({ ...options, without });
  onLine(`SEED=${options.seed}: ${plan.length} faults planned`);
  plan.forEach(({ fault, settled }, index) => onLine(`  ${index + 1}. ${settled ? '' : 'at once: '}${tellFault(fault)}`));

  const log = new RequestLog(now);
  const disturbances = new Disturbances();
  const violations: Violation[] = [];
  const onViolations = (found: readonly Violation[]): void => {
    for (const violation of found) onLine(`${inSeconds(violation.atMs)} s VIOLATION: ${violation.kind}: ${violation.story.at(-1)}`);
    violations.push(...found);
  };
  const stop = new AbortController();
  const enough = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const checks = { staleMs, calm: (fromMs: number, toMs: number) => disturbances.calm(fromMs, toMs) };
  const shards = view.shards().map((shard) => shard.metadata.name);
  const workload = startWorkload({ connections, counter: log, random, checks, shards, shardOf, signal: stop.signal, onViolations });
  const campaign = new Campaign({
    injector: new Injector({ cluster, view, ...machine }),
    view,
    copies: options.copies,
    probes: workload.probes,
    disturbances,
    now,
    onLine,
    signal: enough,
  });
  let notHealed: string | undefined;
  let final: FinalState | undefined;
  try {
    await sleep(warmUpMs);
    await campaign.run(plan, options.minutes, () => {
      options.onProgress?.(
        `${inSeconds(now())} s  ${campaign.faults.length} faults  ${log.requests} requests  ${log.failedRequests.length} failed  ${log.failedCalls.length} calls failed  ${violations.length} violations`,
      );
    });
    onLine(`${inSeconds(now())} s the last fault is over`);
    if (!(await until(() => campaign.isWhole(), healWithinMs))) notHealed = `after ${healWithinMs / 1000} s: ${tellShards(view)}`;
    await sleep(warmUpMs);
    stop.abort();
    await workload.ended;
    try {
      await untilServing(client, collection);
      final = await finalReads({ workload, connections, now, shardOf, onViolations });
    } catch (error) {
      notHealed ??= `it does not answer, ${error instanceof Error ? error.message : String(error)}: ${tellShards(view)}`;
    }
  } finally {
    stop.abort();
    await workload.ended;
  }
  const crashes = [...(await cluster.logs())].flatMap(([pod, text]) => crashesIn(pod, text));
  return reportOn({
    crashes,
    seed: options.seed,
    minutes: options.minutes,
    copies: options.copies,
    lastedMs: now(),
    leftOut: machine.leftOut,
    faults: campaign.faults,
    log,
    answers: workload.probes,
    violations,
    configurations: view.configurations,
    notHealed,
    final,
    checkedReads: workload.board.checkedReads,
    staleWithinBound: workload.board.staleWithinBound,
    registersNotSearched: workload.registers.tooMuch,
    sessions: workload.sessions.some((session) => session.known),
  });
}

function tellShards(view: ClusterView): string {
  return view
    .shards()
    .map((shard) => `${shard.metadata.name} epoch ${shard.status?.epoch} in sync on ${view.inSyncOf(shard).join(', ') || 'nothing'}`)
    .join('; ');
}
