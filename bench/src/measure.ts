/** Runs the same calls again and again for some time and tells what they took. */
import { cpuMicroseconds } from './cpu-time.ts';

export interface Measured {
  readonly perSecond: number;
  /** CPU of the servers' processes, all of them together, for one call. */
  readonly cpuMicroseconds: number;
  /** Nearest rank. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  readonly pids: readonly number[];
  readonly clients: number;
  readonly seconds: number;
  readonly call: (index: number) => Promise<unknown>;
}

/** Calls before the first that counts: until then a server's code is being compiled, which takes many times what it does later. */
const warmUpCalls = 2_000;
const warmUpClients = 8;

export async function warmUp(call: Load['call']): Promise<void> {
  await calls({ clients: warmUpClients, call }, (done) => done < warmUpCalls);
}

/** The servers must be warm. */
export async function measure(load: Load): Promise<Measured> {
  const before = await cpuMicroseconds(load.pids);
  const start = performance.now();
  const times = await calls(load, () => performance.now() - start < load.seconds * 1000);
  const elapsedMs = performance.now() - start;
  const cpu = (await cpuMicroseconds(load.pids)) - before;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { perSecond: (times.length / elapsedMs) * 1000, cpuMicroseconds: cpu / times.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function calls({ clients, call }: Pick<Load, 'clients' | 'call'>, more: (done: number) => boolean): Promise<readonly number[]> {
  const times: number[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (more(next)) {
      const start = performance.now();
      await call(next++);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return times;
}
