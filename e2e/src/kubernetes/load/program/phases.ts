/** Requests by the phase in which they ended. */
import { inspect } from 'node:util';
import type { LoadFailure, LoadPhase, Seen } from '../load-record.ts';
import { quantile } from './quantile.ts';

const failuresKept = 50;

type Kind = 'writes' | 'reads';

interface Phase {
  readonly name: string;
  readonly startedMs: number;
  endedMs?: number;
  readonly tookMs: { readonly [kind in Kind]: number[] };
  readonly failed: { [kind in Kind]: number };
}

export class Phases {
  readonly #phases: Phase[] = [];
  readonly #failures: LoadFailure[] = [];
  #requests = 0;

  begin(name: string): void {
    this.end();
    this.#phases.push({ name, startedMs: performance.now(), tookMs: { writes: [], reads: [] }, failed: { writes: 0, reads: 0 } });
  }

  end(): void {
    const last = this.#phases.at(-1);
    if (last !== undefined) last.endedMs = performance.now();
  }

  /** Whether the request was answered as it had to be. */
  async request(kind: Kind, words: string, send: () => Promise<void>): Promise<boolean> {
    const startedMs = performance.now();
    try {
      await send();
      this.#current().tookMs[kind].push(performance.now() - startedMs);
      return true;
    } catch (error) {
      const phase = this.#current();
      phase.failed[kind] += 1;
      if (this.#failures.length < failuresKept) {
        const tookMs = Math.round(performance.now() - startedMs);
        this.#failures.push({ phase: phase.name, request: words, tookMs, text: inspect(error).slice(0, 1_000) });
      }
      return false;
    } finally {
      this.#requests += 1;
    }
  }

  /** Ended so far. */
  get requests(): number {
    return this.#requests;
  }

  get failures(): readonly LoadFailure[] {
    return this.#failures;
  }

  record(): LoadPhase[] {
    return this.#phases.map(({ name, startedMs, endedMs = performance.now(), tookMs, failed }) => ({
      name,
      seconds: (endedMs - startedMs) / 1000,
      writes: seen(tookMs.writes, failed.writes),
      reads: seen(tookMs.reads, failed.reads),
    }));
  }

  #current(): Phase {
    const phase = this.#phases.at(-1);
    if (phase === undefined) throw new TypeError('no phase has begun');
    return phase;
  }
}

function seen(tookMs: readonly number[], failed: number): Seen {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => Number(quantile(sorted, share).toFixed(2));
  return { answered: sorted.length, failed, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
