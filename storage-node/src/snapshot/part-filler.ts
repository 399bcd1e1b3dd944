/** Makes the part of a snapshot that begins at some place: the same one however often, since view and files do not change. */
import assert from 'node:assert/strict';
import { columnFamilies, type DocumentView } from '@vectorcluster/engine/documents/documents.ts';
import type { Sha256 } from '@vectorcluster/engine/hashes/sha256.ts';
import { replicaIdBytes, type DocumentKeys } from '../shard/document-keys.ts';
import { PartBody } from './part-body.ts';
import { encodeFileHeader, fileHeaderBytesMax, partKinds, rowsPerPart } from './part-format.ts';
import type { StateFile } from './state-files.ts';

export type Place =
  | { readonly kind: 'row'; readonly family: number; readonly key: Buffer }
  | { readonly kind: 'file'; readonly index: number; readonly offset: number };

export interface FilledPart {
  /** In the memory that was filled. */
  readonly body: Buffer;
  readonly sha256: Buffer;
  /** Of each family. */
  readonly rows: readonly number[];
  /** Where the next part begins; undefined behind the last one. */
  readonly next: Place | undefined;
}

interface PartFillerOptions {
  readonly view: DocumentView;
  readonly keys: DocumentKeys;
  readonly files: readonly StateFile[];
  readonly partBytes: number;
  readonly sha256: Sha256;
}

export class PartFiller {
  readonly #options: PartFillerOptions;

  constructor(options: PartFillerOptions) {
    this.#options = options;
  }

  get first(): Place {
    return this.#beginOf(0);
  }

  newBody(): PartBody {
    return new PartBody(this.#options.partBytes + fileHeaderBytesMax);
  }

  async fill(place: Place, body: PartBody): Promise<FilledPart> {
    body.clear();
    const rows = columnFamilies.map(() => 0);
    const next = place.kind === 'row' ? await this.#fillRows(place, body, rows) : await this.#fillFile(place, body);
    return { body: body.bytes, sha256: await this.#options.sha256(body.bytes), rows, next };
  }

  /** Counts in `rows`. */
  async #fillRows(place: Extract<Place, { kind: 'row' }>, body: PartBody, rows: number[]): Promise<Place | undefined> {
    const { view, keys, partBytes } = this.#options;
    let { family, key } = place;
    let limit = rowsPerPart;
    let room = partBytes;
    body.append(Buffer.of(partKinds.rows));
    for (;;) {
      const name = columnFamilies[family];
      if (name === undefined) return this.#options.files.length > 0 ? { kind: 'file', index: 0, offset: 0 } : undefined;
      const packed = await view.pack(name, { from: key, to: keys.all.to }, { into: body.room(room), omitted: replicaIdBytes, limit });
      body.filled(packed.bytes);
      rows[family] = packed.rows + (rows[family] ?? 0);
      room -= packed.bytes;
      limit -= packed.rows;
      if (packed.next === undefined) ({ family, key } = this.#beginOf(family + 1));
      else if (limit === rowsPerPart) room = packed.next.bytes; // one row is larger than a part
      else return { kind: 'row', family, key: packed.next.key };
    }
  }

  async #fillFile({ index, offset }: Extract<Place, { kind: 'file' }>, body: PartBody): Promise<Place | undefined> {
    const { files, partBytes } = this.#options;
    const file = files[index];
    assert(file, 'a part begins in a file that is not there');
    const { name, size, handle } = file;
    const end = Math.min(size, offset + partBytes);
    body.append(encodeFileHeader({ name, offset, size }));
    for (let at = offset; at < end;) {
      const { bytesRead } = await handle.read(body.room(end - at), 0, end - at, at);
      assert(bytesRead > 0, `${name} is shorter than it was`);
      body.filled(bytesRead);
      at += bytesRead;
    }
    if (end < size) return { kind: 'file', index, offset: end };
    return index + 1 < files.length ? { kind: 'file', index: index + 1, offset: 0 } : undefined;
  }

  #beginOf(family: number): Extract<Place, { kind: 'row' }> {
    return { kind: 'row', family, key: Buffer.from(this.#options.keys.all.from) };
  }
}
