/**
 * Snapshots that are being read by other nodes, or were a moment ago: a receiver whose connection broke goes on with the same one. Each
 * holds a view of the documents, so their number and the time that nobody reads them are bounded.
 */
import type { SnapshotReader, SnapshotSource } from './snapshot-reader.ts';

export interface SnapshotSessionsOptions {
  readonly source: SnapshotSource;
  readonly sessionsMax: number;
  /** How long one stays open that nobody reads. */
  readonly keepMs: number;
  readonly newSessionId: () => string;
  /** Runs once unless disposed before. */
  readonly after: (ms: number, run: () => void) => Disposable;
}

export interface SessionRequest {
  readonly shard: string;
  readonly replicaId: string;
  readonly receiver: string;
  /** Undefined for a new snapshot. */
  readonly session: string | undefined;
}

export type SessionRefusal = { readonly kind: 'busy'; readonly retryAfterSeconds: number } | { readonly kind: 'session-gone' };

/** The right to read a snapshot. Dispose it when the connection ends, however it does. */
export interface SessionLease extends AsyncDisposable {
  readonly kind: 'lease';
  readonly session: string;
  readonly reader: SnapshotReader;
  /** Aborts when the receiver reads on another connection, or the node shuts down. */
  readonly signal: AbortSignal;
  /** All of it was sent: from now on it may give way to others. */
  completed(): void;
}

interface Session extends SessionRequest {
  readonly id: string;
  readonly reader: SnapshotReader;
  lease: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;
  expiry: Disposable | undefined;
  completed: boolean;
}

const retryAfterSeconds = 5;

export class SnapshotSessions implements AsyncDisposable {
  readonly #options: SnapshotSessionsOptions;
  readonly #sessions = new Map<string, Session>();
  #opening = 0;
  #closed = false;

  constructor(options: SnapshotSessionsOptions) {
    this.#options = options;
  }

  get open(): number {
    return this.#sessions.size;
  }

  /** Throws NoSnapshotError where the replica is not open here. */
  async lease(request: SessionRequest): Promise<SessionLease | SessionRefusal> {
    if (this.#closed) return { kind: 'busy', retryAfterSeconds };
    if (request.session === undefined) return await this.#begin(request);
    const session = this.#sessions.get(request.session);
    if (!session || session.replicaId !== request.replicaId || session.shard !== request.shard || session.receiver !== request.receiver) {
      return { kind: 'session-gone' };
    }
    while (session.lease) {
      session.lease.controller.abort(new Error('the receiver reads on another connection'));
      await session.lease.ended;
    }
    return this.#sessions.has(session.id) ? this.#leaseOf(session) : { kind: 'session-gone' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(Array.from(this.#sessions.values(), async (session) => await this.#drop(session)));
  }

  async #begin(request: SessionRequest): Promise<SessionLease | SessionRefusal> {
    for (const older of this.#sessions.values()) {
      const isSuperseded = older.shard === request.shard && older.receiver === request.receiver;
      if (isSuperseded || (older.completed && this.#isFull)) await this.#drop(older);
    }
    if (this.#isFull) return { kind: 'busy', retryAfterSeconds };
    this.#opening += 1;
    try {
      const reader = await this.#options.source.open(request.shard, request.replicaId);
      const id = this.#options.newSessionId();
      const session: Session = { ...request, id, reader, lease: undefined, expiry: undefined, completed: false };
      if (this.#closed) {
        await reader[Symbol.asyncDispose]();
        return { kind: 'busy', retryAfterSeconds };
      }
      this.#sessions.set(id, session);
      return this.#leaseOf(session);
    } finally {
      this.#opening -= 1;
    }
  }

  get #isFull(): boolean {
    return this.#sessions.size + this.#opening >= this.#options.sessionsMax;
  }

  #leaseOf(session: Session): SessionLease {
    session.expiry?.[Symbol.dispose]();
    const controller = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const lease = { controller, ended };
    session.lease = lease;
    return {
      kind: 'lease',
      session: session.id,
      reader: session.reader,
      signal: controller.signal,
      completed: () => {
        session.completed = true;
      },
      [Symbol.asyncDispose]: async () => {
        if (session.lease === lease) {
          session.lease = undefined;
          session.expiry = this.#options.after(this.#options.keepMs, () => void this.#drop(session));
        }
        resolve();
      },
    };
  }

  async #drop(session: Session): Promise<void> {
    if (!this.#sessions.delete(session.id)) return;
    while (session.lease) {
      session.lease.controller.abort(new Error('the snapshot is closed'));
      await session.lease.ended;
    }
    session.expiry?.[Symbol.dispose]();
    await session.reader[Symbol.asyncDispose]();
  }
}
