/**
 * Whether there is one order of the operations on a register that explains what every client was told, by linearizing just in time
 * (G. Lowe, Testing for linearizability, 2017): going through calls and returns as they came, keep every configuration that is possible,
 * a value and which of the open operations have taken effect; when an operation returns it must have taken effect. Pure.
 *
 * A write of unknown outcome stays open for good: it may take effect at any time, once, or never.
 */
export type RegisterValue = number | 'absent';

export interface RegisterOperation {
  readonly kind: 'write' | 'read';
  /** Written, or shown. */
  readonly value: RegisterValue;
  readonly invokedMs: number;
  /** Undefined: the outcome is unknown; reads without an answer are left out. */
  readonly respondedMs?: number | undefined;
  readonly through: string;
}

interface Configuration {
  readonly value: RegisterValue;
  /** Operations that took effect and have not returned yet. */
  readonly done: ReadonlySet<number>;
}

export type RegisterVerdict =
  | { readonly kind: 'explained' }
  /** The first operation at whose return no order was left. */
  | { readonly kind: 'impossible'; readonly operation: RegisterOperation }
  /** Too many orders to search. */
  | { readonly kind: 'too-much' };

const configurationsMax = 100_000;

export function checkRegister(operations: readonly RegisterOperation[]): RegisterVerdict {
  const events = operations
    .flatMap(({ invokedMs, respondedMs }, index) => [
      { atMs: invokedMs, returns: false, index },
      ...(respondedMs === undefined ? [] : [{ atMs: respondedMs, returns: true, index }]),
    ])
    .toSorted((a, b) => a.atMs - b.atMs || Number(a.returns) - Number(b.returns));
  const open = new Set<number>();
  let configurations: readonly Configuration[] = [{ value: 'absent', done: new Set() }];
  for (const { index, returns } of events) {
    if (!returns) {
      open.add(index);
      continue;
    }
    const reached = reach(configurations, open, index, operations);
    if (reached === 'too-much') return { kind: 'too-much' };
    const operation = operations[index];
    if (reached.length === 0 && operation) return { kind: 'impossible', operation };
    open.delete(index);
    configurations = reached;
  }
  return { kind: 'explained' };
}

/** Every configuration in which operation `target` has taken effect, and is forgotten since it returns. */
function reach(
  from: readonly Configuration[],
  open: ReadonlySet<number>,
  target: number,
  operations: readonly RegisterOperation[],
): readonly Configuration[] | 'too-much' {
  const seen = new Map(from.map((configuration) => [keyOf(configuration), configuration]));
  const reached = new Map<string, Configuration>();
  // Grows while it is walked.
  for (const configuration of seen.values()) {
    if (configuration.done.has(target)) {
      const after = { value: configuration.value, done: new Set([...configuration.done].filter((index) => index !== target)) };
      reached.set(keyOf(after), after);
      continue;
    }
    for (const index of open) {
      const operation = operations[index];
      if (!operation || configuration.done.has(index)) continue;
      if (operation.kind === 'read' && operation.value !== configuration.value) continue;
      const value = operation.kind === 'write' ? operation.value : configuration.value;
      const next = { value, done: new Set([...configuration.done, index]) };
      const key = keyOf(next);
      if (!seen.has(key)) seen.set(key, next);
    }
    if (seen.size > configurationsMax) return 'too-much';
  }
  return [...reached.values()];
}

function keyOf({ value, done }: Configuration): string {
  return `${value} ${[...done].toSorted((a, b) => a - b).join()}`;
}
