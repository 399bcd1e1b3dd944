/** Which faults come, in which order: one seed, one plan. Pure. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus';
import type { Fault, FaultKind, Victim } from './fault.ts';

export interface PlannedFault {
  readonly fault: Fault;
  /** Before it comes, every shard has all its copies in sync again, if that takes not too long. Else faults overlap. */
  readonly settled: boolean;
  readonly restMs: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly shards: number;
  readonly copies: number;
  /** What this machine cannot do. */
  readonly without: ReadonlySet<FaultKind>;
}

const weights: readonly (readonly [FaultKind, number])[] = [
  ['kill', 50],
  ['kill-two', 4],
  ['pause', 14],
  ['two-primaries', 5],
  ['kill-operator', 3],
  ['api-down', 2],
  ['cut', 12],
  ['isolate', 8],
  ['slow-link', 3],
  ['lossy-link', 3],
  ['full-disk', 2],
  ['wipe', 3],
];

/** These need a second copy to mean anything, or to be survived. */
const needCopies: readonly FaultKind[] = ['kill-two', 'two-primaries', 'cut', 'isolate', 'slow-link', 'lossy-link', 'wipe'];
const settledShare = 0.8;
/** Longest part of a run that one outage of the API server may take among other faults. */
const outageShare = 0.1;
const outageMostMs = 180_000;

export function planFaults(options: PlanOptions): readonly PlannedFault[] {
  const generator = xorshift128plus(options.seed);
  const random = (): number => uniformFloat64(generator);
  const kinds = weights.filter(([kind]) => !options.without.has(kind) && (options.copies > 1 || !needCopies.includes(kind)));
  const plan: PlannedFault[] = [];
  const lengthMs = options.minutes * 60_000;
  const outage = kinds.every(([kind]) => kind === 'api-down') ? wholeRun(lengthMs) : partOfRun(lengthMs);
  for (let plannedMs = 0; plannedMs < lengthMs;) {
    const fault = chooseFault(pick(kinds, random), { ...options, outage }, random);
    const step = { fault, settled: random() < settledShare || fault.kind === 'wipe', restMs: Math.round(random() ** 2 * 2000) };
    plan.push(step);
    plannedMs += step.restMs + leastMs(fault);
  }
  return plan;
}

function pick(kinds: typeof weights, random: () => number): FaultKind {
  let left = random() * kinds.reduce((sum, [, weight]) => sum + weight, 0);
  return kinds.find(([, weight]) => (left -= weight) < 0)?.[0] ?? 'kill';
}

/** How long the API server is away. */
interface Outage {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Nothing else is asked for: the question is how long it may be away. */
function wholeRun(lengthMs: number): Outage {
  return { leastMs: lengthMs, mostMs: lengthMs };
}

function partOfRun(lengthMs: number): Outage {
  const mostMs = Math.min(outageMostMs, lengthMs * outageShare);
  return { leastMs: mostMs / 3, mostMs };
}

interface Scale extends PlanOptions {
  readonly outage: Outage;
}

function chooseFault(kind: FaultKind, { shards, copies, minutes, outage }: Scale, random: () => number): Fault {
  const between = (low: number, high: number): number => Math.round(low + random() * (high - low));
  const shard = Math.floor(random() * shards);
  const primary: Victim = { kind: 'primary', shard };
  const follower: Victim = { kind: 'follower', shard };
  const victim = copies === 1 || random() < 0.5 ? primary : follower;
  const [from, to] = random() < 0.5 ? [primary, follower] : [follower, primary];
  switch (kind) {
    case 'kill':
      return { kind, victim };
    case 'kill-two':
      return { kind, shard };
    case 'pause':
      return { kind, victim, forMs: between(1000, 15_000) };
    case 'two-primaries':
      return { kind, shard, atMostMs: 15_000 };
    case 'kill-operator':
      return { kind, times: minutes < 5 ? 1 : between(2, 6), everyMs: 10_000 };
    case 'api-down':
      return { kind, how: random() < 0.5 ? 'refused' : 'silent', forMs: between(outage.leastMs, outage.mostMs) };
    case 'cut':
      return { kind, from, to, oneWay: random() < 0.5, forMs: between(500, 10_000) };
    case 'isolate':
      return { kind, victim, wholly: random() < 0.6, forMs: between(1000, 12_000) };
    case 'slow-link':
      return { kind, from, to, bytesPerSecond: between(5_000, 200_000), forMs: between(2000, 10_000) };
    case 'lossy-link':
      return { kind, from, to, lossPercent: between(2, 40), forMs: between(2000, 10_000) };
    case 'full-disk':
      return { kind, forMs: between(2000, 10_000) };
    case 'wipe':
      return { kind, victim };
  }
}

/** No fault is over sooner, so that a plan is never shorter than its run. */
function leastMs(fault: Fault): number {
  if ('forMs' in fault) return fault.forMs;
  return fault.kind === 'kill-operator' ? fault.times * fault.everyMs : 1000;
}
