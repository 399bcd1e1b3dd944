/** Collection settings in, collection information out; both go by the names of the REST API in between. */
import { create, fromJson, type JsonValue as ProtoJson } from '@bufbuild/protobuf';
import {
  CollectionConfigSchema,
  CollectionInfoSchema,
  CollectionParamsSchema,
  CollectionStatus,
  HnswConfigDiffSchema,
  OptimizersConfigDiffSchema,
  ShardingMethod,
  StrictModeConfigSchema,
  VectorParamsSchema,
  VectorsConfigSchema,
  WalConfigDiffSchema,
  type CollectionInfo as CollectionInfoMessage,
  type CreateCollection,
  type VectorParams,
  type VectorsConfig,
} from '@vectorcluster/proto/gen/qdrant/collections_pb.ts';
import type { CollectionInfo, NewCollection } from '../../coordinator/database.ts';
import type { BodyObject, BodyValue } from '../../json/lossless-json.ts';
import { parseJson } from '../../json/lossless-json.ts';
import type { JsonObject } from '../../model/json-value.ts';
import { collectionEcho, type CollectionEcho } from '../collection-echo.ts';
import { unsupportedField } from '../errors.ts';
import { readNewCollection } from '../rest/collection-body.ts';
import { fromFields, toFields } from './json-values.ts';
import { publicFields } from './public-fields.ts';

export function fromCreateCollection(message: CreateCollection): NewCollection {
  if (message.sparseVectorsConfig !== undefined && Object.keys(message.sparseVectorsConfig.map).length > 0)
    throw unsupportedField('sparse_vectors_config');
  if (message.quantizationConfig !== undefined) throw unsupportedField('quantization_config');
  if (message.payload !== undefined) throw unsupportedField('payload');
  if (message.shardingMethod === ShardingMethod.Custom) throw unsupportedField('sharding_method');
  const fields: Record<string, BodyValue | undefined> = {
    vectors: fromVectorsConfig(message.vectorsConfig),
    shard_number: message.shardNumber,
    replication_factor: message.replicationFactor,
    write_consistency_factor: message.writeConsistencyFactor,
    on_disk_payload: message.onDiskPayload,
    hnsw_config: publicFields(HnswConfigDiffSchema, message.hnswConfig),
    optimizers_config: fromOptimizers(message),
    wal_config: publicFields(WalConfigDiffSchema, message.walConfig),
    strict_mode_config: publicFields(StrictModeConfigSchema, message.strictModeConfig),
    metadata: Object.keys(message.metadata).length === 0 ? undefined : fromFields(message.metadata),
  };
  return readNewCollection(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null])));
}

export function toCollectionInfo(info: CollectionInfo): CollectionInfoMessage {
  const echo = collectionEcho(info.spec, info.shardNumber);
  return create(CollectionInfoSchema, {
    status: { green: CollectionStatus.Green, yellow: CollectionStatus.Yellow, red: CollectionStatus.Red }[info.status],
    optimizerStatus: { ok: true },
    segmentsCount: BigInt(info.segmentsCount),
    pointsCount: BigInt(info.pointsCount),
    indexedVectorsCount: BigInt(info.indexedVectorsCount),
    config: create(CollectionConfigSchema, {
      params: create(CollectionParamsSchema, {
        shardNumber: echo.params.shard_number,
        replicationFactor: echo.params.replication_factor,
        writeConsistencyFactor: echo.params.write_consistency_factor,
        onDiskPayload: echo.params.on_disk_payload,
        vectorsConfig: toVectorsConfig(info, echo),
      }),
      hnswConfig: fromJson(HnswConfigDiffSchema, protoJson(echo.hnsw_config)),
      optimizerConfig: toOptimizers(echo.optimizer_config),
      walConfig: fromJson(WalConfigDiffSchema, protoJson(echo.wal_config)),
      ...(echo.metadata !== undefined && { metadata: toFields(exact(echo.metadata)) }),
    }),
  });
}

function fromVectorsConfig(config: VectorsConfig | undefined): BodyObject | undefined {
  const options = config?.config;
  if (options?.case === 'params') return fromVectorParams(options.value);
  if (options?.case !== 'paramsMap') return undefined;
  return Object.fromEntries(Object.entries(options.value.map).map(([name, params]) => [name, fromVectorParams(params)]));
}

function fromVectorParams(params: VectorParams): BodyObject {
  const { datatype, ...fields } = publicFields(VectorParamsSchema, params) ?? {};
  return typeof datatype !== 'string' || datatype === 'Default' ? fields : { ...fields, datatype: datatype.toLowerCase() };
}

function fromOptimizers({ optimizersConfig }: CreateCollection): BodyObject | undefined {
  const fields = publicFields(OptimizersConfigDiffSchema, optimizersConfig);
  if (fields === undefined) return undefined;
  const { max_optimization_threads: _nested, deprecated_max_optimization_threads: older, ...rest } = fields;
  const threads = optimizersConfig?.maxOptimizationThreads?.variant;
  const value = threads?.case === 'value' ? Number(threads.value) : threads?.case === 'setting' ? 'auto' : older;
  return value === undefined ? rest : { ...rest, max_optimization_threads: value };
}

function toOptimizers({ max_optimization_threads: threads, ...rest }: CollectionEcho['optimizer_config']) {
  const variant = threads === 'auto' ? { setting: 'Auto' } : { value: threads };
  const fields = threads === undefined ? rest : { ...rest, max_optimization_threads: variant };
  return fromJson(OptimizersConfigDiffSchema, protoJson(fields));
}

function toVectorsConfig(info: CollectionInfo, { params: { vectors } }: CollectionEcho): VectorsConfig {
  const unnamed = info.spec.vectors.length === 1 && info.spec.vectors[0]?.name === '';
  const config = unnamed ? { params: vectorJson(vectors) } : { params_map: { map: eachVector(vectors) } };
  return fromJson(VectorsConfigSchema, protoJson(config));
}

function eachVector(vectors: object): object {
  return Object.fromEntries(Object.entries(vectors).map(([name, params]: [string, unknown]) => [name, vectorJson(params)]));
}

/** `datatype` is an enum by another spelling. */
function vectorJson(params: unknown): object {
  const fields: object = typeof params === 'object' && params !== null ? params : {};
  return 'datatype' in fields ? { ...fields, datatype: 'Float32' } : fields;
}

function protoJson(value: object): ProtoJson {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse yields nothing else
  return JSON.parse(JSON.stringify(value)) as ProtoJson;
}

function exact(value: object): JsonObject {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the text of an object parses as an object
  return parseJson(JSON.stringify(value)) as JsonObject;
}
