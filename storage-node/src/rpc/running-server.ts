export interface RunningServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Tells clients that their connections will end, so that their next requests go to another node. Those that come are answered. */
  sendClientsAway(): void;
}

interface Stop {
  /** Takes no new requests; resolves when those under way are answered. */
  readonly drain: () => Promise<void>;
  /** Ends what is left, so that `drain` resolves. */
  readonly cut: () => void;
  readonly drainTimeoutMs: number;
}

/** A request may have an hour; a Pod that must go has a minute. */
export async function stopWithin({ drain, cut, drainTimeoutMs }: Stop): Promise<void> {
  const timer = setTimeout(cut, drainTimeoutMs);
  try {
    await drain();
  } finally {
    clearTimeout(timer);
  }
}
