/** Reads of one replica: each asks the gate, then works on one view. */
import { UnreadableDocumentsError } from '@vectorcluster/engine/documents/documents-errors.ts';
import { ShardUnavailableError } from '../errors.ts';
import { selectPayload } from '../filter/payload-selection.ts';
import type { CollectionConfig } from '../model/collection.ts';
import type { PointId } from '../model/point-id.ts';
import type { PayloadSelector, PointRecord, ScoredPoint, VectorSelector } from '../model/point.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest, SearchRequest } from '../model/query.ts';
import type { PointSelection } from '../model/write-operation.ts';
import type { ShardStats } from '../peer/served-shard.ts';
import type { ReadLevel } from '../replication/serving-reads.ts';
import { admitVector } from './admission.ts';
import { matchingRows, matchingRowsById } from './filtered-rows.ts';
import { LiveRows } from './live-rows.ts';
import type { ReadGate } from './read-gate.ts';
import type { ReplicaState } from './replica-state.ts';
import { byId, type FoundRow, type ReplicaView } from './replica-view.ts';
import { beats, betterFirst } from './score-order.ts';
import type { Answer } from './shard.ts';

interface Wanted {
  readonly withPayload: PayloadSelector;
  readonly withVectors: VectorSelector;
}

const expansionDefault = 128;

export interface ReplicaReaderOptions {
  readonly config: CollectionConfig;
  readonly state: ReplicaState;
  readonly gate: ReadGate;
  /** What it holds cannot be read. */
  readonly onFailure: (error: unknown) => void;
}

export class ReplicaReader {
  readonly #config: CollectionConfig;
  readonly #state: ReplicaState;
  readonly #gate: ReadGate;
  readonly #onFailure: (error: unknown) => void;
  #reads = 0;

  constructor({ config, state, gate, onFailure }: ReplicaReaderOptions) {
    this.#config = config;
    this.#state = state;
    this.#gate = gate;
    this.#onFailure = onFailure;
  }

  /** How often it was read so far. */
  get reads(): number {
    return this.#reads;
  }

  async search(request: SearchRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly ScoredPoint[]>> {
    const { limit, params, scoreThreshold, filter } = request;
    const vector = admitVector(request.vectorName, request.vector, this.#config);
    const distance = this.#config.vectors.get(request.vectorName)?.distance ?? 'Cosine';
    const position = await this.#gate.admit(level, signal);
    return await this.#read(async (view) => {
      const allowed = new LiveRows();
      if (filter) for await (const block of matchingRows(filter, view)) for (const { row } of block) allowed.add(row);
      const expansion = Math.max(limit, params.hnswEf ?? expansionDefault);
      const asked = { vector, k: limit, expansion, exact: params.exact };
      const hits = limit === 0 ? [] : await view.searchOf(request.vectorName)(asked, filter ? allowed : view.live);
      const close = hits.filter(beats(scoreThreshold, distance));
      const found = await view.points(close.map(({ row }) => row));
      const better = betterFirst(distance);
      const best = found
        .map((each, index) => ({ ...each, score: close[index]?.score ?? 0 }))
        .toSorted((a, b) => better(a, b) || byId(a, b))
        .slice(0, limit);
      const records = await recordsOf(view, best, request);
      const value = best.map(({ score, point }, index) => ({ ...records[index], id: point.id, score, version: Number(point.version) }));
      return { value, position };
    });
  }

  async retrieve(request: RetrieveRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly PointRecord[]>> {
    const position = await this.#gate.admit(level, signal);
    return await this.#read(async (view) => {
      const rows = await view.rowsOf([...new Set(request.ids)]);
      return { value: await recordsOf(view, await view.points(rows.filter((row) => row !== undefined)), request), position };
    });
  }

  async scroll(request: ScrollRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<readonly PointRecord[]>> {
    const position = await this.#gate.admit(level, signal);
    return await this.#read(async (view) => ({ value: await recordsOf(view, await pageOf(view, request), request), position }));
  }

  async count({ filter }: CountRequest, level: ReadLevel, signal?: AbortSignal): Promise<Answer<number>> {
    const position = await this.#gate.admit(level, signal);
    return await this.#read(async (view) => {
      if (!filter) return { value: view.live.count, position };
      let value = 0;
      for await (const block of matchingRows(filter, view)) value += block.length;
      return { value, position };
    });
  }

  /** Ids that a selection names; those it lists may not be there. Of what is applied now: for the primary, which asks nobody. */
  async select(selection: PointSelection): Promise<readonly PointId[]> {
    if (selection.kind === 'ids') return selection.ids;
    const { filter } = selection;
    return await this.#read(async (view) => {
      const ids: PointId[] = [];
      for await (const block of matchingRows(filter, view)) for (const { point } of block) ids.push(point.id);
      return ids;
    });
  }

  /** A copy whose documents cannot be read lets another one answer. */
  async #read<Result>(use: (view: ReplicaView) => Promise<Result>): Promise<Result> {
    this.#reads += 1;
    await using view = await this.#state.view();
    try {
      return await use(view);
    } catch (error) {
      if (!(error instanceof UnreadableDocumentsError)) throw error;
      this.#onFailure(error);
      throw new ShardUnavailableError('this copy is damaged', { cause: error });
    }
  }

  async stats(): Promise<ShardStats> {
    const all = [...this.#state.vectors.values()];
    return {
      points: this.#state.points,
      vectors: all.reduce((sum, each) => sum + each.count, 0),
      indexedVectors: all.reduce((sum, each) => sum + each.indexedCount, 0),
      segments: all.reduce((sum, each) => sum + each.segmentCount, 0),
    };
  }
}

async function pageOf(view: ReplicaView, { filter, from, limit }: ScrollRequest): Promise<readonly FoundRow[]> {
  if (!filter) return await view.points(await view.firstRows(from, limit));
  const found: FoundRow[] = [];
  if (limit === 0) return found;
  for await (const block of matchingRowsById(filter, view, from)) if (found.push(...block.slice(0, limit - found.length)) === limit) break;
  return found;
}

async function recordsOf(view: ReplicaView, found: readonly FoundRow[], wanted: Wanted): Promise<readonly PointRecord[]> {
  const { withPayload, withVectors } = wanted;
  const wantsVectors = withVectors === true || (Array.isArray(withVectors) && withVectors.length > 0);
  const rows = found.map(({ row }) => row);
  const vectors = wantsVectors ? await view.vectors(rows, withVectors) : [];
  return found.map(({ point }, index) => {
    const payload = withPayload === false ? undefined : selectPayload(point.payload, withPayload);
    return { id: point.id, payload, vectors: vectors[index] };
  });
}
