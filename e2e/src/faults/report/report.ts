/** What a run showed, as a value that is written as JSON and told in words. */
import type { Violation } from '../checker/violation.ts';
import type { Configuration } from '../cluster-view.ts';
import type { FinalState } from '../final-reads.ts';
import type { FailedRequest } from '../workload/stock-client.ts';
import type { Crash } from './crashes.ts';
import { distribution, pausesAfter, type Distribution, type FaultRecord, type ShardAnswers } from './pauses.ts';
import type { RequestLog } from './request-log.ts';

export interface RunFacts {
  readonly seed: number;
  readonly minutes: number;
  readonly copies: number;
  readonly lastedMs: number;
  /** What this machine could not do, each with why. */
  readonly leftOut: readonly string[];
  readonly faults: readonly FaultRecord[];
  readonly log: RequestLog;
  readonly answers: readonly ShardAnswers[];
  readonly violations: readonly Violation[];
  readonly crashes: readonly Crash[];
  readonly configurations: readonly Configuration[];
  /** Why the cluster did not come back to full strength, if it did not. */
  readonly notHealed: string | undefined;
  readonly final: FinalState | undefined;
  readonly checkedReads: number;
  readonly staleWithinBound: number;
  readonly registersNotSearched: number;
  readonly sessions: boolean;
}

export interface Count {
  readonly what: string;
  readonly count: number;
}

export interface FailedDuring {
  readonly kind: string;
  readonly seconds: number;
  readonly requests: number;
  readonly throughService: number;
}

/** One fault with what it cost each shard, ms. */
export interface TimedFault {
  readonly number: number;
  readonly words: string;
  readonly nodes: readonly string[];
  readonly injectedMs: number;
  readonly healedMs: number;
  readonly overlaps: boolean;
  readonly shards: readonly {
    readonly shard: string;
    readonly role: string;
    readonly writeMs: number | undefined;
    readonly readMs: number | undefined;
  }[];
}

export interface PauseRow {
  readonly kind: string;
  readonly writes: Distribution | undefined;
  readonly reads: Distribution | undefined;
}

export interface Report extends Omit<RunFacts, 'log' | 'answers' | 'faults'> {
  readonly faults: readonly Count[];
  readonly requests: number;
  readonly failedRequests: readonly Count[];
  readonly failedBySinceFault: readonly Count[];
  /** Per kind of fault, while it lasted. */
  readonly failedDuring: readonly FailedDuring[];
  readonly failedCalls: readonly Count[];
  /** Of the failed calls, those that could go to any node. */
  readonly failedThroughService: number;
  readonly failedProbes: readonly Count[];
  readonly pauses: readonly PauseRow[];
  readonly everyFault: readonly TimedFault[];
}

/** Whether a promise was broken. */
export function isBroken({ violations, crashes, notHealed }: Report): boolean {
  return violations.length > 0 || crashes.length > 0 || notHealed !== undefined;
}

export function reportOn(facts: RunFacts): Report {
  const { log, faults, answers, ...rest } = facts;
  return {
    ...rest,
    faults: counts(faults.map(({ kind }) => kind)),
    requests: log.requests,
    failedRequests: counts(log.failedRequests.map(tellFailure)),
    failedBySinceFault: counts(log.failedRequests.map(({ atMs }) => sinceFault(atMs, faults))),
    failedDuring: failedDuring(faults, log),
    failedCalls: counts(log.failedCalls.filter((failure) => !isProbe(failure)).map(tellFailure)),
    failedThroughService: log.failedCalls.filter(({ through }) => through.kind === 'service').length,
    failedProbes: counts(log.failedCalls.filter(isProbe).map(tellFailure)),
    pauses: pauseRows(faults, answers, rest.configurations),
    everyFault: everyFault(faults, answers, rest.configurations),
  };
}

function pauseRows(
  faults: readonly FaultRecord[],
  answers: readonly ShardAnswers[],
  configurations: readonly Configuration[],
): readonly PauseRow[] {
  const all = pausesAfter(faults, answers, configurations).filter(({ role, fault }) => role !== 'none' || fault.nodes.length === 0);
  const byKind = Map.groupBy(all, ({ fault, role, justFailedOver, isCrossed }) => {
    const where = fault.nodes.length === 0 ? 'all shards' : `shards it ${role === 'primary' ? 'led' : 'followed'}`;
    return `${fault.kind}, ${where}${fault.overlaps || isCrossed ? ', beside another fault' : role === 'primary' && justFailedOver ? ', less than 30 s after a failover' : ''}`;
  });
  return [...byKind.keys()].toSorted().map((kind) => {
    const pauses = byKind.get(kind) ?? [];
    return {
      kind,
      writes: distributionOf(pauses.map(({ writeMs }) => writeMs)),
      reads: distributionOf(pauses.map(({ readMs }) => readMs)),
    };
  });
}

function everyFault(
  faults: readonly FaultRecord[],
  answers: readonly ShardAnswers[],
  configurations: readonly Configuration[],
): readonly TimedFault[] {
  const byFault = Map.groupBy(pausesAfter(faults, answers, configurations), ({ fault }) => fault);
  return faults.map((fault) => {
    const { number, words, nodes, injectedMs, healedMs, overlaps } = fault;
    const shards = (byFault.get(fault) ?? []).map(({ shard, role, writeMs, readMs }) => ({ shard, role, writeMs, readMs }));
    return { number, words, nodes, injectedMs, healedMs, overlaps, shards };
  });
}

/** Faults that are over at once last no time, and are left out. */
function failedDuring(faults: readonly FaultRecord[], { failedRequests }: RequestLog): readonly FailedDuring[] {
  const lasting = faults.filter(({ injectedMs, healedMs }) => healedMs - injectedMs >= lastingMs);
  return [...Map.groupBy(lasting, ({ kind, overlaps }) => `${kind}${overlaps ? ', beside another fault' : ''}`)].map(([kind, all]) => {
    const within = ({ atMs }: FailedRequest): boolean => all.some(({ injectedMs, healedMs }) => atMs >= injectedMs && atMs <= healedMs);
    const failed = failedRequests.filter(within);
    return {
      kind,
      seconds: Math.round(all.reduce((sum, { injectedMs, healedMs }) => sum + healedMs - injectedMs, 0) / 1000),
      requests: failed.length,
      throughService: failed.filter(({ through }) => through.kind === 'service').length,
    };
  });
}

function distributionOf(values: readonly (number | undefined)[]): Distribution | undefined {
  return distribution(values.filter((value) => value !== undefined));
}

function tellFailure({ operation, through, reason }: FailedRequest): string {
  return `${operation.includes('retrieve') || isRead(operation) ? 'read' : 'write'} through ${through.kind === 'service' ? through.name : 'one node'}: ${reason}`;
}

function isProbe({ operation }: FailedRequest): boolean {
  return operation.startsWith('probe');
}

function isRead(operation: string): boolean {
  return /^(scroll|search|count|probe read)/.test(operation);
}

const lastingMs = 500;
const spansMs = [1000, 3000, 10_000, 30_000];

function sinceFault(atMs: number, faults: readonly FaultRecord[]): string {
  const last = faults.findLast(({ injectedMs }) => injectedMs <= atMs);
  if (!last) return 'before any fault';
  if (atMs <= last.healedMs) return 'during a fault';
  const span = spansMs.find((ms) => atMs - last.healedMs <= ms);
  return span === undefined ? 'later than 30 s after a fault' : `within ${span / 1000} s after a fault`;
}

function counts(words: readonly string[]): readonly Count[] {
  const grouped = Map.groupBy(words, (word) => word);
  return [...grouped].map(([what, all]) => ({ what, count: all.length })).toSorted((a, b) => b.count - a.count);
}
