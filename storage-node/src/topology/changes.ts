/** Lets requests wait for a state that something else brings about, without polling. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** To be called after every change that `until` may be waiting for. */
  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Calls the listener after every change until the result is called. */
  subscribe(listener: () => void): () => void {
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Resolves once `holds()`; looked at now and after every change. Rejects with the signal's reason. */
  async until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (holds()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      try {
        if (holds()) resolve();
      } catch (error) {
        reject(error);
      }
    };
    const stop = () => reject(signal.reason);
    const unsubscribe = this.subscribe(look);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await promise;
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', stop);
    }
  }
}
