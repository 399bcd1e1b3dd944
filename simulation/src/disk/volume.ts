/**
 * What one node has on its disk: the log's files, the documents, which replicas there are, and their folders. It outlives processes. A
 * process that is killed leaves what it wrote to the operating system; when the power goes, what was not synced may be lost, torn or
 * flipped.
 */
import type { Disk } from '@vectorcluster/engine/log/disk.ts';
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import { MemoryDisk } from '@vectorcluster/engine/log/memory-disk.ts';
import type { CollectionReference } from '@vectorcluster/storage-node/membership/shard-host.ts';
import type { Chance } from '../time/chance.ts';
import type { Process } from '../time/process.ts';
import type { Mutation } from '../mutation.ts';
import { mountDisk } from './mounted-disk.ts';
import { VolatileStore } from './volatile-store.ts';

export interface StoredReplica {
  readonly replicaId: string;
  readonly epoch: bigint;
  readonly collection: CollectionReference;
}

export interface MountedVolume {
  readonly log: Disk;
  readonly documents: Documents;
  readonly replicas: ReadonlyMap<string, StoredReplica>;
  /** Ids whose deletion was begun. */
  readonly dropping: ReadonlySet<string>;
  saveReplica(shard: string, replica: StoredReplica): Promise<void>;
  markDropped(shard: string, replicaId: string): Promise<void>;
  removeDropped(replicaId: string): Promise<void>;
  /** `part` is `replica`, `segments` or `incoming`. */
  folder(shard: string, part: string): Disk;
}

export class Volume {
  readonly #chance: Chance;
  readonly #mutation: Mutation;
  log: MemoryDisk;
  documents = new VolatileStore();
  replicas = new Map<string, StoredReplica>();
  dropping = new Set<string>();
  #folders = new Map<string, MemoryDisk>();
  /** Milliseconds that a sync usually takes. */
  syncMs = 1;

  constructor(chance: Chance, mutation: Mutation) {
    this.#chance = chance;
    this.#mutation = mutation;
    this.log = new MemoryDisk({ random: chance.next });
  }

  mount(process: Process): MountedVolume {
    const durably = async (name: string, change: () => void): Promise<void> => {
      await process.takes(this.#syncTime(), name);
      change();
    };
    return {
      log: mountDisk(this.log.mount(), process, () => this.#syncTime(), this.#mutation.syncsLie),
      documents: this.documents.mount(process, () => this.#syncTime()),
      replicas: new Map(this.replicas),
      dropping: new Set(this.dropping),
      saveReplica: (shard, replica) => durably('save replica', () => void this.replicas.set(shard, replica)),
      markDropped: (shard, replicaId) =>
        durably('mark dropped', () => {
          this.replicas.delete(shard);
          this.dropping.add(replicaId);
          for (const name of this.#folders.keys()) if (name.startsWith(`${shard}/`)) this.#folders.delete(name);
        }),
      removeDropped: (replicaId) => durably('remove dropped', () => void this.dropping.delete(replicaId)),
      folder: (shard, part) => mountDisk(this.#folder(`${shard}/${part}`).mount(), process, () => this.#syncTime()),
    };
  }

  /** The process has ended; the machine goes on. */
  kill(): void {
    this.log.kill();
    for (const folder of this.#folders.values()) folder.kill();
  }

  /** The machine has lost its power. */
  losePower(): void {
    const keep = this.#chance.pick(['none', 'all', 'prefix', 'subset'] as const);
    const flippedBits = this.#chance.is(0.3) ? this.#chance.integer(1, 3) : 0;
    this.log.crash({ keep, flippedBits });
    for (const folder of this.#folders.values()) folder.crash({ keep, flippedBits });
    this.documents.losePower(this.#chance);
  }

  /** Another, empty volume takes its place. */
  wipe(): void {
    this.log = new MemoryDisk({ random: this.#chance.next });
    this.documents = new VolatileStore();
    this.replicas = new Map();
    this.dropping = new Set();
    this.#folders = new Map();
  }

  /** Bits that were safely on the disk are no more what they were. */
  rot(): string | undefined {
    const files = this.log.paths.filter((path) => path.endsWith('.log') && this.log.size(path) > 64);
    if (files.length === 0) return undefined;
    const file = this.#chance.pick(files);
    const offset = this.#chance.integer(0, this.log.size(file) - 1);
    this.log.damage(file, offset, this.#chance.integer(0, 7));
    return `${file} at byte ${offset}`;
  }

  #syncTime(): number {
    return this.#chance.skewed(this.syncMs, this.syncMs * 40);
  }

  #folder(name: string): MemoryDisk {
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const folder = new MemoryDisk({ random: this.#chance.next });
    this.#folders.set(name, folder);
    return folder;
  }
}
