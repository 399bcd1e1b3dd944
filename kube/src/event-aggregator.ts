/** Which recorded events are written: the first of its like, the second, then one count per interval; and only so many per object. */
import type { KubeObject } from './object.ts';

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
  /** What was done or tried; default the reason. */
  readonly action?: string;
}

export interface EventEntry {
  /** Name of the Event object once it was created. */
  name: string | undefined;
  count: number;
  writtenAt: number;
}

export type Recorded =
  | { readonly kind: 'first' | 'again'; readonly entry: EventEntry }
  /** Counted, to be written with a later one. */
  | { readonly kind: 'counted' }
  | { readonly kind: 'dropped' };

interface Allowance {
  left: number;
  at: number;
}

const maxRemembered = 4096;
const seriesIntervalMs = 60_000;
const burstPerObject = 25;
const refillMs = 10_000;

export class EventAggregator {
  // Least recently used first.
  readonly #entries = new Map<string, EventEntry>();
  readonly #allowances = new Map<string, Allowance>();

  record(object: KubeObject, text: EventText, now: number): Recorded {
    const subject = `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}/${object.metadata.uid ?? ''}`;
    const key = JSON.stringify([subject, text.type, text.reason, text.action, text.message]);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      remember(this.#entries, key, known);
      known.count += 1;
      if (known.count > 2 && now - known.writtenAt < seriesIntervalMs) return { kind: 'counted' };
      known.writtenAt = now;
      return { kind: 'again', entry: known };
    }
    if (!this.#isAllowed(subject, now)) return { kind: 'dropped' };
    const entry = { name: undefined, count: 1, writtenAt: now };
    remember(this.#entries, key, entry);
    return { kind: 'first', entry };
  }

  #isAllowed(subject: string, now: number): boolean {
    const last = this.#allowances.get(subject) ?? { left: burstPerObject, at: now };
    const refilled = Math.min(burstPerObject, last.left + (now - last.at) / refillMs);
    remember(this.#allowances, subject, { left: Math.max(0, refilled >= 1 ? refilled - 1 : refilled), at: now });
    return refilled >= 1;
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxRemembered) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
