/**
 * Writes events.k8s.io/v1 Events about objects. What is recorded equal again and again becomes one Event with a series, whose count
 * is written at once the second time and then at intervals; what differs each time is bounded per object. Events are for people:
 * a failure to write one is logged and never reaches the caller.
 */
import { hostname } from 'node:os';
import type { KubeClient } from './client.ts';
import { AlreadyExistsError, NotFoundError } from './errors.ts';
import { EventAggregator, type EventText, type Recorded } from './event-aggregator.ts';
import { silentLog, type Log } from './log.ts';
import { microTime } from './micro-time.ts';
import type { KubeObject } from './object.ts';
import { events, type Event } from './types/core.ts';

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>;
  /** Who reports, such as `vectorcluster-operator`. */
  readonly component: string;
  /** Which process of it; default the host name. */
  readonly instance?: string;
  /** Where events about objects outside namespaces go; default `default`. */
  readonly namespace?: string;
  readonly log?: Log;
  readonly now?: () => number;
  readonly date?: () => Date;
  readonly random?: () => number;
}

type Written = Exclude<Recorded, { readonly kind: 'dropped' | 'counted' }>;

/** Events waiting to be written; more are dropped, because a person reads only so many and memory is for work. */
const maxWaiting = 1000;

/** Written at once. More would take the connections of those who do the work that is told of. */
const lanes = 8;

export class EventRecorder implements AsyncDisposable {
  readonly #options: EventRecorderOptions;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #date: () => Date;
  readonly #random: () => number;
  readonly #aggregator = new EventAggregator();
  readonly #writing: Promise<void>[] = Array.from({ length: lanes }, () => Promise.resolve());
  #waiting = 0;
  /** Since the last that was not. */
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#now = options.now ?? (() => performance.now());
    this.#date = options.date ?? (() => new Date());
    this.#random = options.random ?? Math.random;
  }

  /** Returns at once. Messages are cut at 1024 characters, which is what an Event holds. */
  event(object: KubeObject, text: EventText): void {
    const recorded = this.#aggregator.record(object, text, this.#now());
    if (recorded.kind === 'dropped' || recorded.kind === 'counted') return;
    if (this.#waiting >= maxWaiting) {
      if (this.#dropped === 0) this.#log.warn({ reason: text.reason, object: object.metadata.name }, 'too many events wait, dropping');
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) this.#log.warn({ dropped: this.#dropped }, 'events were dropped');
    this.#dropped = 0;
    this.#waiting += 1;
    const lane = laneOf(object.metadata.uid ?? object.metadata.name);
    this.#writing[lane] = this.#writeAfter(this.#writing[lane] ?? Promise.resolve(), object, text, recorded);
  }

  /** Resolves when all that was recorded so far is written or given up. */
  async flush(): Promise<void> {
    await Promise.all(this.#writing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.flush();
  }

  /** Those of one object one at a time and in order: a count must find the Event that it counts. */
  async #writeAfter(before: Promise<void>, object: KubeObject, text: EventText, recorded: Written): Promise<void> {
    await before;
    try {
      await this.#write(object, text, recorded);
    } catch (error) {
      this.#log.warn({ err: error, reason: text.reason, object: object.metadata.name }, 'event not written');
    } finally {
      this.#waiting -= 1;
    }
  }

  async #write(object: KubeObject, text: EventText, recorded: Written): Promise<void> {
    const namespace = object.metadata.namespace ?? this.#options.namespace ?? 'default';
    const entry = recorded.entry;
    if (recorded.kind === 'again' && entry.name !== undefined) {
      const series = { count: entry.count, lastObservedTime: microTime(this.#date()) };
      try {
        await this.#options.client.patch(events, entry.name, namespace, { series });
        return;
      } catch (error) {
        // Servers forget Events after an hour: what goes on then begins anew.
        if (!(error instanceof NotFoundError)) throw error;
        entry.count = 1;
      }
    }
    entry.name = await this.#create(object, text, namespace);
  }

  async #create(object: KubeObject, text: EventText, namespace: string): Promise<string> {
    const event = this.#compose(object, text, namespace);
    try {
      await this.#options.client.create(events, event);
    } catch (error) {
      // Another process hit the same name in the same millisecond; ours is not worth a second try.
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
    return event.metadata.name;
  }

  #compose(object: KubeObject, text: EventText, namespace: string): Event {
    const date = this.#date();
    const suffix = `${date.getTime().toString(16)}${Math.floor(this.#random() * 0x10000)
      .toString(16)
      .padStart(4, '0')}`;
    const { name, uid, resourceVersion } = object.metadata;
    return {
      apiVersion: events.apiVersion,
      kind: events.kind,
      metadata: { name: `${name.slice(0, 253 - suffix.length - 1)}.${suffix}`, namespace },
      eventTime: microTime(date),
      type: text.type,
      reason: text.reason,
      action: text.action ?? text.reason,
      note: text.message.slice(0, 1024),
      regarding: { apiVersion: object.apiVersion, kind: object.kind, name, namespace: object.metadata.namespace, uid, resourceVersion },
      reportingController: this.#options.component,
      reportingInstance: this.#options.instance ?? hostname(),
    };
  }
}

function laneOf(object: string): number {
  let sum = 0;
  for (let index = 0; index < object.length; index += 1) sum = (sum * 31 + object.charCodeAt(index)) % 65_521;
  return sum % lanes;
}
