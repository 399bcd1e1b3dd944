/** A Database in one process without storage: exact search over Maps. What the edges are tested against, and an oracle for the real one. */
import type {
  Alias,
  AliasAction,
  CollectionInfo,
  Database,
  NewCollection,
  QueryRequest,
  RequestContext,
  ScrollPage,
  WriteOptions,
  WriteOutcome,
} from '../src/coordinator/database.ts';
import { AlreadyExistsError, BadInputError, NotFoundError } from '../src/errors.ts';
import type { CollectionConfig, Distance } from '../src/model/collection.ts';
import type { JsonObject } from '../src/model/json-value.ts';
import { comparePointIds, type PointId } from '../src/model/point-id.ts';
import type { NamedVectors, PayloadSelector, Point, PointRecord, ScoredPoint, VectorSelector } from '../src/model/point.ts';
import type { CountRequest, RetrieveRequest, ScrollRequest } from '../src/model/query.ts';
import type { PointSelection, WriteOperation } from '../src/model/write-operation.ts';
import { matches } from './memory-filter.ts';

interface StoredPoint extends Point {
  readonly version: number;
}

interface Collection {
  readonly settings: NewCollection;
  readonly config: CollectionConfig;
  readonly points: Map<PointId, StoredPoint>;
}

export class MemoryDatabase implements Database {
  readonly #collections = new Map<string, Collection>();
  readonly #aliases = new Map<string, string>();
  #sequence = 0;

  async listCollections(): Promise<readonly string[]> {
    return [...this.#collections.keys()];
  }

  async collectionExists(name: string): Promise<boolean> {
    return this.#collections.has(this.#aliases.get(name) ?? name);
  }

  async collectionInfo(name: string): Promise<CollectionInfo> {
    const { settings, points } = this.#find(name);
    const shardNumber = settings.shards ?? 1;
    const counts = { pointsCount: points.size, indexedVectorsCount: points.size, segmentsCount: shardNumber };
    const collection = this.#aliases.get(name) ?? name;
    return { name, status: 'green', spec: { ...settings, clusterName: 'memory', collection }, shardNumber, ...counts };
  }

  collectionConfig(name: string): CollectionConfig {
    return this.#find(name).config;
  }

  async createCollection(name: string, settings: NewCollection): Promise<void> {
    if (this.#collections.has(name)) throw new AlreadyExistsError(`Collection \`${name}\` already exists!`);
    if (this.#aliases.has(name))
      throw new BadInputError(`Can't create collection with name ${name}. Alias with the same name already exists`);
    const vectors = settings.vectors.map(
      ({ name: vector, size, distance, hnsw }) =>
        [vector, { size, distance, m: hnsw?.m ?? 16, efConstruct: hnsw?.efConstruct ?? 100 }] as const,
    );
    this.#collections.set(name, { settings, config: { vectors: new Map(vectors) }, points: new Map() });
  }

  async deleteCollection(name: string): Promise<boolean> {
    for (const [alias, collection] of this.#aliases) if (collection === name) this.#aliases.delete(alias);
    return this.#collections.delete(name);
  }

  async listAliases(collection?: string): Promise<readonly Alias[]> {
    const aliases = Array.from(this.#aliases, ([alias, of]) => ({ alias, collection: of }));
    return aliases.filter((alias) => collection === undefined || alias.collection === collection);
  }

  async changeAliases(actions: readonly AliasAction[]): Promise<void> {
    const next = new Map(this.#aliases);
    for (const action of actions) {
      switch (action.kind) {
        case 'create':
          if (!this.#collections.has(action.collection)) throw new NotFoundError(`Collection \`${action.collection}\` doesn't exist!`);
          if (this.#collections.has(action.alias)) throw new AlreadyExistsError(`Collection \`${action.alias}\` already exists!`);
          next.set(action.alias, action.collection);
          break;
        case 'delete':
          next.delete(action.alias);
          break;
        case 'rename': {
          const collection = next.get(action.from);
          if (collection === undefined) throw new NotFoundError(`Alias ${action.from} does not exists!`);
          next.delete(action.from);
          next.set(action.to, collection);
          break;
        }
      }
    }
    this.#aliases.clear();
    for (const [alias, collection] of next) this.#aliases.set(alias, collection);
  }

  async write(name: string, operation: WriteOperation, options: WriteOptions): Promise<WriteOutcome> {
    const { points } = this.#find(name);
    this.#sequence += 1;
    const version = this.#sequence;
    switch (operation.kind) {
      case 'upsert':
        for (const point of operation.points) points.set(point.id, stored(point, this.#find(name).config, version));
        break;
      case 'delete':
        for (const point of selected(points, operation.selection)) points.delete(point.id);
        break;
      case 'set-payload':
        for (const point of selected(points, operation.selection)) {
          points.set(point.id, { ...point, payload: merged(point.payload, operation.payload), version });
        }
        break;
    }
    return { status: options.wait ? 'completed' : 'acknowledged', operationId: version };
  }

  async query(name: string, request: QueryRequest, _context: RequestContext): Promise<readonly ScoredPoint[]> {
    const { points, config } = this.#find(name);
    const { nearest, using, offset, limit, withPayload, withVectors } = request;
    const end = offset + limit;
    const candidates = sorted(points).filter((point) => matches(request.filter, point));
    const show = (point: StoredPoint, score: number) => ({ ...record(point, withPayload, withVectors), score, version: point.version });
    if (nearest === undefined) return candidates.slice(offset, end).map((point) => show(point, 0));
    const target = nearest.kind === 'vector' ? nearest.vector : points.get(nearest.id)?.vectors.get(using);
    if (target === undefined) throw new NotFoundError(`No point with id ${nearest.kind === 'id' ? nearest.id : ''} found`);
    const distance = config.vectors.get(using)?.distance ?? 'Dot';
    const direction = distance === 'Euclid' || distance === 'Manhattan' ? 1 : -1;
    const { scoreThreshold } = request;
    return candidates
      .flatMap((point) => {
        const vector = point.vectors.get(using);
        if (vector === undefined || (nearest.kind === 'id' && nearest.id === point.id)) return [];
        return [{ point, score: score(distance, normalized(target, distance), vector) }];
      })
      .filter((hit) => scoreThreshold === undefined || (hit.score - scoreThreshold) * direction < 0)
      .sort((a, b) => (a.score - b.score) * direction || comparePointIds(a.point.id, b.point.id))
      .slice(offset, end)
      .map((hit) => show(hit.point, hit.score));
  }

  async retrieve(
    name: string,
    { ids, withPayload, withVectors }: RetrieveRequest,
    _context: RequestContext,
  ): Promise<readonly PointRecord[]> {
    const { points } = this.#find(name);
    return [...new Set(ids)].flatMap((id) => {
      const point = points.get(id);
      return point === undefined ? [] : [record(point, withPayload, withVectors)];
    });
  }

  async scroll(
    name: string,
    { filter, from, limit, withPayload, withVectors }: ScrollRequest,
    _context: RequestContext,
  ): Promise<ScrollPage> {
    const found = sorted(this.#find(name).points).filter((point) => matches(filter, point));
    const rest = found.filter((point) => from === undefined || comparePointIds(point.id, from) >= 0);
    return { points: rest.slice(0, limit).map((point) => record(point, withPayload, withVectors)), nextPageOffset: rest[limit]?.id };
  }

  async count(name: string, { filter }: CountRequest, _context: RequestContext): Promise<number> {
    return sorted(this.#find(name).points).filter((point) => matches(filter, point)).length;
  }

  #find(name: string): Collection {
    const collection = this.#collections.get(this.#aliases.get(name) ?? name);
    if (collection === undefined) throw new NotFoundError(`Collection \`${name}\` doesn't exist!`);
    return collection;
  }
}

function sorted(points: ReadonlyMap<PointId, StoredPoint>): readonly StoredPoint[] {
  return [...points.values()].sort((a, b) => comparePointIds(a.id, b.id));
}

function selected(points: ReadonlyMap<PointId, StoredPoint>, selection: PointSelection): readonly StoredPoint[] {
  if (selection.kind === 'filter') return sorted(points).filter((point) => matches(selection.filter, point));
  return selection.ids.flatMap((id) => points.get(id) ?? []);
}

function stored(point: Point, config: CollectionConfig, version: number): StoredPoint {
  const vectors = new Map<string, Float32Array>();
  for (const [name, vector] of point.vectors) vectors.set(name, normalized(vector, config.vectors.get(name)?.distance ?? 'Dot'));
  return { ...point, vectors, version };
}

function merged(payload: JsonObject, change: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries({ ...payload, ...change }).filter(([key, value]) => value !== null || !Object.hasOwn(change, key)),
  );
}

function normalized(vector: Float32Array, distance: Distance): Float32Array {
  if (distance !== 'Cosine') return vector;
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

function score(distance: Distance, a: Float32Array, b: Float32Array): number {
  const terms = Array.from(a, (x, index) => {
    const y = b[index] ?? 0;
    if (distance === 'Manhattan') return Math.abs(x - y);
    return distance === 'Euclid' ? (x - y) ** 2 : x * y;
  });
  const sum = terms.reduce((total, term) => total + term, 0);
  return distance === 'Euclid' ? Math.sqrt(sum) : sum;
}

/** Includes and excludes top-level keys only; nested selection is the shard's matter. */
function record({ id, payload, vectors }: StoredPoint, withPayload: PayloadSelector, withVectors: VectorSelector): PointRecord {
  return {
    id,
    ...(withPayload !== false && { payload: selectPayload(payload, withPayload) }),
    ...(withVectors !== false && { vectors: selectVectors(vectors, withVectors) }),
  };
}

function selectPayload(payload: JsonObject, selector: Exclude<PayloadSelector, false>): JsonObject {
  if (selector === true) return payload;
  const keep = (key: string) => ('include' in selector ? selector.include.includes(key) : !selector.exclude.includes(key));
  return Object.fromEntries(Object.entries(payload).filter(([key]) => keep(key)));
}

function selectVectors(vectors: NamedVectors, selector: Exclude<VectorSelector, false>): NamedVectors {
  return selector === true ? vectors : new Map([...vectors].filter(([name]) => selector.includes(name)));
}
