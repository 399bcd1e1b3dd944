/**
 * The node's log: one append-only log for all replicas of a node, so that one fdatasync covers every waiting write.
 * An entry is durable once `append` resolves. Everything else a node holds can be rebuilt from it.
 */
export interface LogEntry {
  /** 128-bit replica id, 32 lower-case hexadecimal digits. */
  readonly replica: string;
  readonly epoch: bigint;
  /** Per replica: starts at 1 and has no gaps. */
  readonly sequence: bigint;
  /** At most 128 bytes of UTF-8; the request that caused the entry. */
  readonly requestId: string;
  /** Encoded, resolved operation. */
  readonly operation: Uint8Array;
}

/** What is kept of one replica: sequences `first` to `last`; `last < first` when there is none. */
export interface LogExtent {
  readonly first: bigint;
  readonly last: bigint;
}

/** From `first` up to the next run, entries are of `epoch`. */
export interface EpochRun {
  readonly epoch: bigint;
  readonly first: bigint;
}

export interface Log extends AsyncDisposable {
  /** Resolves when all `entries` and every entry appended before them are on the disk. Rejects for good after a failed sync. */
  append(entries: readonly LogEntry[]): Promise<void>;
  /**
   * Entries `from` to `to` (or as far as there are) of one replica, in order, as they are on the disk when the iteration begins; what is
   * truncated, released or moved meanwhile does not change it. Costs as much as the window, wherever it lies. Throws EntriesReleasedError
   * when `from` is no longer kept, LogCorruptionError at damage.
   */
  read(replica: string, from: bigint, to?: bigint): AsyncIterable<LogEntry>;
  /** Of what is on the disk: an entry counts once its `append` resolves. */
  extent(replica: string): LogExtent;
  /** Which epoch wrote which entries of `extent`, in order; the first run begins at its `first`, and there is none when it is empty. */
  epochRuns(replica: string): readonly EpochRun[];
  /** Forgets entries from `sequence` on, durably; for a follower whose log has diverged. */
  truncateFrom(replica: string, sequence: bigint): Promise<void>;
  /** Entries up to `sequence` are no longer needed; their segment files go when no replica needs them. */
  releaseUpTo(replica: string, sequence: bigint): void;
  /** Forgets all of a replica, durably. */
  drop(replica: string): Promise<void>;
  readonly replicas: readonly string[];
}

/** Damage other than a torn tail: never served, never skipped. */
export class LogCorruptionError extends Error {
  override readonly name = 'LogCorruptionError';
  readonly file: string;
  readonly offset: number;
  constructor(file: string, offset: number, what: string) {
    super(`${file} is damaged at byte ${offset}: ${what}`);
    this.file = file;
    this.offset = offset;
  }
}
