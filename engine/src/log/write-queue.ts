import { recordBytes, writeRecord, type LogRecord } from './record.ts';

/** Records that one caller waits for together. */
export interface QueuedWrite {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Waiting extends QueuedWrite {
  encoded: Buffer | undefined;
}

/**
 * Writes in the order of their calls, waiting for the disk. Up to `maxQueuedBytes` are encoded as they come; a write beyond that waits
 * as its caller made it, and the caller, who awaits it, is what is slowed down.
 */
export class WriteQueue {
  readonly #maxQueuedBytes: number;
  #waiting: Waiting[] = [];
  #encodedBytes = 0;

  constructor(maxQueuedBytes: number) {
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  get length(): number {
    return this.#waiting.length;
  }

  add(records: readonly LogRecord[]): Promise<void> {
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fits = this.#encodedBytes + bytes <= this.#maxQueuedBytes;
    if (fits) this.#encodedBytes += bytes;
    this.#waiting.push({ records, bytes, resolve, reject, encoded: fits ? encode(records, bytes) : undefined });
    return promise;
  }

  /** The next writes, together at most `maxBytes` or a single one, and their payload. */
  take(maxBytes: number): { readonly writes: readonly QueuedWrite[]; readonly payload: readonly Buffer[]; readonly bytes: number } {
    let bytes = 0;
    let count = 0;
    const payload: Buffer[] = [];
    for (const write of this.#waiting) {
      if (count > 0 && bytes + write.bytes > maxBytes) break;
      if (write.encoded !== undefined) this.#encodedBytes -= write.bytes;
      payload.push(write.encoded ?? encode(write.records, write.bytes));
      bytes += write.bytes;
      count += 1;
    }
    const writes = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return { writes, payload, bytes };
  }

  rejectAll(error: Error): void {
    for (const write of this.#waiting) write.reject(error);
    this.#waiting = [];
    this.#encodedBytes = 0;
  }
}

export function encode(records: readonly LogRecord[], bytes: number): Buffer {
  const target = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const record of records) at = writeRecord(target, at, record);
  return target;
}
