/**
 * The applied state of a replica at one moment, cut into parts. It is read from a view of the documents, so writers go on and are not
 * seen. A part that was read once is made again from the place where it began, byte for byte.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { columnFamilies, type DocumentView } from '@vectorcluster/engine/documents/documents.ts';
import type { Position } from '../replication/log-shape.ts';
import { decodeApplied } from '../shard/applied-record.ts';
import { DocumentKeys, replicaIdBytes } from '../shard/document-keys.ts';
import { ChunkWriter, chunkBytes } from './chunk-writer.ts';
import { encodeFileHeader, partBytes as defaultPartBytes, partKinds, rowsPerPart } from './part-format.ts';
import { NoSnapshotError } from './snapshot-errors.ts';
import { StateFiles, type StateFile } from './state-files.ts';

export type SnapshotPiece =
  | { readonly kind: 'data'; readonly bytes: Buffer<ArrayBuffer> }
  | { readonly kind: 'part-ended'; readonly number: number; readonly bytes: number; readonly sha256: Buffer<ArrayBuffer> }
  | { readonly kind: 'finished'; readonly summary: SnapshotSummary };

export interface SnapshotSummary {
  readonly parts: number;
  readonly bytes: number;
  /** Of each family, in the order of the families. */
  readonly rows: readonly number[];
  /** SHA-256 over the SHA-256 of every part. */
  readonly digest: Buffer<ArrayBuffer>;
}

export interface SnapshotReader extends AsyncDisposable {
  readonly position: Position;
  readonly approximateBytes: number;
  /** The part behind those that were read: the last one that may be asked for. */
  readonly reached: number;
  /** Parts from `first` on. One reading at a time. */
  read(first: number): AsyncGenerator<SnapshotPiece>;
}

export interface SnapshotSource {
  /** The applied state at one moment, for as long as it is read. Throws NoSnapshotError where that replica is not open. */
  open(shard: string, replicaId: string): Promise<SnapshotReader>;
}

type Place =
  | { readonly kind: 'row'; readonly family: number; readonly key: Buffer }
  | { readonly kind: 'file'; readonly index: number; readonly offset: number }
  | { readonly kind: 'end' };

interface EndedPart {
  readonly bytes: number;
  readonly sha256: Buffer<ArrayBuffer>;
  readonly rows: readonly number[];
}

/** Throws NoSnapshotError when nothing was applied. `segmentsFolder` has saved segments, which spare the receiver their making. */
export async function openSnapshot(options: {
  /** Closed with the snapshot. */
  readonly view: DocumentView;
  readonly replicaId: string;
  readonly segmentsFolder?: string | undefined;
  /** A part ends behind the row that makes it this large. */
  readonly partBytes?: number | undefined;
}): Promise<SnapshotReader> {
  const { replicaId } = options;
  const keys = new DocumentKeys(replicaId);
  await using opened = new AsyncDisposableStack();
  const view = opened.use(options.view);
  const [applied] = await view.get('meta', [keys.applied]);
  if (!applied) throw new NoSnapshotError(`replica ${replicaId} has applied nothing yet`);
  const { position } = decodeApplied(applied);
  const files = opened.use(await StateFiles.open(options.segmentsFolder));
  const sizes = await Promise.all(columnFamilies.map((family) => view.approximateBytes(family, keys.all)));
  const approximateBytes = sizes.reduce((sum, size) => sum + size, files.bytes);
  const partBytes = options.partBytes ?? defaultPartBytes;
  return new StateReader({ view, keys, position, approximateBytes, partBytes, files: files.files, parts: opened.move() });
}

class StateReader implements SnapshotReader {
  readonly position: Position;
  readonly approximateBytes: number;
  readonly #partBytes: number;
  readonly #view: DocumentView;
  readonly #keys: DocumentKeys;
  readonly #files: readonly StateFile[];
  readonly #parts: AsyncDisposable;
  /** Where part n + 1 begins; one more than have ended. */
  readonly #begins: Place[];
  readonly #ended: EndedPart[] = [];

  constructor(opened: {
    readonly view: DocumentView;
    readonly keys: DocumentKeys;
    readonly position: Position;
    readonly approximateBytes: number;
    readonly partBytes: number;
    readonly files: readonly StateFile[];
    readonly parts: AsyncDisposable;
  }) {
    this.position = opened.position;
    this.approximateBytes = opened.approximateBytes;
    this.#partBytes = opened.partBytes;
    this.#view = opened.view;
    this.#keys = opened.keys;
    this.#files = opened.files;
    this.#parts = opened.parts;
    this.#begins = [{ kind: 'row', family: 0, key: Buffer.from(opened.keys.all.from) }];
  }

  get reached(): number {
    return this.#begins.length;
  }

  async *read(first: number): AsyncGenerator<SnapshotPiece> {
    const place = this.#begins[first - 1];
    assert(place && first >= 1, `part ${first} does not follow the parts that were read`);
    let number = first;
    if (place.kind === 'row') number = yield* this.#rowParts(place, number);
    yield* this.#fileParts(number);
    yield { kind: 'finished', summary: this.#summary() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }

  /** Returns the number of the part behind the rows. */
  async *#rowParts(from: Extract<Place, { kind: 'row' }>, first: number): AsyncGenerator<SnapshotPiece, number> {
    let number = first;
    let writer = rowsWriter();
    let rows = columnFamilies.map(() => 0);
    let count = 0;
    for (let family = from.family; family < columnFamilies.length; family += 1) {
      const { from: begin, to } = this.#keys.all;
      const range = { from: family === from.family ? from.key : begin, to };
      for await (const batch of this.#view.batches(columnFamilies[family] ?? 'meta', range)) {
        for (const { key, value } of batch) {
          if (writer.bytes >= this.#partBytes || count >= rowsPerPart) {
            yield* this.#end(number, writer, rows, { kind: 'row', family, key: Buffer.from(key) });
            number += 1;
            writer = rowsWriter();
            rows = columnFamilies.map(() => 0);
            count = 0;
          }
          writer.row(family, key, replicaIdBytes, value);
          rows[family] = (rows[family] ?? 0) + 1;
          count += 1;
        }
        for (const bytes of writer.takeReady()) yield { kind: 'data', bytes };
      }
    }
    yield* this.#end(number, writer, rows, this.#files.length > 0 ? { kind: 'file', index: 0, offset: 0 } : { kind: 'end' });
    return number + 1;
  }

  async *#fileParts(first: number): AsyncGenerator<SnapshotPiece> {
    for (let number = first; ; number += 1) {
      const place = this.#begins[number - 1];
      if (place?.kind !== 'file') return;
      const file = this.#files[place.index];
      assert(file, 'a part begins in a file that is not there');
      const end = Math.min(file.size, place.offset + this.#partBytes);
      const writer = new ChunkWriter();
      writer.whole(encodeFileHeader({ name: file.name, offset: place.offset, size: file.size }));
      for (let at = place.offset; at < end;) {
        const { bytesRead, buffer } = await file.handle.read(Buffer.allocUnsafe(Math.min(chunkBytes, end - at)), 0, null, at);
        assert(bytesRead > 0, `${file.name} is shorter than it was`);
        writer.whole(buffer.subarray(0, bytesRead));
        at += bytesRead;
        for (const bytes of writer.takeReady()) yield { kind: 'data', bytes };
      }
      yield* this.#end(number, writer, [], this.#behind(place.index, end, file.size));
    }
  }

  #behind(index: number, offset: number, size: number): Place {
    if (offset < size) return { kind: 'file', index, offset };
    return index + 1 < this.#files.length ? { kind: 'file', index: index + 1, offset: 0 } : { kind: 'end' };
  }

  *#end(number: number, writer: ChunkWriter, rows: readonly number[], next: Place): Generator<SnapshotPiece> {
    const sha256 = writer.finish();
    for (const bytes of writer.takeReady()) yield { kind: 'data', bytes };
    const before = this.#ended[number - 1];
    assert(!before || before.sha256.equals(sha256), `part ${number} is not what it was`);
    if (!before) {
      this.#ended.push({ bytes: writer.bytes, sha256, rows });
      this.#begins.push(next);
    }
    yield { kind: 'part-ended', number, bytes: writer.bytes, sha256 };
  }

  #summary(): SnapshotSummary {
    return {
      parts: this.#ended.length,
      bytes: this.#ended.reduce((sum, { bytes }) => sum + bytes, 0),
      rows: columnFamilies.map((_, family) => this.#ended.reduce((sum, { rows }) => sum + (rows[family] ?? 0), 0)),
      digest: this.#ended.reduce((hash, { sha256 }) => hash.update(sha256), createHash('sha256')).digest(),
    };
  }
}

function rowsWriter(): ChunkWriter {
  const writer = new ChunkWriter();
  writer.write(Buffer.of(partKinds.rows));
  return writer;
}
