/**
 * The parts of one snapshot in a folder of their own, each checked and on the disk before the next one counts, so that a transfer goes on
 * where it stopped, also in another process.
 *
 *   transfer.json   which snapshot it is, and the session to go on with
 *   NUMBER.part     SHA-256 of the part, then the part
 *   complete.json   all parts are there
 */
import { columnFamilies } from '@vectorcluster/engine/documents/documents.ts';
import { sha256, type Sha256 } from '@vectorcluster/engine/hashes/sha256.ts';
import type { Disk } from '@vectorcluster/engine/log/disk.ts';
import { z } from 'zod';
import type { Position } from '../replication/log-shape.ts';
import { readIfThere, writeWhole } from './disk-files.ts';
import { decodePart, formatVersion, outlinePart, partBytesMax, type SnapshotPart } from './part-format.ts';
import { PartsCheck } from './parts-check.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';
import type { SnapshotSummary } from './snapshot-reader.ts';

const transferFile = z.strictObject({
  format: z.literal(formatVersion),
  shard: z.string(),
  from: z.string(),
  receiver: z.string(),
  session: z.string(),
  sequence: z.coerce.bigint(),
  epoch: z.coerce.bigint(),
  families: z.array(z.enum(columnFamilies)),
});

export type Transfer = z.infer<typeof transferFile>;

const hashBytes = 32;
const transferName = 'transfer.json';
const completeName = 'complete.json';

export class ReceivedParts {
  readonly #disk: Disk;
  readonly #sha256: Sha256;
  #transfer: Transfer | undefined;
  #check = new PartsCheck();
  #complete = false;

  private constructor(disk: Disk, hash: Sha256) {
    this.#disk = disk;
    this.#sha256 = hash;
  }

  /** Keeps what is whole of the snapshot that was begun, up to the first part that is not. */
  static async open(disk: Disk, hash: Sha256 = sha256): Promise<ReceivedParts> {
    const received = new ReceivedParts(disk, hash);
    const text = await readIfThere(disk, transferName);
    const found = transferFile.safeParse(text && parseJson(text));
    if (found.success) await received.#restore(found.data);
    return received;
  }

  get transfer(): Transfer | undefined {
    return this.#transfer;
  }

  get position(): Position | undefined {
    return this.#transfer && { sequence: this.#transfer.sequence, epoch: this.#transfer.epoch };
  }

  get isComplete(): boolean {
    return this.#complete;
  }

  get count(): number {
    return this.#check.count;
  }

  get bytes(): number {
    return this.#check.bytes;
  }

  /** Forgets what was there. */
  async begin(transfer: Transfer): Promise<void> {
    await this.clear();
    const { sequence, epoch, ...rest } = transfer;
    await writeWhole(this.#disk, transferName, JSON.stringify({ ...rest, sequence: String(sequence), epoch: String(epoch) }));
    this.#transfer = transfer;
  }

  /** Resolves when the part is on the disk. Throws SnapshotRefusedError for one that is not what it should be; nothing is kept of it. */
  async add(number: number, body: Buffer, sum: Uint8Array): Promise<void> {
    const transfer = this.#begun();
    if (number !== this.count + 1) throw new SnapshotRefusedError('order', `part ${number} follows part ${this.count}`);
    if (!(await this.#sha256(body)).equals(sum)) {
      throw new SnapshotRefusedError('checksum', `part ${number} is not what its checksum says`);
    }
    const part = outlinePart(body, transfer.families);
    this.#check.assertFits(part);
    await this.#write(partName(number), [sum, body]);
    this.#check.add(part, body.length, sum);
  }

  /** Throws SnapshotRefusedError when the parts are not those that the source counted. */
  async complete(summary: SnapshotSummary): Promise<void> {
    this.#check.assertComplete(summary, this.#begun().families);
    await writeWhole(this.#disk, completeName, JSON.stringify({ parts: this.count, digest: this.#check.digest.toString('hex') }));
    this.#complete = true;
  }

  /** Checked once more as they are read. */
  async *read(): AsyncGenerator<SnapshotPart> {
    const { families } = this.#begun();
    for (let number = 1; number <= this.count; number += 1) {
      const body = await this.#read(number);
      if (!body) throw new SnapshotRefusedError('checksum', `part ${number} is damaged on this disk`);
      yield decodePart(body, families);
    }
  }

  async clear(): Promise<void> {
    this.#transfer = undefined;
    this.#complete = false;
    this.#check = new PartsCheck();
    const names = await this.#disk.list();
    // What says that the others are whole goes first.
    for (const name of [completeName, transferName]) if (names.includes(name)) await this.#disk.remove(name);
    await this.#disk.syncFolder();
    for (const name of names) if (name !== completeName && name !== transferName) await this.#disk.remove(name);
    await this.#disk.syncFolder();
  }

  async #restore(transfer: Transfer): Promise<void> {
    this.#transfer = transfer;
    const names = new Set(await this.#disk.list());
    while (names.has(partName(this.count + 1))) {
      const body = await this.#read(this.count + 1);
      if (!body) break;
      this.#check.add(outlinePart(body, transfer.families), body.length, await this.#sha256(body));
    }
    const complete = completeFile.safeParse(parseJson((await readIfThere(this.#disk, completeName)) ?? ''));
    this.#complete = complete.success && complete.data.parts === this.count && complete.data.digest === this.#check.digest.toString('hex');
  }

  async #read(number: number): Promise<Buffer | undefined> {
    await using file = await this.#disk.open(partName(number));
    if (file.size <= hashBytes || file.size > hashBytes + partBytesMax) return undefined;
    const bytes = await file.read(0, file.size);
    const body = bytes.subarray(hashBytes);
    return (await this.#sha256(body)).equals(bytes.subarray(0, hashBytes)) ? body : undefined;
  }

  async #write(name: string, content: readonly Uint8Array[]): Promise<void> {
    await using file = await this.#disk.open(name);
    await file.truncate(0);
    await file.append(content);
    await file.sync();
  }

  #begun(): Transfer {
    if (!this.#transfer) throw new Error('no snapshot was begun');
    return this.#transfer;
  }
}

const completeFile = z.strictObject({ parts: z.int(), digest: z.string() });

function partName(number: number): string {
  return `${String(number).padStart(8, '0')}.part`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
