/**
 * Group commit: changes that arrive while one batch is being synced go to disk together in the next.
 *
 * A failed write or sync ends the journal for good: what is on disk is no longer known, so nothing more is acknowledged.
 */
import { open, type FileHandle } from 'node:fs/promises';
import type { Change } from '../core/store/store.ts';
import { syncDirectory } from './durable-file.ts';
import { journalLine } from './journal-file.ts';
import { journalPath, writeSnapshot, type SnapshotEntry } from './state.ts';

export interface JournalOptions {
  readonly directory: string;
  readonly revision: number;
  readonly onDurable: (revision: number) => void;
  readonly onFailure: (error: unknown) => void;
  /** Everything there is now, for a snapshot. */
  readonly entries: () => Iterable<SnapshotEntry>;
  readonly snapshotAfterBytes?: number;
}

interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Journal implements AsyncDisposable {
  readonly #options: JournalOptions;
  readonly #snapshotAfterBytes: number;
  #file: FileHandle;
  #bytes = 0;
  #pending: Change[] = [];
  #waiters: Waiter[] = [];
  #durable: number;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  private constructor(options: JournalOptions, file: FileHandle) {
    this.#options = options;
    this.#snapshotAfterBytes = options.snapshotAfterBytes ?? 16 * 1024 * 1024;
    this.#file = file;
    this.#durable = options.revision;
  }

  static async open(options: JournalOptions): Promise<Journal> {
    const file = await open(journalPath(options.directory, options.revision), 'a', 0o600);
    await syncDirectory(options.directory);
    return new Journal(options, file);
  }

  append(change: Change): void {
    // Behind a write that failed nothing may follow: the gap would be taken for damage, or worse, not be seen.
    if (this.#failure) return;
    this.#pending.push(change);
    this.#running ??= this.#run();
  }

  /** Resolves when everything up to the revision is on disk and published. */
  async reached(revision: number): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    if (revision <= this.#durable) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push({ revision, resolve, reject });
    await promise;
  }

  async #run(): Promise<void> {
    // Lets everything that is decided in this turn of the event loop into the batch.
    await Promise.resolve();
    try {
      while (this.#pending.length > 0) {
        await this.#commit(this.#pending.splice(0));
        if (this.#bytes > this.#snapshotAfterBytes && this.#pending.length === 0) await this.#compact();
      }
    } catch (error) {
      this.#failure = { error };
      this.#pending = [];
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
      this.#options.onFailure(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #commit(batch: readonly Change[]): Promise<void> {
    const text = batch.map(journalLine).join('');
    await this.#file.appendFile(text);
    await this.#file.datasync();
    this.#bytes += text.length;
    this.#durable = batch.at(-1)?.revision ?? this.#durable;
    this.#options.onDurable(this.#durable);
    const done = this.#waiters.filter((waiter) => waiter.revision <= this.#durable);
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > this.#durable);
    for (const waiter of done) waiter.resolve();
  }

  /** Everything is durable at this moment: a new journal starts here, the snapshot replaces the old one. */
  async #compact(): Promise<void> {
    const revision = this.#durable;
    const entries = [...this.#options.entries()];
    const { directory } = this.#options;
    const next = await open(journalPath(directory, revision), 'a', 0o600);
    await syncDirectory(directory);
    await this.#file.close();
    this.#file = next;
    this.#bytes = 0;
    await writeSnapshot(directory, revision, entries);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running;
    await this.#file.close();
  }
}
