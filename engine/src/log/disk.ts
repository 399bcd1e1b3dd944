/** The disk as the log sees it, so that a simulator can tear it, fill it and lose it. Paths are relative to one folder. */
export interface Disk {
  /** Opens for appending and reading, made when absent. */
  open(path: string): Promise<DiskFile>;
  list(): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
  /** Atomic; durable after `syncFolder`. */
  rename(from: string, to: string): Promise<void>;
  /** Makes created, renamed and removed names durable. */
  syncFolder(): Promise<void>;
}

/** The disk cannot give back bytes that were written: EIO, or a file shorter than it was. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

export interface DiskFile extends AsyncDisposable {
  readonly size: number;
  append(buffers: readonly Uint8Array[]): Promise<void>;
  /** Throws UnreadableError. */
  read(offset: number, length: number): Promise<Buffer>;
  truncate(size: number): Promise<void>;
  /** fdatasync: data and size are on the disk when it resolves. */
  sync(): Promise<void>;
}
