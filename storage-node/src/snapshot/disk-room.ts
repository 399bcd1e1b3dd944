/** Whether a disk has room for a snapshot: for its parts, and for the same once more as documents and segments. */
import { statfs } from 'node:fs/promises';
import { refusesAt, writesMark } from '../replica-host/disk-watermark.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';

export interface DiskRoom {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** Of the file system that holds `path`, as far as ordinary users may fill it. */
export async function roomOf(path: string): Promise<DiskRoom> {
  const { blocks, bavail, bsize } = await statfs(path);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}

const copies = 2;

/** Throws SnapshotRefusedError when writes would be refused with so much more on the disk. */
export function assertRoom({ totalBytes, freeBytes }: DiskRoom, snapshotBytes: number, receivedBytes: number): void {
  const needed = copies * Math.max(snapshotBytes, receivedBytes) - receivedBytes;
  if (!refusesAt(1 - (freeBytes - needed) / totalBytes, false, writesMark)) return;
  throw new SnapshotRefusedError('disk-full', `it needs ${Math.ceil(needed / 2 ** 20)} MiB, and the disk would be too full with them`);
}
