/** CPU time of processes, children's threads included, as the kernel counts it. */
import { readdir, readFile } from 'node:fs/promises';

/** Microseconds on a CPU of all threads of the processes together, since they began. Threads that have ended are not counted. */
export async function cpuMicroseconds(pids: Iterable<number>): Promise<number> {
  const perProcess = await Promise.all(
    Array.from(pids, async (pid) => {
      const threads = await readdir(`/proc/${pid}/task`);
      const texts = await Promise.all(threads.map(async (thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')));
      return texts.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
    }),
  );
  return perProcess.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1000;
}
