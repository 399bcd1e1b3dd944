/** How long after a fault the first write was acknowledged and the first read answered, shard by shard. Pure. */
import type { Role } from '../cluster-view.ts';
import type { FaultKind } from '../fault.ts';

export interface FaultRecord {
  readonly number: number;
  readonly kind: FaultKind;
  readonly words: string;
  readonly nodes: readonly string[];
  readonly injectedMs: number;
  readonly healedMs: number;
  /** An earlier fault was not over, or not every copy in sync again. */
  readonly overlaps: boolean;
  /** What the nodes that were hit were to each shard. */
  readonly roles: ReadonlyMap<string, Role>;
}

export interface Answered {
  readonly invokedMs: number;
  readonly answeredMs: number;
}

export interface ShardAnswers {
  readonly shard: string;
  readonly writes: readonly Answered[];
  readonly reads: readonly Answered[];
}

export interface Pause {
  readonly fault: FaultRecord;
  readonly shard: string;
  readonly role: Role;
  /** Its epoch was raised less than 30 s before: the operator does not name yet another primary for a while. */
  readonly justFailedOver: boolean;
  /** The next fault came before a write was acknowledged again. */
  readonly isCrossed: boolean;
  /** Undefined: none came any more. */
  readonly writeMs: number | undefined;
  readonly readMs: number | undefined;
}

/** Of the design: at most one failover of a shard in this time. */
const failoverRestMs = 30_000;

export function pausesAfter(
  faults: readonly FaultRecord[],
  answers: readonly ShardAnswers[],
  epochs: readonly { readonly shard: string; readonly atMs: number; readonly epoch: number }[],
): readonly Pause[] {
  const raised = epochs.filter(({ epoch }) => epoch > 1);
  const justFailedOver = (shard: string, atMs: number): boolean =>
    raised.some((each) => each.shard === shard && each.atMs < atMs && each.atMs > atMs - failoverRestMs);
  return faults.flatMap((fault, index) => {
    const nextMs = faults[index + 1]?.injectedMs ?? Infinity;
    return answers.map(({ shard, writes, reads }) => ({
      fault,
      shard,
      role: fault.roles.get(shard) ?? 'none',
      justFailedOver: justFailedOver(shard, fault.injectedMs),
      writeMs: firstAfter(writes, fault.injectedMs),
      isCrossed: fault.injectedMs + (firstAfter(writes, fault.injectedMs) ?? Infinity) > nextMs,
      readMs: firstAfter(reads, fault.injectedMs),
    }));
  });
}

/** Only what was asked for after the fault shows that it is over. */
function firstAfter(answers: readonly Answered[], faultMs: number): number | undefined {
  const after = answers.filter(({ invokedMs }) => invokedMs >= faultMs);
  return after.length === 0 ? undefined : Math.min(...after.map(({ answeredMs }) => answeredMs)) - faultMs;
}

export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** By nearest rank. */
export function distribution(values: readonly number[]): Distribution | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return sorted.length === 0 ? undefined : { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
