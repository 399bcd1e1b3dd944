/** Reads of one replica. What it finds in memory it reads from the documents; a row that vanished in between was replaced. */
import type { Documents } from '@vectorcluster/engine/documents/documents.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../model/query.ts';
import type { PayloadSelector, PointRecord, ScoredPoint, VectorSelector } from '../model/point.ts';
import { comparePointIds, type PointId } from '../model/point-id.ts';
import type { PointSelection } from '../model/write-operation.ts';
import type { DocumentReader } from '@vectorcluster/engine/documents/documents.ts';
import { selectPayload } from '../filter/payload-selection.ts';
import { admitVector } from './admission.ts';
import { filteredRows } from './filtered-rows.ts';
import type { LiveRows } from './live-rows.ts';
import type { CachedPoint } from './point-cache.ts';
import type { ReplicaState } from './replica-state.ts';
import { betterFirst, type RowHit } from './segmented-vectors.ts';

export interface ReplicaReaderOptions {
  readonly config: CollectionConfig;
  readonly documents: Documents;
  readonly state: ReplicaState;
}

interface FoundRow {
  readonly row: number;
  readonly point: CachedPoint;
}

const expansionDefault = 128;
/** A search whose hits were replaced while it read them starts again, at most so often. */
const searchAttempts = 3;
const scrollBlock = 512;

export class ReplicaReader {
  readonly #config: CollectionConfig;
  readonly #documents: Documents;
  readonly #state: ReplicaState;

  constructor({ config, documents, state }: ReplicaReaderOptions) {
    this.#config = config;
    this.#documents = documents;
    this.#state = state;
  }

  async search(request: SearchRequest): Promise<readonly ScoredPoint[]> {
    const segments = this.#state.vectors.get(request.vectorName);
    const vector = admitVector(request.vectorName, request.vector, this.#config);
    if (!segments || request.limit === 0) return [];
    const better = betterFirst(segments.config.distance);
    for (let attempt = 1; ; attempt++) {
      const allowed = await this.#rows(request.filter);
      const expansion = Math.max(request.limit, request.params.hnswEf ?? expansionDefault);
      const hits = await segments.search({ vector, k: request.limit, expansion, exact: request.params.exact }, allowed);
      const close = hits.filter(beats(request.scoreThreshold, segments.config.distance));
      const points = await this.#state.stored.points(
        this.#documents,
        close.map((hit) => hit.row),
      );
      const found = close.flatMap((hit, index): (RowHit & FoundRow)[] => {
        const point = points[index];
        return point ? [{ ...hit, point }] : [];
      });
      if (found.length < close.length && attempt < searchAttempts) continue;
      const sorted = found.toSorted((a, b) => better(a, b) || comparePointIds(a.point.id, b.point.id));
      const records = await this.#records(this.#documents, sorted, request.withPayload, request.withVectors);
      return records.map((record, index) => {
        const hit = sorted[index];
        return { ...record, score: hit?.score ?? 0, version: Number(hit?.point.version ?? 0n) };
      });
    }
  }

  async retrieve(request: RetrieveRequest): Promise<readonly PointRecord[]> {
    await using reader = this.#documents.snapshot();
    const found = await this.#find(reader, [...new Set(request.ids)]);
    return this.#records(reader, found, request.withPayload, request.withVectors);
  }

  async scroll(request: ScrollRequest): Promise<readonly PointRecord[]> {
    await using reader = this.#documents.snapshot();
    const allowed = request.filter && (await this.#rows(request.filter));
    const found: FoundRow[] = [];
    let rows: number[] = [];
    const take = async (): Promise<void> => {
      const points = await this.#state.stored.points(reader, rows);
      for (const [index, row] of rows.entries()) {
        const point = points[index];
        if (point && found.length < request.limit) found.push({ row, point });
      }
      rows = [];
    };
    for await (const { value } of reader.iterate('ids', this.#state.keys.idsFrom(request.from))) {
      const row = value.readUInt32LE(0);
      if (allowed && !allowed.has(row)) continue;
      rows.push(row);
      if (rows.length >= Math.min(scrollBlock, request.limit - found.length)) await take();
      if (found.length >= request.limit) break;
    }
    if (found.length < request.limit) await take();
    return this.#records(reader, found, request.withPayload, request.withVectors);
  }

  async count(request: CountRequest): Promise<number> {
    return (await this.#rows(request.filter)).count;
  }

  /** Ids that a selection names, of points that are there. */
  async select(selection: PointSelection): Promise<readonly PointId[]> {
    if (selection.kind === 'ids') return selection.ids;
    const rows = [...(await this.#rows(selection.filter)).rows()];
    const points = await this.#state.stored.points(this.#documents, rows);
    return points.flatMap((point) => (point ? [point.id] : []));
  }

  async stats(): Promise<{ points: number; vectors: number; indexedVectors: number; segments: number }> {
    const all = [...this.#state.vectors.values()];
    return {
      points: this.#state.live.count,
      vectors: all.reduce((sum, each) => sum + each.count, 0),
      indexedVectors: all.reduce((sum, each) => sum + each.indexedCount, 0),
      segments: all.reduce((sum, each) => sum + each.segmentCount, 0),
    };
  }

  async #rows(filter: SearchRequest['filter']): Promise<LiveRows> {
    if (!filter) return this.#state.live;
    return filteredRows(filter, this.#state.live, this.#state.stored, this.#documents);
  }

  async #find(reader: DocumentReader, ids: readonly PointId[]): Promise<readonly FoundRow[]> {
    const rows = (await this.#state.stored.rowsOf(reader, ids)).filter((row) => row !== undefined);
    const points = await this.#state.stored.points(reader, rows);
    return rows.flatMap((row, index): FoundRow[] => {
      const point = points[index];
      return point ? [{ row, point }] : [];
    });
  }

  async #records(
    reader: DocumentReader,
    found: readonly FoundRow[],
    withPayload: PayloadSelector,
    withVectors: VectorSelector,
  ): Promise<readonly PointRecord[]> {
    const wantsVectors = withVectors === true || (Array.isArray(withVectors) && withVectors.length > 0);
    const vectors = wantsVectors
      ? await this.#state.stored.vectors(
          reader,
          found.map(({ row }) => row),
          withVectors,
        )
      : [];
    return found.map(({ point }, index) => ({
      id: point.id,
      payload: selectPayload(point.payload, withPayload),
      vectors: vectors[index],
    }));
  }
}

/** Strict: better than the threshold, not equal to it. */
function beats(threshold: number | undefined, distance: 'Cosine' | 'Dot' | 'Euclid' | 'Manhattan'): (hit: RowHit) => boolean {
  if (threshold === undefined) return () => true;
  const similarity = distance === 'Cosine' || distance === 'Dot';
  return ({ score }) => (similarity ? score > threshold : score < threshold);
}
