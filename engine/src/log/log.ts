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

/** What one step of checking a file found. */
export interface LogCheck {
  /** Where to go on; undefined at the end of what is written. */
  readonly next: number | undefined;
  readonly bytes: number;
  /** Names the replicas whose entries a replay would not find, which are damaged from now on; none when nobody needs what was there. */
  readonly damage: LogCorruptionError | undefined;
}

/**
 * A damaged replica is one of which entries were lost or may have been. Of it nothing is told or taken: `read`, `append` and
 * `truncateFrom` throw its LogCorruptionError, `extent` is empty, and so it stays through restarts until it is dropped. Others go on.
 */
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
  /** With the damaged ones. */
  readonly replicas: readonly string[];
  readonly damaged: ReadonlyMap<string, LogCorruptionError>;
  /** For a scrubber: the files from the oldest on, with the bytes written to each. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Reads and verifies about a megabyte of a file from `offset` on, which is 0 or a `next`. Undefined when the file is gone. */
  check(file: string, offset: number): Promise<LogCheck | undefined>;
}

/** Bytes that were on the disk and are not what was written: never served, never skipped. */
export class LogCorruptionError extends Error {
  override readonly name = 'LogCorruptionError';
  readonly file: string;
  readonly offset: number;
  /** Replicas that lost entries by it, or may have. */
  readonly replicas: readonly string[];
  constructor(file: string, offset: number, what: string, replicas: readonly string[] = []) {
    super(`${file} is damaged at byte ${offset}: ${what}`);
    this.file = file;
    this.offset = offset;
    this.replicas = replicas;
  }
}
