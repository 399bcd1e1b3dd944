/** What one reader of reports has been told, and what it must be told now. Pure. */
import type { ReplicaFacts } from '../replica-host/replica-facts.ts';

/** Facts as they were told last, by replicaId. */
export type Reported = ReadonlyMap<string, ReplicaFacts>;

/** A replica that may have changed, as it is now; undefined when it is gone. */
export type Current = readonly [replicaId: string, facts: ReplicaFacts | undefined];

export interface Changed {
  /** New or different, each whole. */
  readonly replicas: readonly ReplicaFacts[];
  /** Told before and here no more. */
  readonly gone: readonly string[];
}

export function changedSince(reported: Reported, touched: Iterable<Current>): Changed {
  const replicas: ReplicaFacts[] = [];
  const gone: string[] = [];
  for (const [replicaId, facts] of touched) {
    const told = reported.get(replicaId);
    if (facts === undefined) {
      if (told !== undefined) gone.push(replicaId);
    } else if (told === undefined || factNames.some((name) => told[name] !== facts[name])) {
      replicas.push(facts);
    }
  }
  return { replicas, gone };
}

/** What the operator decides by must reach it at once; positions and numbers can wait for the next heartbeat. */
export function matters(told: ReplicaFacts | undefined, now: ReplicaFacts | undefined): boolean {
  if (told === undefined || now === undefined) return told !== now;
  return urgentNames.some((name) => told[name] !== now[name]);
}

const urgentNames = ['shard', 'epoch', 'role', 'serves', 'drainedTo'] as const satisfies readonly (keyof ReplicaFacts)[];

const isFact: Readonly<Record<keyof ReplicaFacts, true>> = {
  shard: true,
  replicaId: true,
  epoch: true,
  role: true,
  serves: true,
  logged: true,
  committed: true,
  applied: true,
  points: true,
  because: true,
  drainedTo: true,
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the record above names every fact, and the compiler holds it to that
const factNames = Object.keys(isFact) as readonly (keyof ReplicaFacts)[];
