/** What parts amount to, taken one after the other; and whether the next one can follow them. */
import { createHash } from 'node:crypto';
import type { ColumnFamily } from '@vectorcluster/engine/documents/documents.ts';
import type { PartOutline } from './part-format.ts';
import { SnapshotRefusedError } from './snapshot-errors.ts';
import type { SnapshotSummary } from './snapshot-reader.ts';

export class PartsCheck {
  readonly #sums: Buffer[] = [];
  readonly #rows = new Map<ColumnFamily, number>();
  readonly #finishedFiles = new Set<string>();
  #file: { readonly name: string; readonly size: number; readonly end: number } | undefined;
  #bytes = 0;

  get count(): number {
    return this.#sums.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get digest(): Buffer {
    const hash = createHash('sha256');
    for (const sum of this.#sums) hash.update(sum);
    return hash.digest();
  }

  /** Throws SnapshotRefusedError for a piece of a file that does not begin where the one before has ended. */
  assertFits(part: PartOutline): void {
    if (part.kind === 'rows') return;
    const { name, offset, size } = part;
    const expected = this.#file?.name === name ? this.#file.end : 0;
    const fits = offset === expected && size === (this.#file?.name === name ? this.#file.size : size) && !this.#finishedFiles.has(name);
    const isInterrupted = this.#file !== undefined && this.#file.name !== name;
    if (!fits || isInterrupted) throw new SnapshotRefusedError('order', `a piece of ${name} begins at ${offset}, out of its turn`);
  }

  add(part: PartOutline, bytes: number, sha256: Uint8Array): void {
    this.#sums.push(Buffer.from(sha256));
    this.#bytes += bytes;
    if (part.kind === 'rows') {
      for (const [family, count] of part.rows) this.#rows.set(family, (this.#rows.get(family) ?? 0) + count);
      return;
    }
    const end = part.offset + part.bytes.length;
    this.#file = end < part.size ? { name: part.name, size: part.size, end } : undefined;
    if (!this.#file) this.#finishedFiles.add(part.name);
  }

  /** Throws SnapshotRefusedError when the source counted otherwise. */
  assertComplete({ parts, bytes, rows, digest }: SnapshotSummary, families: readonly ColumnFamily[]): void {
    const sameRows = families.every((family, index) => rows[index] === (this.#rows.get(family) ?? 0)) && rows.length === families.length;
    if (parts !== this.count || bytes !== this.#bytes || !sameRows || this.#file || !this.digest.equals(digest)) {
      throw new SnapshotRefusedError('summary', `${this.count} parts of ${this.#bytes} bytes are not what the source counted`);
    }
  }
}
