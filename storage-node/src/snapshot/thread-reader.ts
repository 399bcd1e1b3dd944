/** A snapshot that is made in a thread of its own, seen from the thread that sends it on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Position } from '../replication/log-shape.ts';
import { NoSnapshotError } from './snapshot-errors.ts';
import type { SnapshotPiece, SnapshotReader } from './snapshot-reader.ts';
import type { FromThread, ThreadSnapshot, ToThread } from './thread-messages.ts';

/**
 * The state holds what was flushed and every write that had resolved. Throws NoSnapshotError when nothing was applied, and what the thread
 * fails with, a DocumentsOpenError among them.
 */
export async function openSnapshotInThread(snapshot: ThreadSnapshot): Promise<SnapshotReader> {
  const worker = new Worker(new URL('./snapshot-thread.ts', import.meta.url), { workerData: snapshot });
  const inbox = new Inbox(worker);
  const first = await inbox.next();
  if (first.kind === 'opened') return new ThreadReader(worker, inbox, first);
  assert(first.kind === 'nothing', `a thread begins with ${first.kind}`);
  throw new NoSnapshotError(first.because);
}

/** Messages of the thread in their order; as many as it may send ahead. */
class Inbox {
  readonly #messages: FromThread[] = [];
  #failure: unknown;
  #wake: () => void = () => {};

  constructor(worker: Worker) {
    worker.on('message', (message: FromThread) => {
      this.#messages.push(message);
      this.#wake();
    });
    const fail = (cause: unknown): void => {
      this.#failure ??= cause;
      this.#wake();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread of a snapshot has ended')));
  }

  /** Rejects when the thread has failed, or ended. */
  async next(): Promise<FromThread> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) return message;
      if (this.#failure !== undefined) throw this.#failure;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}

class ThreadReader implements SnapshotReader {
  readonly position: Position;
  readonly approximateBytes: number;
  readonly #worker: Worker;
  readonly #inbox: Inbox;
  #reached = 1;
  #reading = 0;

  constructor(worker: Worker, inbox: Inbox, opened: { readonly position: Position; readonly approximateBytes: number }) {
    this.#worker = worker;
    this.#inbox = inbox;
    this.position = opened.position;
    this.approximateBytes = opened.approximateBytes;
  }

  get reached(): number {
    return this.#reached;
  }

  async *read(first: number): AsyncGenerator<SnapshotPiece> {
    assert(first >= 1 && first <= this.#reached, `part ${first} does not follow the parts that were read`);
    this.#reading += 1;
    const reading = this.#reading;
    this.#say({ kind: 'read', reading, first });
    try {
      for (;;) {
        const message = await this.#inbox.next();
        if (!('reading' in message) || message.reading !== reading) continue; // of a reading that was given up
        if (message.kind === 'ended') return;
        const piece = pieceOf(message.piece);
        if (piece.kind === 'part-ended') this.#reached = Math.max(this.#reached, piece.number + 1);
        yield piece;
        this.#say({ kind: 'take', reading });
      }
    } finally {
      this.#say({ kind: 'stop', reading });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#worker.threadId === -1) return; // it has ended
    const ended = once(this.#worker, 'exit');
    this.#say({ kind: 'close' });
    await ended;
  }

  #say(message: ToThread): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is of windows
    this.#worker.postMessage(message);
  }
}

/** Buffers arrive as plain bytes. */
function pieceOf(piece: SnapshotPiece): SnapshotPiece {
  switch (piece.kind) {
    case 'data':
      return { ...piece, bytes: bufferOf(piece.bytes) };
    case 'part-ended':
      return { ...piece, sha256: bufferOf(piece.sha256) };
    case 'finished':
      return { ...piece, summary: { ...piece.summary, digest: bufferOf(piece.summary.digest) } };
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(buffer, byteOffset, byteLength);
}
