/** A cache of objects that follows the API server. See README.md for what it promises under which fault. */
import type { KubeClient } from './client.ts';
import { withoutManagedFields } from './lean-object.ts';
import { listWatch, type Sleep } from './list-watch.ts';
import { silentLog, type Log } from './log.ts';
import { noMetrics, type InformerMetrics } from './metrics.ts';
import { ObjectCache, type Change } from './object-cache.ts';
import type { IndexBy } from './object-index.ts';
import type { KubeObject, ResourceType } from './object.ts';
import type { Selection } from './resource-url.ts';
import { SharedStrings } from './shared-strings.ts';

/** Of all caches of this process: names and labels are the same in all of them. */
const strings = new SharedStrings();

export interface InformerOptions<T extends KubeObject = KubeObject> extends Selection {
  /** What of an object is in the cache, beside what no cache has (lean-object.ts); default all. Must keep names, UIDs and versions. */
  readonly keep?: (object: T) => T;
  /** How often everything is listed anew, ±20 %; default 10 minutes. */
  readonly relistIntervalMs?: number;
  /** A watch on which nothing came for this long is given up; default 90 s, above the minute in which servers send bookmarks. */
  readonly silenceTimeoutMs?: number;
  /** Wait after failed lists and watches; default 100 ms doubling to 15 s. */
  readonly retryBaseDelayMs?: number;
  readonly retryMaxDelayMs?: number;
  readonly metrics?: InformerMetrics;
  readonly log?: Log;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: Sleep;
}

export class InformerStoppedError extends Error {
  override readonly name = 'InformerStoppedError';

  constructor(kind: string) {
    super(`the informer of ${kind} was stopped`);
  }
}

export class Informer<T extends KubeObject> implements AsyncDisposable {
  readonly #client: Pick<KubeClient, 'list' | 'watch'>;
  readonly #type: ResourceType<T>;
  readonly #options: InformerOptions<T>;
  readonly #log: Log;
  readonly #metrics: InformerMetrics;
  readonly #now: () => number;
  readonly #cache = new ObjectCache<T>();
  readonly #listeners = new Set<(change: Change<T>) => void>();
  readonly #waiters = new Set<() => void>();
  readonly #synced = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #resourceVersion: string | undefined;
  #lastEventAt: number | undefined;

  constructor(client: Pick<KubeClient, 'list' | 'watch'>, type: ResourceType<T>, options: InformerOptions<T> = {}) {
    this.#client = client;
    this.#type = type;
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#metrics = options.metrics ?? noMetrics;
    this.#now = options.now ?? (() => performance.now());
    // Nobody has to ask for synced().
    this.#synced.promise.catch(() => {});
  }

  /** Runs until `signal` is aborted or the informer is disposed of. */
  start(signal: AbortSignal): void {
    if (this.#running !== undefined) throw new TypeError(`the informer of ${this.#type.kind} is started already`);
    this.#metrics.watchLastEventAge(this.#type.kind, () => this.lastEventAgeMs);
    this.#running = this.#run(AbortSignal.any([signal, this.#stop.signal]));
  }

  /** Resolves when the first list is in the cache; rejects when the informer stops before. */
  synced(): Promise<void> {
    return this.#synced.promise;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#cache.get(namespace, name);
  }

  /** In no particular order. */
  list(): readonly T[] {
    return this.#cache.list();
  }

  /**
   * Those under this key of an index, in no particular order, without a look at the others. `by` is the same function each time: it names
   * the index, which is made when it is asked for first and kept.
   */
  listBy(by: IndexBy<T>, key: string): readonly T[] {
    return this.#cache.listBy(by, key);
  }

  /** Every change from now on, in order, synchronously as it is read. The cache already holds it. Call the result to end it. */
  onChange(listener: (change: Change<T>) => void): () => void {
    // One entry per call, even when the same function is given twice.
    const entry = (change: Change<T>): void => listener(change);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Everything up to this version has been seen; undefined before the first list. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  /** Since the last list, event or bookmark; infinite before the first list. */
  get lastEventAgeMs(): number {
    return this.#lastEventAt === undefined ? Number.POSITIVE_INFINITY : this.#now() - this.#lastEventAt;
  }

  /** Resolves once `predicate` holds for what the cache says: looked at now and after each list, event and bookmark. */
  waitFor(predicate: (informer: this) => boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stopping = AbortSignal.any([signal, this.#stop.signal]);
    const check = (): void => {
      try {
        if (stopping.aborted) reject(signal.aborted ? signal.reason : new InformerStoppedError(this.#type.kind));
        else if (predicate(this)) resolve();
        else return;
      } catch (error) {
        reject(error);
      }
      this.#waiters.delete(check);
      stopping.removeEventListener('abort', check);
    };
    this.#waiters.add(check);
    stopping.addEventListener('abort', check);
    check();
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#synced.reject(new InformerStoppedError(this.#type.kind));
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { namespace, labelSelector, fieldSelector, keep = (object: T) => object } = this.#options;
    try {
      await listWatch(
        {
          client: this.#client,
          type: this.#type,
          selection: { namespace, labelSelector, fieldSelector },
          keep: (object) => strings.share(keep(withoutManagedFields(object))),
          relistIntervalMs: this.#options.relistIntervalMs ?? 600_000,
          silenceTimeoutMs: this.#options.silenceTimeoutMs ?? 90_000,
          backoff: { baseDelayMs: this.#options.retryBaseDelayMs ?? 100, maxDelayMs: this.#options.retryMaxDelayMs ?? 15_000 },
          log: this.#log,
          metrics: this.#metrics,
          now: this.#now,
          random: this.#options.random ?? Math.random,
          sleep: this.#options.sleep,
          onList: (items, resourceVersion) => {
            this.#seen(resourceVersion, () => this.#cache.replaceAll(items));
            this.#synced.resolve();
          },
          onEvent: (event) => this.#seen(event.resourceVersion, () => (event.kind === 'bookmark' ? [] : this.#cache.apply(event))),
        },
        signal,
      );
    } finally {
      this.#stop.abort();
      this.#synced.reject(new InformerStoppedError(this.#type.kind));
    }
  }

  #seen(resourceVersion: string, change: () => readonly Change<T>[]): void {
    this.#lastEventAt = this.#now();
    this.#resourceVersion = resourceVersion;
    for (const one of change()) for (const listener of this.#listeners) this.#tell(listener, one);
    for (const waiter of this.#waiters) waiter();
  }

  /** A listener's bug must not end the watch for everybody else. */
  #tell(listener: (change: Change<T>) => void, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      this.#log.error({ err: error, kind: this.#type.kind }, 'a listener of an informer threw');
    }
  }
}
