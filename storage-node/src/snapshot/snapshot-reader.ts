/**
 * The applied state of a replica at one moment, cut into parts. It is read from a view of the documents, so writers go on and are not
 * seen. A part that was read once is made again from the place where it began, byte for byte.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { columnFamilies, type DocumentView } from '@vectorcluster/engine/documents/documents.ts';
import { sha256, type Sha256 } from '@vectorcluster/engine/hashes/sha256.ts';
import type { Position } from '../replication/log-shape.ts';
import { decodeApplied } from '../shard/applied-record.ts';
import { DocumentKeys } from '../shard/document-keys.ts';
import { PartFiller, type FilledPart, type Place } from './part-filler.ts';
import { partBytes as defaultPartBytes, partBytesFor } from './part-format.ts';
import { NoSnapshotError } from './snapshot-errors.ts';
import { StateFiles } from './state-files.ts';

export type SnapshotPiece =
  /** Memory that is used again: good until the first piece of the next part, or what follows the last one, is asked for. */
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'part-ended'; readonly number: number; readonly bytes: number; readonly sha256: Buffer }
  | { readonly kind: 'finished'; readonly summary: SnapshotSummary };

export interface SnapshotSummary {
  readonly parts: number;
  readonly bytes: number;
  /** Of each family, in the order of the families. */
  readonly rows: readonly number[];
  /** SHA-256 over the SHA-256 of every part. */
  readonly digest: Buffer;
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

/** One message. Small enough that nothing else waits long behind it. */
const chunkBytes = 64 * 1024;

interface EndedPart {
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly rows: readonly number[];
}

/** Throws NoSnapshotError when nothing was applied. `segmentsFolder` has saved segments, which spare the receiver their making. */
export async function openSnapshot(options: {
  /** Closed with the snapshot. */
  readonly view: DocumentView;
  readonly replicaId: string;
  readonly segmentsFolder?: string | undefined;
  /** A part ends before the row that would make it larger. */
  readonly partBytes?: number | undefined;
  readonly sha256?: Sha256;
}): Promise<SnapshotReader> {
  const { replicaId, partBytes = defaultPartBytes, sha256: hash = sha256 } = options;
  const keys = new DocumentKeys(replicaId);
  await using opened = new AsyncDisposableStack();
  const view = opened.use(options.view);
  const [applied] = await view.get('meta', [keys.applied]);
  if (!applied) throw new NoSnapshotError(`replica ${replicaId} has applied nothing yet`);
  const { position } = decodeApplied(applied);
  const { files, bytes } = opened.use(await StateFiles.open(options.segmentsFolder));
  const sizes = await Promise.all(columnFamilies.map((family) => view.approximateBytes(family, keys.all)));
  const approximateBytes = sizes.reduce((sum, size) => sum + size, bytes);
  const filler = new PartFiller({ view, keys, files, partBytes: Math.min(partBytes, partBytesFor(approximateBytes)), sha256: hash });
  return new StateReader({ position, approximateBytes, filler, sources: opened.move() });
}

class StateReader implements SnapshotReader {
  readonly position: Position;
  readonly approximateBytes: number;
  readonly #filler: PartFiller;
  readonly #sources: AsyncDisposable;
  /** Where part n + 1 begins; one more than have ended, but for the last one. */
  readonly #begins: Place[];
  readonly #ended: EndedPart[] = [];

  constructor(opened: {
    readonly position: Position;
    readonly approximateBytes: number;
    readonly filler: PartFiller;
    readonly sources: AsyncDisposable;
  }) {
    this.position = opened.position;
    this.approximateBytes = opened.approximateBytes;
    this.#filler = opened.filler;
    this.#sources = opened.sources;
    this.#begins = [opened.filler.first];
  }

  get reached(): number {
    return this.#ended.length + 1;
  }

  /** A part is made while the one before it is on its way. */
  async *read(first: number): AsyncGenerator<SnapshotPiece> {
    assert(first >= 1 && first <= this.reached, `part ${first} does not follow the parts that were read`);
    let [body, other] = [this.#filler.newBody(), this.#filler.newBody()];
    let place = this.#begins[first - 1];
    let coming = place && this.#filler.fill(place, body);
    try {
      for (let number = first; coming; number += 1) {
        const part: FilledPart = await coming;
        [body, other] = [other, body];
        place = part.next;
        coming = place && this.#filler.fill(place, body);
        coming?.catch(() => {}); // met when that part is due
        for (let at = 0; at < part.body.length; at += chunkBytes) yield { kind: 'data', bytes: part.body.subarray(at, at + chunkBytes) };
        this.#end(number, part);
        yield { kind: 'part-ended', number, bytes: part.body.length, sha256: part.sha256 };
      }
      yield { kind: 'finished', summary: this.#summary() };
      for (const each of [body, other]) each.release(); // else a message may still wait to be made of it
    } finally {
      await coming?.catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sources[Symbol.asyncDispose]();
  }

  #end(number: number, { body, sha256, rows, next }: FilledPart): void {
    const before = this.#ended[number - 1];
    assert(!before || before.sha256.equals(sha256), `part ${number} is not what it was`);
    if (before) return;
    this.#ended.push({ bytes: body.length, sha256, rows });
    if (next) this.#begins.push(next);
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
