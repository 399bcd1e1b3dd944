/**
 * The loop that keeps a cache equal to the API server, for as long as its signal allows. It never stops for good: every end of a
 * watch and every failed list leads to another attempt.
 *
 * After a list, watch from its resourceVersion. When a watch ends, resume from the last version seen, so that nothing is missed
 * and nothing comes twice. List again when the server says the version is gone (410), when resuming has failed a few times in a row
 * (a server that was restored from a backup may not know our version), and periodically, so that whatever was lost by any fault is
 * found in the end.
 */
import { setTimeout as timeout } from 'node:timers/promises';
import { backoffDelayMs, type Backoff } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { TooManyRequestsError } from './errors.ts';
import type { Log } from './log.ts';
import type { InformerMetrics } from './metrics.ts';
import type { KubeObject, ResourceType } from './object.ts';
import type { Selection } from './resource-url.ts';
import type { WatchEnd, WatchEvent } from './watch.ts';

export interface ListWatchOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly type: ResourceType<T>;
  readonly selection: Selection;
  /** What of each object is handed on. */
  readonly keep: (object: T) => T;
  readonly relistIntervalMs: number;
  readonly silenceTimeoutMs: number;
  readonly backoff: Backoff;
  readonly log: Log;
  readonly metrics: InformerMetrics;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep?: Sleep | undefined;
  readonly onList: (items: readonly T[], resourceVersion: string) => void;
  readonly onEvent: (event: WatchEvent<T>) => void;
}

/** Resolves after the time or rejects when the signal is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

const reallySleep: Sleep = async (ms, signal) => await timeout(ms, undefined, { signal });

type ListReason = 'start' | 'gone' | 'resume-failed' | 'periodic';

/** Failed watches in a row, none of which brought an event, before we list instead. */
const failuresBeforeRelist = 3;

/** A watch that ends in good order, but sooner than this and without an event, counts as failed: it must not be asked for in a loop. */
const shortWatchMs = 1000;

export async function listWatch<T extends KubeObject>(options: ListWatchOptions<T>, signal: AbortSignal): Promise<void> {
  let reason: ListReason = 'start';
  while (!signal.aborted) {
    const listed: string | undefined = await listUntilDone(options, reason, signal);
    if (listed === undefined) return;
    reason = await watchUntilRelist(options, listed, signal);
  }
}

/** The resourceVersion of the list; undefined only when `signal` is aborted. */
async function listUntilDone<T extends KubeObject>(
  options: ListWatchOptions<T>,
  reason: ListReason,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { client, type, log, metrics } = options;
  for (let failures = 0; !signal.aborted;) {
    try {
      const { items, resourceVersion } = await client.list(type, { ...options.selection, signal, keep: options.keep });
      if (signal.aborted) return undefined;
      metrics.listed(type.kind, reason);
      options.onList(items, resourceVersion);
      return resourceVersion;
    } catch (error) {
      if (signal.aborted) return undefined;
      failures += 1;
      metrics.listFailed(type.kind);
      log.warn({ err: error, kind: type.kind, failures }, 'list failed, trying again');
      await pause(options, failures, error, signal);
    }
  }
  return undefined;
}

async function watchUntilRelist<T extends KubeObject>(
  options: ListWatchOptions<T>,
  listed: string,
  signal: AbortSignal,
): Promise<ListReason> {
  const { client, type, log, metrics, random } = options;
  // Jittered, so that many informers do not list at the same moment.
  const relist = AbortSignal.timeout(Math.round(options.relistIntervalMs * (0.8 + 0.4 * random())));
  let resourceVersion = listed;
  let failures = 0;
  while (!signal.aborted && !relist.aborted) {
    let events = 0;
    const startedAt = options.now();
    const end = await client.watch(type, {
      ...options.selection,
      resourceVersion,
      timeoutSeconds: Math.round(240 + 240 * random()),
      silenceTimeoutMs: options.silenceTimeoutMs,
      signal: AbortSignal.any([signal, relist]),
      onEvent: (event) => {
        events += 1;
        resourceVersion = event.resourceVersion;
        metrics.eventReceived(type.kind);
        options.onEvent(event.kind === 'bookmark' ? event : { ...event, object: options.keep(event.object) });
      },
    });
    if (signal.aborted || relist.aborted) break;
    metrics.watchEnded(type.kind, end.kind);
    if (end.kind === 'gone') return 'gone';
    const failed = end.kind === 'failed' || (end.kind === 'ended' && options.now() - startedAt < shortWatchMs);
    failures = events === 0 && failed ? failures + 1 : 0;
    if (end.kind === 'failed') log.warn({ err: end.error, kind: type.kind, failures }, 'watch failed, resuming');
    if (failures > failuresBeforeRelist) return 'resume-failed';
    if (failed) await pause(options, Math.max(1, failures), errorOf(end), AbortSignal.any([signal, relist]));
  }
  return 'periodic';
}

function errorOf(end: WatchEnd): unknown {
  return end.kind === 'failed' ? end.error : undefined;
}

async function pause<T extends KubeObject>(
  options: ListWatchOptions<T>,
  failures: number,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const asked = error instanceof TooManyRequestsError ? error.retryAfterSeconds * 1000 : 0;
  const delayMs = Math.max(asked, backoffDelayMs(options.backoff, failures, options.random));
  const { sleep = reallySleep } = options;
  await sleep(delayMs, signal).catch(() => {});
}
