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
import { Injector, NoVictimError } from './injector/injector.ts';
import { prepareMachine } from './injector/machine.ts';
import { planFaults, type PlannedFault } from './plan.ts';
import { crashesIn } from './report/crashes.ts';
import type { FaultRecord } from './report/pauses.ts';
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

/** The design's 2 s, and what the harness may be late itself on a busy machine. */
const staleMs = 2500;
const warmUpMs = 3000;
const settleWithinMs = 20_000;
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
  const faults: FaultRecord[] = [];
  let notHealed: string | undefined;
  let final: FinalState | undefined;
  try {
    await sleep(warmUpMs);
    await injectAll();
    onLine(`${inSeconds(now())} s the last fault is over`);
    if (!(await until(isWhole, healWithinMs))) notHealed = `after ${healWithinMs / 1000} s: ${tellShards(view)}`;
    await sleep(warmUpMs);
    stop.abort();
    await workload.ended;
    try {
      await untilServing(client, collection);
    } catch (error) {
      notHealed ??= `it does not answer, ${error instanceof Error ? error.message : String(error)}: ${tellShards(view)}`;
    }
    if (notHealed === undefined) final = await finalReads({ workload, connections, now, shardOf, onViolations });
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
    faults,
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

  async function injectAll(): Promise<void> {
    const injector = new Injector({ cluster, view, ...machine });
    const deadlineMs = now() + options.minutes * 60_000;
    for (const [index, planned] of plan.entries()) {
      if (now() > deadlineMs || enough.aborted) return;
      await injectOne(injector, planned, index + 1);
      options.onProgress?.(
        `${inSeconds(now())} s  ${faults.length} faults  ${log.requests} requests  ${log.failedRequests.length} failed  ${log.failedCalls.length} calls failed  ${violations.length} violations`,
      );
    }
  }

  /** All copies are in sync, and what was written after the last fault was acknowledged: the object alone may not tell of it yet. */
  function isWhole(): boolean {
    const lastMs = faults.at(-1)?.healedMs ?? 0;
    return view.settled(options.copies) && workload.probes.every(({ writes }) => (writes.at(-1)?.invokedMs ?? 0) > lastMs);
  }

  async function injectOne(injector: Injector, { fault, settled, restMs }: PlannedFault, number: number): Promise<void> {
    await sleep(restMs);
    const wholeAgain = settled ? await until(isWhole, settleWithinMs) : isWhole();
    const words = tellFault(fault);
    let injected: Omit<FaultRecord, 'healedMs'> | undefined;
    let healed: ((atMs: number) => void) | undefined;
    try {
      await injector.inject(
        fault,
        (nodes) => {
          const injectedMs = now();
          healed = disturbances.begin(fault.kind, injectedMs);
          injected = { number, kind: fault.kind, words, nodes, injectedMs, overlaps: !wholeAgain, roles: view.rolesOf(nodes) };
          onLine(
            `${inSeconds(injectedMs)} s ${number}. ${words}${nodes.length > 0 ? `: ${nodes.join(', ')}` : ''}${wholeAgain ? '' : ' (not all copies in sync)'}`,
          );
        },
        enough,
      );
    } catch (error) {
      if (!(error instanceof NoVictimError)) throw error;
      onLine(`${inSeconds(now())} s ${number}. ${words}: left out, ${error.message}`);
    } finally {
      healed?.(now());
      if (injected) faults.push({ ...injected, healedMs: now() });
    }
  }
}

async function until(condition: () => boolean, withinMs: number): Promise<boolean> {
  const giveUpMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > giveUpMs) return false;
    await sleep(20);
  }
  return true;
}

function tellShards(view: ClusterView): string {
  return view
    .shards()
    .map((shard) => `${shard.metadata.name} epoch ${shard.status?.epoch} in sync on ${view.inSyncOf(shard).join(', ') || 'nothing'}`)
    .join('; ');
}
