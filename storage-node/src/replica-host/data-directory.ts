/**
 * The node's data directory:
 *
 *   identity.json           whose data this is; a directory of another cluster, or of an earlier one of this name, is refused
 *   log/                    the node's log
 *   documents/              RocksDB, and beside it what documents-folder.ts names
 *   replicas/SHARD_UID/     replica.json: replica id, highest epoch, collection; segments/: saved segments, which may be deleted;
 *                           incoming/: parts of a snapshot on its way; installing, installed: how far its installation is
 *   replicas/REPLICA_ID.dropped/   a replica whose data is being deleted
 */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CollectionReference } from '../membership/shard-host.ts';
import { DocumentsFolder } from './documents-folder.ts';
import { makeFolderDurably, syncFolder, writeDurably } from './durable-file.ts';

const identity = z.strictObject({ format: z.literal(1), namespace: z.string(), cluster: z.string(), clusterUid: z.string() });
const replicaFile = z.strictObject({
  replicaId: z.string().regex(/^[0-9a-f]{32}$/),
  epoch: z.string().regex(/^\d+$/),
  collection: z.strictObject({ name: z.string(), uid: z.string() }),
});

/** The VectorCluster that a node belongs to. */
export interface Owner {
  readonly namespace: string;
  readonly cluster: string;
  readonly clusterUid: string;
}

export interface ReplicaIdentity {
  readonly replicaId: string;
  /** Highest epoch that this replica has known; 0 for none. */
  readonly epoch: bigint;
  /** The VectorCollection that its shard belongs to. */
  readonly collection: CollectionReference;
}

export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

const dropped = '.dropped';

export class DataDirectory {
  readonly path: string;
  readonly documentsFolder: DocumentsFolder;

  private constructor(path: string) {
    this.path = path;
    this.documentsFolder = new DocumentsFolder(join(path, 'documents'));
  }

  /** Formats an empty directory. Throws DataDirectoryError for one that belongs to another cluster or has lost parts. */
  static async open(path: string, owner: Owner): Promise<DataDirectory> {
    await makeFolderDurably(path);
    await new DocumentsFolder(join(path, 'documents')).finishReplacement();
    const text = await readFile(join(path, 'identity.json'), 'utf8').catch(missing);
    if (text === undefined) {
      const data = await partsWithData(path);
      if (data.length > 0) {
        throw new DataDirectoryError(
          `${path} holds ${data.join(', ')} but no identity.json: it was deleted in part. Restore the file from a copy of the volume, or empty the directory to start without data.`,
        );
      }
    } else {
      const found = identity.safeParse(parseJson(text));
      if (!found.success)
        throw new DataDirectoryError(`${path}/identity.json is damaged: restore it, or empty the directory to start without data`);
      if (found.data.cluster !== owner.cluster || found.data.namespace !== owner.namespace) {
        throw new DataDirectoryError(
          `${path} belongs to cluster ${found.data.namespace}/${found.data.cluster}, not to ${owner.namespace}/${owner.cluster}: give this node a volume of its own`,
        );
      }
      if (found.data.clusterUid !== owner.clusterUid) {
        throw new DataDirectoryError(
          `${path} holds the data of an earlier VectorCluster ${owner.namespace}/${owner.cluster}, which was deleted and left its volumes behind: to begin without these data, delete the PersistentVolumeClaim of this node; to keep them, give the new cluster another name`,
        );
      }
      await assertComplete(path);
    }
    for (const folder of ['log', 'replicas']) await makeFolderDurably(join(path, folder));
    if (text === undefined) await writeDurably(join(path, 'identity.json'), JSON.stringify({ format: 1, ...owner }));
    return new DataDirectory(path);
  }

  segments(shard: string): string {
    return join(this.#folder(shard), 'segments');
  }

  /** Of one replica. */
  replica(shard: string): string {
    return this.#folder(shard);
  }

  /** Parts of a snapshot that is on its way to a replica. */
  incoming(shard: string): string {
    return join(this.#folder(shard), 'incoming');
  }

  get log(): string {
    return join(this.path, 'log');
  }

  get documents(): string {
    return this.documentsFolder.path;
  }

  /** Replicas by shard UID, and ids of those whose deletion was begun. */
  async replicas(): Promise<{ readonly kept: ReadonlyMap<string, ReplicaIdentity>; readonly dropping: readonly string[] }> {
    const kept = new Map<string, ReplicaIdentity>();
    const dropping: string[] = [];
    for (const folder of await readdir(join(this.path, 'replicas'))) {
      if (folder.endsWith(dropped)) {
        dropping.push(folder.slice(0, -dropped.length));
        continue;
      }
      const file = join(this.path, 'replicas', folder, 'replica.json');
      const text = await readFile(file, 'utf8').catch(missing);
      const found = replicaFile.safeParse(text === undefined ? undefined : parseJson(text));
      if (found.success) kept.set(folder, { ...found.data, epoch: BigInt(found.data.epoch) });
      else if (text !== undefined) throw new DataDirectoryError(`${file} is damaged: restore it from a copy of the volume`);
      // A folder without the file was being formatted when the process ended, and holds nothing.
    }
    return { kept, dropping };
  }

  async saveReplica(shard: string, { replicaId, epoch, collection }: ReplicaIdentity): Promise<void> {
    const folder = this.#folder(shard);
    await makeFolderDurably(folder);
    await writeDurably(join(folder, 'replica.json'), JSON.stringify({ replicaId, epoch: String(epoch), collection }));
  }

  /** From here on the replica is gone, whatever happens; its data is still to be deleted. */
  async markDropped(shard: string, replicaId: string): Promise<void> {
    await rename(this.#folder(shard), this.#droppedFolder(replicaId));
    await syncFolder(join(this.path, 'replicas'));
  }

  /** The last step of a deletion. */
  async removeDropped(replicaId: string): Promise<void> {
    await rm(this.#droppedFolder(replicaId), { recursive: true, force: true });
  }

  #droppedFolder(replicaId: string): string {
    return join(this.path, 'replicas', replicaId + dropped);
  }

  #folder(shard: string): string {
    if (!/^[\w-]+$/.test(shard)) throw new DataDirectoryError(`"${shard}" is not the UID of a shard`);
    return join(this.path, 'replicas', shard);
  }
}

/** Empty folders are what a process leaves that ended while it formatted them. */
async function partsWithData(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of ['log', 'documents', 'replicas'])
    if (((await readdir(join(path, name)).catch(missing)) ?? []).length > 0) found.push(name);
  return found;
}

/** Without replicas the other parts may not be there yet: the process ended while it formatted them. */
async function assertComplete(path: string): Promise<void> {
  const replicas = await readdir(join(path, 'replicas')).catch(missing);
  if (replicas !== undefined && replicas.length === 0) return;
  const log = (await readdir(join(path, 'log')).catch(missing)) ?? [];
  const documents = (await readdir(join(path, 'documents')).catch(missing)) ?? [];
  const lost = [
    ...(replicas === undefined ? ['replicas/'] : []),
    ...(log.some((name) => name.endsWith('.log')) ? [] : ['log/']),
    ...(documents.includes('CURRENT') ? [] : ['documents/']),
  ];
  const nothingThere = replicas === undefined && log.length === 0 && documents.length === 0;
  if (lost.length === 0 || nothingThere) return;
  throw new DataDirectoryError(
    `${path} has lost ${lost.join(', ')}: it was deleted in part. Restore the whole directory from one copy, or empty it to start without data.`,
  );
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
