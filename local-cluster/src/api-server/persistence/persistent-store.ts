/** A store whose writes are in a state directory before anybody hears of them. */
import { mkdir } from 'node:fs/promises';
import { Store } from '../core/store/store.ts';
import { Journal } from './journal.ts';
import { loadState, type SnapshotEntry } from './state.ts';

export interface PersistentStore extends AsyncDisposable {
  readonly store: Store;
  /** Resolves when everything written so far is durable. */
  readonly settled: () => Promise<void>;
}

export interface PersistentStoreOptions {
  readonly directory: string;
  readonly onFailure: (error: unknown) => void;
  readonly snapshotAfterBytes?: number;
}

export async function openStore(options: PersistentStoreOptions): Promise<PersistentStore> {
  const { directory } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const state = await loadState(directory);
  const opened: { journal?: Journal } = {};
  const store = new Store({ onWrite: (change) => opened.journal?.append(change) });
  if (state.snapshot) store.restore(state.snapshot.revision, state.snapshot.entries);
  for (const record of state.records) store.replay(record.revision, record.storage, record.key, record.object);
  const journal = await Journal.open({
    ...options,
    revision: store.revision,
    onDurable: (revision) => store.publish(revision),
    entries: () => entriesOf(store),
  });
  opened.journal = journal;
  return { store, settled: () => journal.reached(store.revision), [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose]() };
}

function* entriesOf(store: Store): Iterable<SnapshotEntry> {
  for (const storage of store.storages()) for (const object of store.values(storage)) yield { storage, object };
}
