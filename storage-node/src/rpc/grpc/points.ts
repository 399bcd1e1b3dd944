/** Points and results of writes. */
import { create } from '@bufbuild/protobuf';
import {
  RetrievedPointSchema,
  ScoredPointSchema,
  UpdateMode,
  UpdateResultSchema,
  UpdateStatus,
  type PointStruct,
  type RetrievedPoint,
  type ScoredPoint as ScoredPointMessage,
  type UpdateResult,
  type UpsertPoints,
} from '@vectorcluster/proto/gen/qdrant/points_pb.ts';
import type { WriteOutcome } from '../../coordinator/database.ts';
import type { CollectionConfig } from '../../model/collection.ts';
import type { Point, PointRecord, ScoredPoint } from '../../model/point.ts';
import { unsupportedField } from '../errors.ts';
import type { RequestLimits } from '../limits.ts';
import { checkPayload } from '../request-rules.ts';
import { fromFields, toFields } from './json-values.ts';
import { fromPointId, toPointId } from './point-ids.ts';
import { fromVectors, toVectors } from './vectors.ts';

export function fromUpsert(message: UpsertPoints, collection: CollectionConfig, limits: RequestLimits): readonly Point[] {
  if (message.shardKeySelector !== undefined) throw unsupportedField('shard_key_selector');
  if (message.updateFilter !== undefined) throw unsupportedField('update_filter');
  if ((message.updateMode ?? UpdateMode.Upsert) !== UpdateMode.Upsert) throw unsupportedField('update_mode');
  return message.points.map((point) => fromPoint(point, collection, limits));
}

export function toRetrievedPoint(record: PointRecord): RetrievedPoint {
  return create(RetrievedPointSchema, content(record));
}

export function toScoredPoint(point: ScoredPoint): ScoredPointMessage {
  return create(ScoredPointSchema, { ...content(point), score: point.score, version: BigInt(point.version) });
}

export function toUpdateResult({ status, operationId }: WriteOutcome): UpdateResult {
  return create(UpdateResultSchema, {
    status: status === 'completed' ? UpdateStatus.Completed : UpdateStatus.Acknowledged,
    ...(operationId !== undefined && { operationId: BigInt(operationId) }),
  });
}

function fromPoint(point: PointStruct, collection: CollectionConfig, limits: RequestLimits): Point {
  return {
    id: fromPointId(point.id),
    vectors: fromVectors(point.vectors, collection),
    payload: checkPayload(fromFields(point.payload), limits),
  };
}

function content({ id, payload, vectors }: PointRecord) {
  return {
    id: toPointId(id),
    ...(payload !== undefined && { payload: toFields(payload) }),
    ...(vectors !== undefined && { vectors: toVectors(vectors) }),
  };
}
