/**
 * What to do about a Lease, from what it says and how long it has said it by our own clock. Clocks of others are never believed:
 * a Lease is out of date when we have watched it unchanged for the duration that its holder promised to stay below.
 */
import { microTime } from './micro-time.ts';
import { leases, type Lease } from './types/coordination.ts';

/** The version of the Lease seen last, and when, by our monotonic clock, it was first seen so. */
export interface Observation {
  readonly resourceVersion: string | undefined;
  readonly sinceMs: number;
}

export type Claim =
  | { readonly kind: 'create' }
  /** Ours already: keep it. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'take'; readonly because: 'released' | 'expired' }
  | { readonly kind: 'wait'; readonly holder: string; readonly leftMs: number };

export function observe(previous: Observation | undefined, lease: Lease | undefined, nowMs: number): Observation {
  const resourceVersion = lease?.metadata.resourceVersion;
  return previous?.resourceVersion === resourceVersion && previous !== undefined ? previous : { resourceVersion, sinceMs: nowMs };
}

export function claim(lease: Lease | undefined, identity: string, observed: Observation, nowMs: number): Claim {
  if (lease === undefined) return { kind: 'create' };
  const holder = lease.spec?.holderIdentity ?? '';
  if (holder === identity) return { kind: 'renew' };
  if (holder === '') return { kind: 'take', because: 'released' };
  const durationMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
  const leftMs = observed.sinceMs + durationMs - nowMs;
  return leftMs <= 0 ? { kind: 'take', because: 'expired' } : { kind: 'wait', holder, leftMs };
}

export interface LeaseTerms {
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly leaseDurationMs: number;
}

/** The Lease with us as its holder. The times in it are for people. */
export function held(stored: Lease | undefined, terms: LeaseTerms, date: Date): Lease {
  const ours = stored?.spec?.holderIdentity === terms.identity;
  const transitions = stored?.spec?.leaseTransitions ?? 0;
  return {
    apiVersion: leases.apiVersion,
    kind: leases.kind,
    metadata: stored?.metadata ?? { name: terms.name, namespace: terms.namespace },
    spec: {
      holderIdentity: terms.identity,
      leaseDurationSeconds: Math.ceil(terms.leaseDurationMs / 1000),
      acquireTime: ours ? stored.spec?.acquireTime : microTime(date),
      renewTime: microTime(date),
      leaseTransitions: stored === undefined || ours ? transitions : transitions + 1,
    },
  };
}

/** The Lease without a holder, so that the next one need not wait. */
export function released(stored: Lease, date: Date): Lease {
  return { ...stored, spec: { ...stored.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(date) } };
}
