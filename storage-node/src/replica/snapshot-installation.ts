/**
 * Replaces what a replica holds by a snapshot of another one. Fetching goes on beside everything else; only for the installation itself
 * does the replica's disk belong to it alone, and messages of the protocol are lost meanwhile: they are sent again.
 */
import type { ReplicaEvent } from '../replication/events.ts';
import type { Replica } from '../replication/replica.ts';
import { pause, realAfter, type After } from './after.ts';
import type { Applier } from './applier.ts';
import type { DiskOrder } from './disk-order.ts';
import type { EntryStore } from './entry-store.ts';
import type { SnapshotInstaller, SnapshotPlace } from './ports.ts';

const pauseMs = 1_000;

export interface SnapshotInstallationOptions {
  readonly snapshots: SnapshotInstaller;
  readonly disk: DiskOrder;
  readonly applier: Applier;
  readonly entries: EntryStore;
  readonly replica: () => Replica;
  /** As the object was seen last. */
  readonly isInSync: () => boolean;
  readonly feed: (event: ReplicaEvent) => void;
  readonly onFailure: (place: SnapshotPlace, error: unknown) => void;
  readonly signal: AbortSignal;
  readonly after?: After | undefined;
}

export class SnapshotInstallation {
  readonly #options: SnapshotInstallationOptions;
  #isUnderWay = false;
  #isInstalling = false;

  constructor(options: SnapshotInstallationOptions) {
    this.#options = options;
  }

  /** The disk is being replaced: nothing may be appended. */
  get isInstalling(): boolean {
    return this.#isInstalling;
  }

  begin(place: SnapshotPlace): void {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    void this.#run(place);
  }

  async #run(place: SnapshotPlace): Promise<void> {
    const { snapshots, disk, signal, onFailure, after = realAfter } = this.#options;
    try {
      while (!signal.aborted && this.#isOfUse(place.atLeast)) {
        try {
          const fetched = await snapshots.fetch(place, signal);
          await disk.alone(async () => {
            if (this.#isOfUse(fetched.position.sequence)) await this.#install(fetched);
          });
          return;
        } catch (error) {
          if (signal.aborted) return;
          onFailure(place, error);
          await pause(after, pauseMs, signal);
        }
      }
    } finally {
      this.#isUnderWay = false;
    }
  }

  async #install(fetched: Awaited<ReturnType<SnapshotInstaller['fetch']>>): Promise<void> {
    const { snapshots, applier, entries, feed, replica } = this.#options;
    this.#isInstalling = true;
    try {
      await applier.untilIdle();
      entries.clear();
      await snapshots.install(fetched);
      applier.durable(fetched.position.sequence);
      feed({ kind: 'snapshot-installed', epoch: replica().epoch, position: fetched.position });
    } finally {
      this.#isInstalling = false;
    }
  }

  /** A copy that others count on is never emptied: between emptying and installing it would hold nothing under the same replica id. */
  #isOfUse(sequence: bigint): boolean {
    const { replica, isInSync } = this.#options;
    const { role, committed } = replica();
    return role.kind === 'following' && role.matched < sequence && committed < sequence && !isInSync();
  }
}
