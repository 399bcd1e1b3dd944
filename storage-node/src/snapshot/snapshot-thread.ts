/**
 * The thread of one snapshot: reads the documents through a handle of its own and cuts them into parts, so that the thread which answers
 * clients does none of it. It gives way to the others, where the system gives threads a priority of their own.
 */
import assert from 'node:assert/strict';
import { setPriority } from 'node:os';
import { parentPort, workerData, type Transferable } from 'node:worker_threads';
import { openRocksView } from '@vectorcluster/engine/documents/rocks-view.ts';
import { NoSnapshotError } from './snapshot-errors.ts';
import { openSnapshot, type SnapshotPiece, type SnapshotReader } from './snapshot-reader.ts';
import { piecesAhead, type FromThread, type ThreadSnapshot, type ToThread } from './thread-messages.ts';

/** Yields to all other threads of the node at once, and still gets a tenth of a processor that they want all of: a copy must end. */
const lowPriority = 10;

assert(parentPort, 'this is the program of a thread');
const port = parentPort;
// Elsewhere it would be the priority of the whole process.
if (process.platform === 'linux') setPriority(lowPriority);
await run(workerData);

async function run({ documentsFolder, ...options }: ThreadSnapshot): Promise<void> {
  const reader = await openSnapshot({ view: await openRocksView(documentsFolder), ...options }).catch((error: unknown) => {
    if (error instanceof NoSnapshotError) return error;
    throw error;
  });
  if (reader instanceof NoSnapshotError) {
    say({ kind: 'nothing', because: reader.message });
    port.close();
    return;
  }
  say({ kind: 'opened', position: reader.position, approximateBytes: reader.approximateBytes });
  let reading: Reading | undefined;
  let settled: Promise<void> = Promise.resolve();
  port.on('message', (message: ToThread) => {
    if (message.kind === 'read') {
      const next = new Reading(message.reading);
      reading = next;
      settled = settled.then(() => next.run(reader, message.first));
    } else if (message.kind === 'close') {
      reading?.stop();
      void settled.then(() => reader[Symbol.asyncDispose]()).then(() => port.close());
    } else if (message.reading === reading?.number) {
      if (message.kind === 'take') reading.take();
      else reading.stop();
    }
  });
}

class Reading {
  readonly number: number;
  #allowed = piecesAhead;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(number: number) {
    this.number = number;
  }

  take(): void {
    this.#allowed += 1;
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  async run(reader: SnapshotReader, first: number): Promise<void> {
    for await (const piece of reader.read(first)) {
      while (this.#allowed === 0 && !this.#stopped) await this.#woken();
      if (this.#stopped) return;
      this.#allowed -= 1;
      say({ kind: 'piece', reading: this.number, piece }, memoryOf(piece));
    }
    say({ kind: 'ended', reading: this.number });
  }

  async #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }
}

/** Data changes hands and is not copied: its memory holds nothing else. */
function memoryOf(piece: SnapshotPiece): readonly Transferable[] {
  return piece.kind === 'data' ? [piece.bytes.buffer] : [];
}

function say(message: FromThread, transferred: readonly Transferable[] = []): void {
  port.postMessage(message, transferred);
}
