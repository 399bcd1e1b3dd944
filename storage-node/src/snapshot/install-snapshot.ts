/**
 * Puts a fetched snapshot in the place of a replica's documents, log and saved segments. A crash on the way leaves a replica that begins
 * again from nothing, never a mixture:
 *
 *   1. `installing` is on the disk: from here on what there is of the replica counts for nothing
 *   2. documents, log entries and segments of the replica are deleted
 *   3. rows and files of the snapshot are written; how far they reach comes last, and then a flush
 *   4. `installing` becomes `installed`, which says where the log of the replica begins
 */
import type { Documents, DocumentWrite } from '@vectorcluster/engine/documents/documents.ts';
import type { Disk, DiskFile } from '@vectorcluster/engine/log/disk.ts';
import { openFileDisk } from '@vectorcluster/engine/log/file-disk.ts';
import type { Log } from '@vectorcluster/engine/log/log.ts';
import { join } from 'node:path';
import { z } from 'zod';
import { deleteReplica } from '../replica-host/replica-deletion.ts';
import { makeFolderDurably } from '../replica-host/durable-file.ts';
import type { Position } from '../replication/log-shape.ts';
import { decodeApplied } from '../shard/applied-record.ts';
import { DocumentKeys, replicaIdBytes } from '../shard/document-keys.ts';
import { readIfThere, removeIfThere, writeWhole } from './disk-files.ts';
import type { FetchedSnapshot } from './fetch-snapshot.ts';
import { isSnapshotFile, type FilePiece, type SnapshotRow } from './part-format.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';

/** A replica that nobody uses: its state is closed. */
export interface InstallTarget {
  readonly documents: Documents;
  readonly log: Log;
  readonly replicaId: string;
  /** The folder of the replica, where its marks are. */
  readonly folder: Disk;
  /** The folder of its saved segments. */
  readonly segments: Disk;
}

const installing = 'installing';
const installed = 'installed';
const positionFile = z.strictObject({ sequence: z.coerce.bigint(), epoch: z.coerce.bigint() });
/** Rows of one write: others get their turn in between. */
const rowsPerWrite = 256;

/** `folder` is the replica's; its segments are in `segments/` below. */
export async function installTarget(
  options: Omit<InstallTarget, 'folder' | 'segments'> & { readonly folder: string },
): Promise<InstallTarget> {
  const segments = join(options.folder, 'segments');
  await makeFolderDurably(segments);
  return { ...options, folder: await openFileDisk(options.folder), segments: await openFileDisk(segments) };
}

/** Where the log of this replica begins, when a snapshot was installed in it: behind this position. */
export async function installedPosition(folder: Disk): Promise<Position | undefined> {
  const text = await readIfThere(folder, installed);
  return text === undefined ? undefined : positionFile.parse(JSON.parse(text));
}

/** To be called before a replica is opened: one whose installation was not finished is emptied. Resolves to whether that was so. */
export async function emptyUnfinished(target: InstallTarget): Promise<boolean> {
  if ((await readIfThere(target.folder, installing)) === undefined) return false;
  await empty(target);
  await target.documents.flush();
  // In this order: a replica without data must not say that its log begins behind a snapshot.
  await removeIfThere(target.folder, installed);
  await removeIfThere(target.folder, installing);
  return true;
}

/**
 * Resolves when the replica is the snapshot, durably; the parts are gone then. When it throws, the replica is to be emptied with
 * `emptyUnfinished`: SnapshotRefusedError for parts that were damaged on this disk, or whatever log and documents throw.
 */
export async function installSnapshot({ parts, position }: FetchedSnapshot, target: InstallTarget): Promise<Position> {
  const { folder, documents } = target;
  await writeWhole(folder, installing, JSON.stringify({ sequence: String(position.sequence), epoch: String(position.epoch) }));
  await empty(target);
  try {
    const reached = await writeParts(parts.read(), target);
    if (!reached || decodeApplied(reached.value).position.sequence !== position.sequence)
      throw new SnapshotRefusedError('content', 'it does not reach what it tells');
    await documents.write([putOf(reached, target.replicaId)]);
  } catch (error) {
    if (error instanceof SnapshotRefusedError) await parts.clear();
    throw error;
  }
  await documents.flush();
  await folder.rename(installing, installed);
  await folder.syncFolder();
  await parts.clear();
  return position;
}

async function empty(target: InstallTarget): Promise<void> {
  await deleteReplica(target);
  for (const name of await target.segments.list()) await target.segments.remove(name);
  await target.segments.syncFolder();
}

/** The row that says how far the others reach is not written but returned. */
async function writeParts(parts: ReturnType<FetchedSnapshot['parts']['read']>, target: InstallTarget): Promise<SnapshotRow | undefined> {
  const { documents, replicaId } = target;
  const applied = new DocumentKeys(replicaId).applied.subarray(replicaIdBytes);
  await using files = new IncomingFiles(target.segments);
  let reached: SnapshotRow | undefined;
  for await (const part of parts) {
    if (part.kind === 'file') {
      await files.add(part);
      continue;
    }
    for (let at = 0; at < part.rows.length; at += rowsPerWrite) {
      const batch: DocumentWrite[] = [];
      for (const row of part.rows.slice(at, at + rowsPerWrite)) {
        if (row.family === 'meta' && row.key.equals(applied)) reached = { ...row, value: Buffer.from(row.value) };
        else batch.push(putOf(row, replicaId));
      }
      await documents.write(batch);
    }
  }
  await target.segments.syncFolder();
  return reached;
}

function putOf({ family, key, value }: SnapshotRow, replicaId: string): DocumentWrite {
  const whole = Buffer.allocUnsafe(replicaIdBytes + key.length);
  whole.write(replicaId, 'hex');
  key.copy(whole, replicaIdBytes);
  return { kind: 'put', family, key: whole, value };
}

/** Files that come piece by piece, one after the other, and have their name only when they are whole and on the disk. */
class IncomingFiles implements AsyncDisposable {
  readonly #disk: Disk;
  #open: DiskFile | undefined;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async add({ name, offset, size, bytes }: FilePiece): Promise<void> {
    if (!isSnapshotFile(name)) throw new SnapshotRefusedError('file-name', `${name} is no file of a replica`);
    const temporary = `${name}.new`;
    this.#open ??= await this.#disk.open(temporary);
    await this.#open.append([bytes]);
    if (offset + bytes.length < size) return;
    await this.#open.sync();
    await this[Symbol.asyncDispose]();
    await this.#disk.rename(temporary, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.[Symbol.asyncDispose]();
    this.#open = undefined;
  }
}
