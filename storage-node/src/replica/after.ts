/** Time that passes, as whoever waits for it is given it: the real one, or one that a simulation lets pass. */

/** Calls `act` once after so many milliseconds, unless disposed of before. */
export type After = (ms: number, act: () => void) => Disposable;

export const realAfter: After = (ms, act) => {
  const timer = setTimeout(act, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
};

/** Resolves after the time, or as soon as `signal` is aborted. */
export async function pause(after: After, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  using _timer = after(ms, resolve);
  const wake = (): void => resolve();
  signal?.addEventListener('abort', wake, { once: true });
  await promise;
  signal?.removeEventListener('abort', wake);
}
