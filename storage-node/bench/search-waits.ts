/** What searches of this process may have waited for: pauses of the collector, and threads that were ready and had no core. */
import { readFile, readdir } from 'node:fs/promises';
import { constants, PerformanceObserver } from 'node:perf_hooks';

export interface Waits {
  /** Of the whole heap, milliseconds each. */
  readonly majorPausesMs: readonly number[];
  readonly minorPausesMs: readonly number[];
  /** Milliseconds a second that the thread which answers had work and no core; NaN where the system does not tell. */
  readonly answeringMs: number;
  /** The same of all other threads together. */
  readonly othersMs: number;
}

export async function waitsDuring(work: () => Promise<unknown>): Promise<Waits> {
  const majorPausesMs: number[] = [];
  const minorPausesMs: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries()) {
      const kind = isObject(detail) ? detail['kind'] : undefined;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) majorPausesMs.push(duration);
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) minorPausesMs.push(duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const before = await waited();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const after = await waited();
  observer.disconnect();
  const grown = (each: 'answering' | 'all'): number => (after[each] - before[each]) / seconds;
  return { majorPausesMs, minorPausesMs, answeringMs: grown('answering'), othersMs: grown('all') - grown('answering') };
}

/** Milliseconds so far, of the first thread and of all. */
async function waited(): Promise<{ readonly answering: number; readonly all: number }> {
  const threads = await readdir('/proc/self/task').catch(() => []);
  const each = threads.map(async (thread) => {
    const text = await readFile(`/proc/self/task/${thread}/schedstat`, 'utf8').catch(() => '');
    return { thread, ms: Number(text.split(' ')[1] ?? NaN) / 1e6 };
  });
  const all = await Promise.all(each);
  return { answering: all.find(({ thread }) => thread === String(process.pid))?.ms ?? NaN, all: all.reduce((sum, { ms }) => sum + ms, 0) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
