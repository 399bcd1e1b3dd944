/**
 * Runs something while this process holds a Lease. At most one holder leads as long as processes run at all; one that was paused may
 * still be writing when the next begins, so nothing may be safe only because of a Lease: every write is a compare-and-swap anyway.
 */
import { setTimeout as timeout } from 'node:timers/promises';
import type { KubeClient } from './client.ts';
import { AlreadyExistsError, ApiError, ConflictError } from './errors.ts';
import { claim, held, observe, released, type LeaseTerms, type Observation } from './lease-claim.ts';
import { silentLog, type Log } from './log.ts';
import { leases, type Lease } from './types/coordination.ts';

export interface LeaseOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process, such as Pod name and start time. */
  readonly identity: string;
  readonly signal: AbortSignal;
  /** Leads until it returns. Its signal is aborted when leadership is lost or `signal` is aborted: it must then return soon. */
  readonly onLeading: (signal: AbortSignal) => Promise<void>;
  /** Called when another has been seen to renew: its Lease is not what is left of a process that is no more. */
  readonly onWaiting?: (holder: string) => void;
  /** What we promise others: they may take over when the Lease stays unchanged for this long. Default 15 s. */
  readonly leaseDurationMs?: number;
  /** Without a renewal for this long we stop leading; below leaseDurationMs. Default 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between renewals, and between looks at a Lease that another holds. Default 2 s. */
  readonly retryPeriodMs?: number;
  readonly log?: Log;
  readonly now?: () => number;
  readonly date?: () => Date;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Leadership went to another or could not be renewed in time. What `onLeading` had in hand is undefined: end the process. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** Resolves when `signal` is aborted or `onLeading` returns; the Lease is given back then. Throws LeaseLostError. */
export async function runWithLease(options: LeaseOptions): Promise<void> {
  const election = new Election(options);
  const lease = await election.acquire();
  if (lease === undefined) return;
  await election.lead(lease);
}

class Election {
  readonly #options: LeaseOptions;
  readonly #terms: LeaseTerms;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #date: () => Date;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** When the renewal that succeeded last was begun. */
  #renewedAt = 0;

  constructor(options: LeaseOptions) {
    const { namespace, name, identity, leaseDurationMs = 15_000, renewDeadlineMs = 10_000, retryPeriodMs = 2_000 } = options;
    if (!(retryPeriodMs < renewDeadlineMs && renewDeadlineMs < leaseDurationMs)) {
      throw new RangeError('a lease needs retryPeriodMs < renewDeadlineMs < leaseDurationMs');
    }
    this.#options = options;
    this.#terms = { namespace, name, identity, leaseDurationMs };
    this.#renewDeadlineMs = renewDeadlineMs;
    this.#retryPeriodMs = retryPeriodMs;
    this.#log = options.log ?? silentLog;
    this.#now = options.now ?? (() => performance.now());
    this.#date = options.date ?? (() => new Date());
    this.#sleep = options.sleep ?? ((ms, signal) => timeout(ms, undefined, { signal }).catch(() => {}));
  }

  /** The Lease with us as its holder; undefined when stopped before. */
  async acquire(): Promise<Lease | undefined> {
    const { client, signal, onWaiting } = this.#options;
    const { namespace, name, identity } = this.#terms;
    const stopped = Promise.withResolvers<undefined>();
    signal.addEventListener('abort', () => stopped.resolve(undefined), { once: true });
    let observed: Observation | undefined;
    while (!signal.aborted) {
      let waitMs = this.#retryPeriodMs;
      try {
        // A hung request must not keep us from stopping.
        const lease = await Promise.race([client.get(leases, name, namespace), stopped.promise]);
        if (signal.aborted) break;
        const before = observed;
        observed = observe(before, lease, this.#now());
        const decision = claim(lease, identity, observed, this.#now());
        if (decision.kind === 'wait') {
          waitMs = Math.min(waitMs, decision.leftMs);
          this.#log.debug({ lease: name, holder: decision.holder }, 'lease is held by another');
          if (before !== undefined && before !== observed) onWaiting?.(decision.holder);
        } else {
          const taken = await this.#write(lease);
          if (signal.aborted) {
            await this.#release(taken);
            break;
          }
          this.#log.info({ lease: name, identity, how: decision.kind }, 'lease acquired');
          return taken;
        }
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // Somebody was faster, or the API server is away: look again.
        if (!isLostRace(error)) this.#log.warn({ err: error, lease: name }, 'lease not acquired, trying again');
      }
      await this.#sleep(waitMs, signal);
    }
    return undefined;
  }

  async lead(acquired: Lease): Promise<void> {
    const lost = new AbortController();
    const finished = new AbortController();
    const leading = AbortSignal.any([this.#options.signal, lost.signal]);
    const keeping = this.#keep(acquired, lost, AbortSignal.any([leading, finished.signal]));
    try {
      await this.#options.onLeading(leading);
    } finally {
      finished.abort();
      const latest = await keeping;
      if (!lost.signal.aborted) await this.#release(latest);
    }
    if (lost.signal.aborted) throw lost.signal.reason;
  }

  /** Renews until `signal` is aborted, which it brings about itself, through `lost`, when it cannot. The latest Lease. */
  async #keep(acquired: Lease, lost: AbortController, signal: AbortSignal): Promise<Lease> {
    let latest = acquired;
    const watchdog = this.#watchDeadline(lost, signal);
    let waitMs = this.#retryPeriodMs;
    while (!signal.aborted) {
      await this.#sleep(waitMs, signal);
      if (signal.aborted) break;
      waitMs = this.#retryPeriodMs;
      try {
        latest = await this.#renew(latest, lost, signal);
      } catch (error) {
        // A request that took long to fail has left little time.
        waitMs = this.#retryPeriodMs / 8;
        if (!(error instanceof ApiError)) {
          lost.abort(new LeaseLostError(`lease ${this.#terms.name}: renewing failed`, { cause: error }));
        } else {
          this.#log.warn({ err: error, lease: this.#terms.name }, 'lease not renewed, trying again');
        }
      }
    }
    await watchdog;
    return latest;
  }

  async #renew(latest: Lease, lost: AbortController, signal: AbortSignal): Promise<Lease> {
    const abandoned = Promise.withResolvers<undefined>();
    const abandon = (): void => abandoned.resolve(undefined);
    signal.addEventListener('abort', abandon, { once: true });
    try {
      // A hung request must not keep us from stopping.
      return (await Promise.race([this.#write(latest), abandoned.promise])) ?? latest;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const { namespace, name, identity } = this.#terms;
      const stored = await Promise.race([this.#options.client.get(leases, name, namespace), abandoned.promise]);
      if (signal.aborted) return latest;
      const holder = stored?.spec?.holderIdentity;
      if (holder !== identity) lost.abort(new LeaseLostError(`lease ${name}: held by ${holder ?? 'nobody'} now`));
      return stored ?? latest;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Independent of requests in flight: a request without an answer is the case it is for. */
  async #watchDeadline(lost: AbortController, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const leftMs = this.#renewedAt + this.#renewDeadlineMs - this.#now();
      if (leftMs <= 0) {
        lost.abort(new LeaseLostError(`lease ${this.#terms.name}: not renewed for ${this.#renewDeadlineMs} ms`));
        return;
      }
      await this.#sleep(leftMs, signal);
    }
  }

  async #write(stored: Lease | undefined): Promise<Lease> {
    const startedAt = this.#now();
    const wanted = held(stored, this.#terms, this.#date());
    const { client } = this.#options;
    const lease = stored === undefined ? await client.create(leases, wanted) : await client.replace(leases, wanted);
    this.#renewedAt = startedAt;
    return lease;
  }

  async #release(latest: Lease): Promise<void> {
    try {
      await this.#options.client.replace(leases, released(latest, this.#date()));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#log.debug({ err: error, lease: this.#terms.name }, 'lease not given back, it will run out');
    }
  }
}

function isLostRace(error: ApiError): boolean {
  return error instanceof ConflictError || error instanceof AlreadyExistsError;
}
