import { LogCorruptionError } from './log.ts';

/** Replicas that are damaged, each with its first damage. New damage is told of once for each replica. */
export class DamageRegister {
  readonly #all: Map<string, LogCorruptionError>;
  readonly #onFound: (error: LogCorruptionError, replicas: readonly string[]) => void;

  constructor(known: ReadonlyMap<string, LogCorruptionError>, onFound: (error: LogCorruptionError, replicas: readonly string[]) => void) {
    this.#all = new Map(known);
    this.#onFound = onFound;
  }

  get all(): ReadonlyMap<string, LogCorruptionError> {
    return this.#all;
  }

  assertWhole(replica: string): void {
    const damage = this.#all.get(replica);
    if (damage !== undefined) throw damage;
  }

  /** Takes note of damage; throws any other error. */
  found(error: unknown): void {
    if (!(error instanceof LogCorruptionError)) throw error;
    const fresh = error.replicas.filter((replica) => !this.#all.has(replica));
    for (const replica of fresh) this.#all.set(replica, error);
    if (fresh.length > 0) this.#onFound(error, fresh);
  }

  forget(replica: string): void {
    this.#all.delete(replica);
  }
}
