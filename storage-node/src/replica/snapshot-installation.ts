/**
 * Replaces what a replica holds by a snapshot of another one. Fetching goes on beside everything else; only for the installation itself
 * does the replica's disk belong to it alone, and messages of the protocol are lost meanwhile: they are sent again.
 */
import type { ReplicaEvent } from '../replication/events.ts';
import type { Replica } from '../replication/replica.ts';
import type { FetchedSnapshot } from '../snapshot/fetch-snapshot.ts';
import { pause, realAfter, type After } from './after.ts';
import type { Applier } from './applier.ts';
import type { DiskOrder } from './disk-order.ts';
import type { EntryStore } from './entry-store.ts';
import type { ConfigurationStore, SnapshotInstaller, SnapshotPlace } from './ports.ts';

const pauseMs = 1_000;

export interface SnapshotInstallationOptions {
  readonly snapshots: SnapshotInstaller;
  readonly disk: DiskOrder;
  readonly applier: Pick<Applier, 'untilIdle' | 'truncated' | 'durable'>;
  readonly entries: Pick<EntryStore, 'clear'>;
  readonly replica: () => Replica;
  /** As the object was seen last. */
  readonly isInSync: () => boolean;
  readonly configuration: Pick<ConfigurationStore, 'read'>;
  readonly feed: (event: ReplicaEvent) => void;
  readonly onFailure: (place: SnapshotPlace, error: unknown) => void;
  readonly signal: AbortSignal;
  readonly after?: After | undefined;
}

export class SnapshotInstallation {
  readonly #options: SnapshotInstallationOptions;
  /** Of the source that announced one last: the next attempt asks that, since an earlier one may be gone for good. */
  #wanted: SnapshotPlace | undefined;
  #isInstalling = false;

  constructor(options: SnapshotInstallationOptions) {
    this.#options = options;
  }

  /** The disk is being replaced, or about to be: what were appended now would come behind what takes its place. */
  get isInstalling(): boolean {
    return this.#isInstalling;
  }

  begin(place: SnapshotPlace): void {
    const isUnderWay = this.#wanted !== undefined;
    // A newer one of the same source would make what has come of the older one worthless.
    if (this.#wanted?.from !== place.from) this.#wanted = place;
    if (!isUnderWay) void this.#run();
  }

  async #run(): Promise<void> {
    const { snapshots, signal, onFailure, after = realAfter } = this.#options;
    try {
      for (let place = this.#wanted; place !== undefined && this.#isOfUse(place.atLeast); place = this.#wanted) {
        if (signal.aborted) return;
        try {
          const fetched = await snapshots.fetch(place, signal);
          if (this.#isOfUse(fetched.position.sequence) && (await this.#isExpendable())) await this.#install(fetched);
          return;
        } catch (error) {
          if (signal.aborted) return;
          onFailure(place, error);
          await pause(after, pauseMs, signal);
        }
      }
    } finally {
      this.#wanted = undefined;
    }
  }

  /**
   * Whether the object, read fresh, counts on this copy no more, in the epoch that it is in. Later in that epoch it would only be counted on
   * for holding more than a snapshot does that is of use.
   */
  async #isExpendable(): Promise<boolean> {
    const { replica, configuration, signal } = this.#options;
    for (;;) {
      const { epoch, replicaId } = replica();
      const read = await configuration.read(signal);
      if (read === undefined || read.inSync.includes(replicaId)) return false;
      if (replica().epoch === epoch) return true;
    }
  }

  async #install(fetched: FetchedSnapshot): Promise<void> {
    this.#isInstalling = true;
    try {
      await this.#options.disk.alone(async () => {
        if (this.#isOfUse(fetched.position.sequence)) await this.#replace(fetched);
      });
    } finally {
      this.#isInstalling = false;
    }
  }

  async #replace(fetched: FetchedSnapshot): Promise<void> {
    const { snapshots, applier, entries, feed, replica } = this.#options;
    const { position } = fetched;
    await applier.untilIdle();
    entries.clear();
    await snapshots.install(fetched);
    // The log may have reached further than the snapshot does.
    applier.truncated(position.sequence + 1n);
    applier.durable(position.sequence);
    feed({ kind: 'snapshot-installed', epoch: replica().epoch, position });
  }

  /** A copy that others count on is never emptied: between emptying and installing it would hold nothing under the same replica id. */
  #isOfUse(sequence: bigint): boolean {
    const { replica, isInSync } = this.#options;
    const { role, committed } = replica();
    return role.kind === 'following' && role.matched < sequence && committed < sequence && !isInSync();
  }
}
