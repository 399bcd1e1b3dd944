/**
 * The first import of main: the engine and libuv read from the environment how many threads they may have, when they are loaded or first
 * used. What a person sets stays.
 */
import { availableParallelism, totalmem } from 'node:os';
import { tuningFor, TuningError, type Limits, type Tuning } from './tuning.ts';

/** Of the container, by its cgroup. */
export const limits: Limits = { memoryBytes: memoryLimit(), processors: availableParallelism() };

export const tuning: Tuning | TuningError = tuned();

function memoryLimit(): number | undefined {
  const bytes = process.constrainedMemory();
  return bytes > 0 && bytes < totalmem() ? bytes : undefined;
}

function tuned(): Tuning | TuningError {
  try {
    const found = tuningFor(limits);
    process.env['VECTOR_THREADS'] ??= String(found.engineThreads);
    process.env['UV_THREADPOOL_SIZE'] ??= String(found.ioThreads);
    return found;
  } catch (error) {
    if (error instanceof TuningError) return error;
    throw error;
  }
}
