/** Body of create-collection, and what of it is kept as a hint only to be echoed. */
import { z } from 'zod';
import type { VectorParams } from '@vectorcluster/crds/vector-collection.ts';
import type { NewCollection } from '../../coordinator/database.ts';
import { isObject, type BodyObject, type BodyValue } from '../../json/lossless-json.ts';
import { JsonFloat, type JsonValue } from '../../model/json-value.ts';
import { float, integer, jsonObject, notYet, onlyYet, optional, parseFields } from './body-schema.ts';
import { unsupportedField } from '../errors.ts';
import { limitExceeded } from '../request-rules.ts';
import { formatError } from './endpoint.ts';

const hnswConfig = z.strictObject({
  m: optional(integer(0, 256)),
  ef_construct: optional(integer(4, 4096)),
  full_scan_threshold: optional(integer(0, 2 ** 31 - 1)),
  max_indexing_threads: optional(integer(0)),
  on_disk: optional(z.boolean()),
  payload_m: optional(integer(0)),
  inline_storage: optional(z.boolean()),
  memory: notYet,
});

const vectorParams = z.strictObject({
  size: integer(1, 65536),
  distance: z.enum(['Cosine', 'Dot', 'Euclid', 'Manhattan']),
  hnsw_config: optional(hnswConfig),
  on_disk: optional(z.boolean()),
  datatype: onlyYet('float32'),
  quantization_config: notYet,
  multivector_config: notYet,
  memory: notYet,
});

const optimizersConfig = z.strictObject({
  deleted_threshold: optional(float),
  vacuum_min_vector_number: optional(integer(100)),
  default_segment_number: optional(integer(0)),
  max_segment_size: optional(integer(1)),
  memmap_threshold: optional(integer(0)),
  indexing_threshold: optional(integer(0)),
  flush_interval_sec: optional(integer(0)),
  max_optimization_threads: optional(z.union([integer(0), z.literal('auto')])),
  prevent_unoptimized: notYet,
});

const walConfig = z.strictObject({
  wal_capacity_mb: optional(integer(1)),
  wal_segments_ahead: optional(integer(0)),
  wal_retain_closed: optional(integer(1)),
});

const newCollection = z.strictObject({
  vectors: z.unknown().optional(),
  shard_number: optional(integer(1, 1024)),
  replication_factor: optional(integer(1, 9)),
  write_consistency_factor: optional(integer(1, 9)),
  sharding_method: onlyYet('auto'),
  hnsw_config: optional(hnswConfig),
  optimizers_config: optional(optimizersConfig),
  wal_config: optional(walConfig),
  on_disk_payload: optional(z.boolean()),
  metadata: optional(jsonObject),
  read_fan_out_factor: notYet,
  read_fan_out_delay_ms: notYet,
  quantization_config: notYet,
  init_from: notYet,
  payload: notYet,
  strict_mode_config: z.unknown().optional(),
  sparse_vectors: z.unknown().optional(),
});

/** They live in a Kubernetes object, of which no more than about a megabyte can be stored. */
const mostHintBytes = 256 * 1024;
const mostVectors = 64;

type HnswBody = z.output<typeof hnswConfig> | undefined;
type VectorBody = z.output<typeof vectorParams>;
type NamedVectorBody = readonly [name: string, params: VectorBody];

export function readNewCollection(body: BodyObject): NewCollection {
  const given = parseFields(newCollection, body);
  for (const name of ['sparse_vectors', 'strict_mode_config'] as const) {
    if (!changesNothing(body[name])) throw unsupportedField(name);
  }
  const vectors = namedVectors(body['vectors']);
  const hints = withoutUndefined({
    optimizers_config: given.optimizers_config,
    wal_config: given.wal_config,
    on_disk_payload: given.on_disk_payload,
    metadata: given.metadata === undefined ? undefined : kubernetesJson(given.metadata),
    write_consistency_factor: given.write_consistency_factor,
    hnsw_config: hnswHints(given.hnsw_config),
    vectors: vectorHints(vectors),
  });
  const hintBytes = hints === undefined ? 0 : JSON.stringify(hints).length;
  if (hintBytes > mostHintBytes) throw limitExceeded('bytes of metadata and hints', hintBytes, mostHintBytes);
  const hnsw = hnswSpec(given.hnsw_config);
  return {
    vectors: vectors.map(vectorSpec),
    ...(given.shard_number !== undefined && { shards: given.shard_number }),
    ...(given.replication_factor !== undefined && { replicationFactor: given.replication_factor }),
    ...(hnsw !== undefined && { hnsw }),
    ...(hints !== undefined && { hints }),
  };
}

/** One vector without a name, or a map by name. */
function namedVectors(value: BodyValue | undefined): readonly NamedVectorBody[] {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) throw formatError('vectors: expected an object');
  if (Object.hasOwn(value, 'size') && !isObject(value['size'] ?? null)) return [['', parseFields(vectorParams, value)]];
  const names = Object.keys(value);
  if (names.length > mostVectors) throw limitExceeded('named vectors', names.length, mostVectors);
  return Object.entries(value).map(([name, params]) => {
    if (Buffer.byteLength(name) > 200)
      throw formatError(`vectors: a vector name has at most 200 bytes, this one ${Buffer.byteLength(name)}`);
    return [name, parseFields(vectorParams, params, `vectors.${name}`)];
  });
}

function vectorSpec([name, { size, distance, hnsw_config, on_disk }]: NamedVectorBody): VectorParams {
  const hnsw = hnswSpec(hnsw_config);
  return { name, size, distance, ...(hnsw !== undefined && { hnsw }), ...(on_disk !== undefined && { onDisk: on_disk }) };
}

function hnswSpec(given: HnswBody): NewCollection['hnsw'] {
  return withoutUndefined({ m: given?.m, efConstruct: given?.ef_construct, fullScanThresholdKb: given?.full_scan_threshold });
}

/** What the specification has no field for. */
function hnswHints(given: HnswBody) {
  return withoutUndefined({
    max_indexing_threads: given?.max_indexing_threads,
    on_disk: given?.on_disk,
    payload_m: given?.payload_m,
    inline_storage: given?.inline_storage,
  });
}

function vectorHints(vectors: readonly NamedVectorBody[]) {
  const hints = vectors.map(([name, { hnsw_config, datatype }]) => [
    name,
    withoutUndefined({ hnsw_config: hnswHints(hnsw_config), datatype }),
  ]);
  return withoutUndefined(Object.fromEntries(hints));
}

/** Undefined when nothing is left. */
function withoutUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } | undefined {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same fields, less those undefined
  return set.length === 0 ? undefined : (Object.fromEntries(set) as { [K in keyof T]?: Exclude<T[K], undefined> });
}

/** An empty or switched-off setting of a feature that is not served. */
function changesNothing(value: BodyValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  return isObject(value) && (Object.keys(value).length === 0 || ('enabled' in value && value['enabled'] === false));
}

/** Kubernetes has no numbers beyond 64-bit floats and signed integers: metadata passes through it. */
function kubernetesJson(value: JsonValue): unknown {
  if (value instanceof JsonFloat) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(kubernetesJson);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, kubernetesJson(member)]));
}
